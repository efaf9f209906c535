import { button, element } from '../elements.ts';
import type { PageEngine } from '../engine.ts';
import { format } from '../format.ts';
import { choice, slider } from './controls.ts';
import { FilmPanel } from './film_panel.ts';
import { GradientCurves } from './gradient_curves.ts';
import { Lane } from './lane.ts';
import { LossCurves } from './loss_curves.ts';
import { answersOf, mapped, RACERS, type Racer, type RaceSettings, testSet } from './models.ts';
import type { Live, Shot } from './race.ts';
import { LEARNED, type Score, scoreOf } from './score.ts';
import { TASK_NAMES, TASKS, type TaskName } from './tasks.ts';
import { type LearnTexts, REFERENCES } from './texts.ts';
import { Verdict } from './verdict.ts';

/** Where a visitor who chooses nothing starts. */
const USUAL: RaceSettings = { task: 'wave', delay: TASKS.wave.delays.usual, seed: 0 };

interface LearnPanelOptions {
  engine: PageEngine;
  texts: LearnTexts;
  fail: (error: unknown) => void;
  /** The settings have changed; a link may hold them. */
  onSettings: (settings: RaceSettings) => void;
}

/** A race under way, or over. */
interface Run {
  settings: RaceSettings;
  answers: Float32Array;
  verdict: Verdict;
  stopper: AbortController;
  newest: Shot | undefined;
  isOver: boolean;
}

/** A task that needs memory, and three networks that learn it side by side. */
export class LearnPanel {
  readonly #options: LearnPanelOptions;
  readonly #host: HTMLElement;
  readonly #texts: LearnTexts;
  readonly #about = element('p', 'about');
  readonly #task: ReturnType<typeof choice<TaskName>>;
  readonly #delay: ReturnType<typeof slider>;
  readonly #toggle = button('', () => this.#setWanted(!this.#isRunning), 'race-toggle');
  readonly #again = button('', () => this.#restart(), 'race-again');
  readonly #seed = button('', () => this.#change({ seed: this.#settings.seed + 1 }), 'race-seed');
  readonly #step = element('p', 'race-step');
  readonly #status = element('p', 'race-status');
  readonly #pictureNote = element('p', 'note');
  readonly #lanes: Readonly<Record<Racer, Lane>>;
  readonly #curves: LossCurves;
  readonly #gradients: GradientCurves;
  readonly #film: FilmPanel;
  #settings = USUAL;
  #run: Run | undefined;
  /** The visitor wants it to run. */
  #isWanted = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  /** The section is in sight. */
  #isSeen = false;
  #hasDevice = false;
  /** The frame that is looked at; undefined: the newest. */
  #scrubbed: number | undefined;
  #isAsking = false;

