import { button, element } from '../elements.ts';
import { format } from '../format.ts';
import { InsideView } from '../inside/inside_view.ts';
import { texts as all } from '../texts/index.ts';
import { choice, slider } from './controls.ts';
import { RACERS, TESTED } from './models.ts';
import type { Look, Shot } from './race.ts';
import type { LearnTexts } from './texts.ts';

/** The states are redrawn no more often than this: it is more than the eye can follow, and they are many canvases. */
const REDRAWN_EVERY_MS = 100;

interface FilmPanelOptions {
  /** Another model or sample is to be looked at. */
  onLook: (look: Look) => void;
  /** A frame of the film is asked for; undefined: the newest, live. */
  onScrub: (number: number | undefined) => void;
}

/** Gates and states of a network while it learns. */
export class FilmPanel {
  readonly host = element('section', 'panel film');
  /** A slider that goes back over training, for all that is drawn of it. */
  readonly scrub = element('div', 'film-scrub');
  readonly #texts: LearnTexts;
  readonly #place: HTMLElement;
  readonly #slider: HTMLInputElement;
  readonly #live: HTMLButtonElement;
  readonly #view: InsideView;
  #look: Look = { racer: 'LSTM', sample: 0 };
  #isVisible = false;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  /** Draws the newest frame; undefined: it is drawn. */
  #draw: (() => void) | undefined;

  constructor(texts: LearnTexts, { onLook, onScrub }: FilmPanelOptions) {
    this.#texts = texts;
    this.#view = new InsideView({ ...all.inside, at: texts.inputAt });
    const look = (change: Partial<Look>) => {
      this.#look = { ...this.#look, ...change };
      this.#drawnMs = Number.NEGATIVE_INFINITY; // what was asked for is drawn at once
      onLook(this.#look);
    };
    const network = choice(texts.network, RACERS, {
      ...{ label: (racer) => texts.racers[racer], chosen: 'LSTM', onChoose: (racer) => look({ racer }) },
    });
    const sequence = slider(texts.sequence, { min: 1, max: TESTED, value: 1 }, (value) => look({ sample: value - 1 }));
    const film = slider(texts.film, { min: 0, max: 0, value: 0 }, (number) => onScrub(number));
    this.#slider = film.input;
    this.#slider.dataset.testid = 'film';
    this.#place = film.place;
    this.#place.dataset.testid = 'film-place';
    this.#live = button(texts.live, () => onScrub(undefined), 'film-live');
    const controls = element('div', 'film-controls');
    controls.append(network.host, sequence.label);
    this.scrub.append(film.label, this.#live);
    const title = element('h3', '', texts.filmTitle);
    title.id = 'film-title';
    this.host.setAttribute('aria-labelledby', title.id);
    this.host.append(title, element('p', 'prose', texts.gates), controls, this.#view.host);
    new IntersectionObserver(([entry]) => {
      this.#isVisible = entry!.isIntersecting;
      if (this.#isVisible) this.#draw?.(); // of a race at rest, no other frame comes
    }).observe(this.host);
  }

  get look(): Look {
    return this.#look;
  }

  /** Another film begins. */
  clear(): void {
    this.#draw = undefined;
    this.#place.textContent = this.#texts.filmAt(format.count(0), format.count(0));
    this.#view.clear();
  }

  /** The length of the film. @param every distance between frames that are kept. */
  setRange(newest: number, every: number): void {
    this.#slider.max = String(newest);
    this.#slider.step = String(every);
  }

  /** @param newest step of the race. @param isLive the newest frame, which moves on. */
  show({ number, step, layer }: Shot, newest: number, isLive: boolean): void {
    if (isLive) this.#slider.value = String(number);
    this.#live.setAttribute('aria-pressed', String(isLive));
    this.#view.announces = !isLive;
    this.#place.textContent = this.#texts.filmAt(format.count(step), format.count(newest));
    this.#slider.setAttribute('aria-valuetext', this.#place.textContent);
    this.#view.measure(layer.pictures);
    clearTimeout(this.#waiting);
    const isFirst = this.#drawnMs === Number.NEGATIVE_INFINITY;
    this.#draw = () => {
      this.#draw = undefined;
      this.#drawnMs = performance.now();
      this.#view.show(layer);
    };
    if (!isLive) this.#draw();
    else if (isFirst || this.#isVisible)
      // in a task of its own, so that none is long
      this.#waiting = setTimeout(
        () => this.#draw?.(),
        Math.max(0, this.#drawnMs + REDRAWN_EVERY_MS - performance.now()),
      );
  }
}