  /** @param host an empty section, which is filled. */
  constructor(host: HTMLElement, options: LearnPanelOptions) {
    this.#options = options;
    this.#host = host;
    this.#texts = options.texts;
    const { texts } = options;
    this.#task = choice(texts.task, TASK_NAMES, {
      label: (name) => texts.tasks[name],
      chosen: USUAL.task,
      onChoose: (task) => this.#change({ task, delay: TASKS[task].delays.usual }),
    });
    this.#delay = slider(
      texts.delay,
      { min: 1, max: 1, value: 1 },
      (delay) => this.#change({ delay }),
      (delay) => texts.delayOf(format.count(delay)),
    );
    this.#delay.input.dataset.testid = 'delay';
    this.#lanes = mapped((racer) => new Lane(racer, texts));
    const [losses, gradients] = [chartHost('race-losses'), chartHost('race-gradients')];
    this.#curves = new LossCurves(losses, texts);
    this.#gradients = new GradientCurves(gradients, texts);
    this.#film = new FilmPanel(texts, { onLook: () => void this.#redraw(), onScrub: (number) => this.#scrub(number) });
    this.#toggle.className = 'primary';
    this.#again.textContent = texts.again;
    this.#seed.textContent = texts.otherSeed;
    this.#status.setAttribute('role', 'status');
    this.#status.dataset.testid = 'race-status';
    this.#step.dataset.testid = 'race-step';
    this.#build(losses, gradients);
    this.fromState({});
    new IntersectionObserver(([entry]) => this.#see(entry!.isIntersecting)).observe(host);
    document.addEventListener('visibilitychange', () => this.#update());
  }

  /** The settings, as a link may hold them. */
  toState(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.#settings).map(([name, value]) => [name, String(value)]));
  }

  /** Takes settings out of a link; defaults for what is missing or no number, the nearest for what is out of range. */
  fromState(state: Readonly<Record<string, string>>): void {
    const task = TASK_NAMES.find((name) => name === state.task) ?? USUAL.task;
    const { least, usual, most } = TASKS[task].delays;
    const whole = (text: string | undefined, from: number, to: number, otherwise: number) =>
      /^\d{1,9}$/.test(text ?? '') ? Math.min(to, Math.max(from, Number(text))) : otherwise;
    this.#settings = {
      task,
      delay: whole(state.delay, least, most, usual),
      seed: whole(state.seed, 0, 1e9, USUAL.seed),
    };
    this.#restart();
  }

  /** There is a device: the race may start. */
  deviceFound(): void {
    this.#hasDevice = true;
    this.#update();
  }

  #change(change: Partial<RaceSettings>): void {
    this.#settings = { ...this.#settings, ...change };
    this.#options.onSettings(this.#settings);
    this.#restart();
  }

  #setWanted(wanted: boolean): void {
    if (wanted && this.#run?.isOver) this.#restart();
    this.#isWanted = wanted;
    this.#update();
  }

  #see(isSeen: boolean): void {
    this.#isSeen = isSeen;
    this.#update();
  }

  get #isRunning(): boolean {
    return this.#isWanted && !this.#run?.isOver;
  }

  /** From the beginning, with the current settings; at once where it runs already. */
  #restart(): void {
    this.#run?.stopper.abort();
    this.#run = undefined;
    this.#scrubbed = undefined;
    this.#curves.clear();
    this.#film.clear();
    const { task, delay } = this.#settings;
    const { delays, answerSteps, loss, outputSize } = TASKS[task];
    this.#task.choose(task);
    Object.assign(this.#delay.input, { min: delays.least, max: delays.most, value: delay });
    this.#delay.showValue();
    this.#about.textContent = this.#texts.about[task];
    const { wave, classes, adding } = this.#texts.picture;
    const right = format.percent((1 + LEARNED * (outputSize - 1)) / outputSize);
    const most = format.percent(1 - LEARNED);
    this.#pictureNote.textContent =
      answerSteps > 1 ? wave(most) : loss === 'crossEntropy' ? classes(right) : adding(most);
    this.#step.textContent = this.#texts.step(format.count(0));
    for (const racer of RACERS) this.#lanes[racer].clear();
    this.#say(this.#texts.racing);
    this.#update();
  }

  /** Starts, pauses or resumes, as wanted. */
  #update(): void {
    const runs = this.#isRunning && this.#isSeen && this.#hasDevice && document.visibilityState === 'visible';
    const { engine } = this.#options;
    const { pause, resume, start, rerun } = this.#texts;
    const isOver = this.#run?.isOver === true;
    this.#toggle.textContent = isOver ? rerun : this.#isRunning ? pause : this.#run ? resume : start;
    this.#again.hidden = isOver; // it would do the same
    this.#toggle.disabled = !this.#hasDevice;
    if (!this.#hasDevice) this.#say(this.#texts.waiting);
    else if (!this.#run) this.#say(this.#isRunning ? this.#texts.racing : this.#texts.ready);
    if (runs && !this.#run) void this.#race();
    else if (this.#run && !this.#run.isOver) void engine.call('pauseRace', !runs).catch(lostWithWorker);
  }

  async #race(): Promise<void> {
    const settings = this.#settings;
    const answers = answersOf(TASKS[settings.task], testSet(settings));
    const verdict = new Verdict(this.#texts, format.count);
    const run: Run = { settings, answers, verdict, stopper: new AbortController(), newest: undefined, isOver: false };
    this.#run = run;
    const { signal } = run.stopper;
    try {
      const { call } = await this.#options.engine.connect();
      if (signal.aborted) return;
      await call('race', settings, this.#film.look, { signal, onFrame: (live) => this.#onFrame(run, live) });
      run.isOver = true;
      if (run.newest) this.#showStatus(run, run.newest);
    } catch (error) {
      if (signal.aborted) return;
      this.#run = undefined;
      this.#isWanted = false;
      this.#options.fail(error);
    }
    this.#update();
  }

  /** Draws in the next picture of the screen; the race sends the frame after it once that is done. */
  async #onFrame(run: Run, live: Live): Promise<void> {
    await nextPicture();
    if (this.#run !== run) return;
    run.newest = live;
    const scores = scoresOf(run, live);
    run.verdict.record(
      live.step,
      mapped((racer) => scores[racer].skill),
    );
    this.#curves.add(live.curve);
    this.#film.setRange(live.number, live.every);
    if (this.#scrubbed === undefined) this.#draw(run, live, scores);
    if (live.step > 0 && performance.getEntriesByName('first-movement').length === 0)
      performance.mark('first-movement');
  }

  #draw(run: Run, shot: Shot, scores = scoresOf(run, shot)): void {
    const { settings, answers, newest } = run;
    const task = TASKS[settings.task];
    const isLive = this.#scrubbed === undefined;
    for (const racer of RACERS) this.#lanes[racer].show({ task, outputs: shot.outputs[racer], answers }, scores[racer]);
    this.#gradients.show(shot.flows);
    this.#curves.mark(isLive ? undefined : shot.step);
    this.#film.show(shot, newest!.step, isLive);
    this.#step.textContent = this.#texts.step(format.count(shot.step));
    this.#showStatus(run, shot);
  }

  #showStatus({ settings: { task, delay }, verdict, newest, isOver }: Run, { step }: Shot): void {
    this.#say(verdict.text({ own: delay, long: TASKS[task].delays.long }, step, isOver && step === newest!.step));
  }

  /** A status is read aloud on every change, so it changes only when its words do. */
  #say(text: string): void {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }

  /** Shows a frame of the film, while the race goes on. @param number undefined: the newest again. */
  #scrub(number: number | undefined): void {
    this.#scrubbed = number;
    void this.#redraw();
  }

  /** Asks for the frame that is looked at, and once more where another one was asked for meanwhile. */
  async #redraw(): Promise<void> {
    const { engine } = this.#options;
    const run = this.#run;
    if (!run?.newest || this.#isAsking) return;
    this.#isAsking = true;
    try {
      for (let asked: string | undefined; asked !== this.#asked; ) {
        asked = this.#asked;
        const shot = await engine.call('shotOfRace', this.#film.look, this.#scrubbed).catch(lostWithWorker);
        if (shot && this.#run === run) this.#draw(run, shot);
      }
    } finally {
      this.#isAsking = false;
    }
  }

  get #asked(): string {
    return JSON.stringify([this.#film.look, this.#scrubbed]);
  }

  #build(losses: HTMLElement, gradients: HTMLElement): void {
    const texts = this.#texts;
    const title = element('h2', '', texts.title);
    title.id = 'learn-title';
    const buttons = element('div', 'buttons');
    buttons.append(this.#toggle, this.#again, this.#seed);
    const settings = element('div', 'race-settings');
    settings.append(this.#task.host, this.#about, this.#delay.label, buttons);
    const lanes = element('div', 'lanes');
    lanes.append(...RACERS.map((racer) => this.#lanes[racer].host));
    const track = element('div', 'race-track');
    track.append(this.#step, lanes, this.#status, this.#pictureNote);
    const race = element('div', 'panel race');
    race.append(settings, track);
    const intro = element('div', 'learn-intro');
    intro.append(title, element('p', 'lead', texts.intro));
    const charts = element('div', 'panel race-charts');
    charts.append(titled(texts.lossTitle, losses), titled(texts.gradientTitle, gradients, texts.gradientNote));
    const { scrub, host: film } = this.#film;
    this.#host.replaceChildren(intro, race, scrub, charts, reasons(texts), film, referenceList(texts));
  }
}

const scoresOf = ({ settings, answers }: Run, { outputs }: Shot): Record<Racer, Score> =>
  mapped((racer) => scoreOf(TASKS[settings.task], outputs[racer], answers));

function chartHost(testId: string): HTMLElement {
  const host = element('div', 'chart short');
  host.dataset.testid = testId;
  return host;
}

function titled(title: string, chart: HTMLElement, note = ''): HTMLElement {
  const part = element('div');
  part.append(element('h3', '', title), chart, element('p', 'note', note));
  return part;
}

/** Why the plain RNN forgets. */
function reasons(texts: LearnTexts): HTMLElement {
  const prose = element('div', 'reasons');
  prose.append(...texts.reasons.map((text) => element('p', '', text)));
  const part = element('section', 'panel');
  part.append(element('h3', '', texts.reasonTitle), prose);
  return part;
}

function referenceList(texts: LearnTexts): HTMLElement {
  const list = element('ul', 'references');
  for (const [who, what, href] of REFERENCES) {
    const link = Object.assign(document.createElement('a'), { href, lang: 'en', textContent: what });
    const item = element('li', '', `${who}: `);
    item.append(link);
    list.append(item);
  }
  const part = document.createElement('details');
  part.append(element('summary', '', texts.references), list);
  return part;
}

/** A worker that is gone has ended the race, too, which reports it. */
const lostWithWorker = () => undefined;

const nextPicture = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));
