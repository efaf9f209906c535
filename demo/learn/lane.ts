import { BY_CPU } from '../../src/charts/canvas.ts';
import { element } from '../elements.ts';
import { format } from '../format.ts';
import type { Racer } from './models.ts';
import { classOf, probabilityOf, type Score } from './score.ts';
import type { Task } from './tasks.ts';
import type { LearnTexts } from './texts.ts';

/** What a picture is drawn from. */
export interface Answers {
  task: Task;
  /** [S, A, O] */
  outputs: Float32Array;
  /** [S, A] */
  answers: Float32Array;
}

/** CSS pixels of a picture's margin, of a dot's radius, and of the letters on its axes with the margins that they take. */
const [MARGIN, RADIUS] = [8, 3];
const [LETTERS, LEFT, BOTTOM] = [11, 18, 20];
/** As high as a score: nothing moves when there is one. */
const NO_SCORE = '\u00a0';
/** Waves drawn below one another: the slowest, the middle and the fastest of the test set. */
const WAVES = 3;

/** A network in the race: its answers as a picture that bends toward the truth, and its score. */
export class Lane {
  readonly host = element('section', 'lane');
  readonly #racer: Racer;
  readonly #texts: LearnTexts;
  readonly #canvas = document.createElement('canvas');
  readonly #score = element('p', 'lane-score', NO_SCORE);
  #shown: Answers | undefined;
  /** Of the scheme that is shown: to read them takes longer than to draw. */
  #colors: Pen['colors'] | undefined;

  constructor(racer: Racer, texts: LearnTexts) {
    this.#racer = racer;
    this.#texts = texts;
    this.host.classList.add(racer.toLowerCase());
    this.host.dataset.testid = `lane-${racer}`;
    this.#canvas.className = 'lane-picture';
    this.#canvas.setAttribute('role', 'img');
    const name = element('h3', '', texts.racers[racer]);
    const head = element('div', 'lane-head');
    head.append(name, this.#score);
    this.host.append(head, this.#canvas, element('p', 'note', texts.racerNotes[racer]));
    new ResizeObserver(() => this.#draw()).observe(this.#canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#colors = undefined;
      this.#draw();
    });
  }

  show(answers: Answers, { kind, value, guess }: Score): void {
    this.#shown = answers;
    const { right, error, racers, pictureOf } = this.#texts;
    this.#score.textContent = kind === 'right' ? right(format.percent(value)) : error(format.percent(value / guess));
    this.#canvas.setAttribute('aria-label', pictureOf(racers[this.#racer], this.#score.textContent));
    this.#draw();
  }

  /** Shows nothing, until another race has a frame. */
  clear(): void {
    this.#shown = undefined;
    this.#score.textContent = NO_SCORE;
    this.#canvas.removeAttribute('aria-label');
    this.#canvas.width = 0;
  }

  #readColors(): Pen['colors'] {
    const style = getComputedStyle(this.#canvas);
    const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
    return { own: color('own'), truth: color('truth'), line: color('line'), text: color('muted'), card: color('card') };
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const context = this.#canvas.getContext('2d', BY_CPU);
    if (!this.#shown || !context || width === 0) return;
    this.#canvas.width = width * devicePixelRatio;
    this.#canvas.height = height * devicePixelRatio;
    context.scale(devicePixelRatio, devicePixelRatio);
    this.#colors ??= this.#readColors();
    const { task } = this.#shown;
    const hasAxes = task.answerSteps === 1;
    const pen = new Pen(context, { width, height, hasAxes }, this.#colors);
    if (!hasAxes) drawWaves(pen, this.#shown);
    else if (task.loss === 'crossEntropy') drawClasses(pen, this.#shown, this.#texts.guess);
    else drawNumbers(pen, this.#shown, this.#texts.guess);
  }
}

/** Draws in shares of the picture: x to the right, y up, each from 0 to 1. */
class Pen {
  readonly colors: Readonly<Record<'own' | 'truth' | 'line' | 'text' | 'card', string>>;
  readonly #context: CanvasRenderingContext2D;
  readonly #size: { width: number; height: number };
  readonly #left: number;
  readonly #bottom: number;

  constructor(
    context: CanvasRenderingContext2D,
    { hasAxes, ...size }: { width: number; height: number; hasAxes: boolean },
    colors: Pen['colors'],
  ) {
    this.#context = context;
    this.#size = size;
    this.colors = colors;
    [this.#left, this.#bottom] = hasAxes ? [LEFT, BOTTOM] : [MARGIN, MARGIN];
    context.font = `${LETTERS}px system-ui, sans-serif`;
    context.textBaseline = 'middle';
  }

  #at(x: number, y: number): [number, number] {
    const { width, height } = this.#size;
    const within = Math.max(-0.05, Math.min(1.05, y));
    const [wide, high] = [width - this.#left - MARGIN, height - this.#bottom - MARGIN];
    return [this.#left + x * wide, MARGIN + (1 - within) * high];
  }

  /** Text below the picture, left of it, or above a line, toward its right end. */
  text(text: string, at: { x: number } | { y: number } | { above: number }): void {
    const context = this.#context;
    const { width, height } = this.#size;
    const [left, top] =
      'x' in at
        ? [this.#at(at.x, 0)[0], height - LETTERS / 2 - 2]
        : 'y' in at
          ? [this.#left - 6, this.#at(0, at.y)[1]]
          : [width - MARGIN, this.#at(0, at.above)[1] - LETTERS / 2 - 2];
    context.textAlign = 'x' in at ? 'center' : 'right';
    context.strokeStyle = this.colors.card; // around letters that stand over dots
    context.lineWidth = 3;
    context.strokeText(text, left, top);
    context.fillStyle = this.colors.text;
    context.fillText(text, left, top);
  }

  line(points: readonly (readonly [number, number])[], color: string, width = 1, dash: number[] = []): void {
    const context = this.#context;
    context.beginPath();
    for (const [x, y] of points) context.lineTo(...this.#at(x, y));
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineJoin = 'round';
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
  }

  dot(x: number, y: number, isFilled: boolean): void {
    const context = this.#context;
    context.beginPath();
    context.arc(...this.#at(x, y), RADIUS, 0, 2 * Math.PI);
    context.fillStyle = this.colors.own;
    context.strokeStyle = this.colors.own;
    context.lineWidth = 1.25;
    context.globalAlpha = isFilled ? 0.8 : 0.7;
    if (isFilled) context.fill();
    else context.stroke();
    context.globalAlpha = 1;
  }
}

/** To the right the classes, up the probability of the right one. */
function drawClasses(
  pen: Pen,
  { task: { outputSize: O, classes = [] }, outputs, answers }: Answers,
  guess: string,
): void {
  for (const [k, name] of classes.entries()) pen.text(name, { x: (k + 0.5) / O });
  for (const y of [0, 1]) pen.text(String(y), { y });
  for (let k = 1; k < O; k++) pen.line([[k / O, 0], [k / O, 1]], pen.colors.line); // biome-ignore format: points
  pen.line([[0, 1], [1, 1]], pen.colors.truth, 1.5); // biome-ignore format: points
  pen.line([[0, 1 / O], [1, 1 / O]], pen.colors.truth, 1, [4, 3]); // biome-ignore format: points
  for (const [k, answer] of answers.entries()) {
    const place = ((7 * k) % 12) / 12; // dots of a class are side by side
    pen.dot(
      (answer + 0.12 + 0.76 * place) / O,
      probabilityOf(outputs, k, O, answer),
      classOf(outputs, k, O) === answer,
    );
  }
  pen.text(guess, { above: 1 / O });
}

/** To the right the true sum, up the answer, both from 0 to 2. */
function drawNumbers(pen: Pen, { outputs, answers }: Answers, guess: string): void {
  for (const value of [0, 1, 2]) {
    pen.text(String(value), { x: value / 2 });
    pen.text(String(value), { y: value / 2 });
  }
  pen.line([[0, 0], [1, 1]], pen.colors.truth, 1.5); // biome-ignore format: points
  pen.line([[0, 0.5], [1, 0.5]], pen.colors.truth, 1, [4, 3]); // biome-ignore format: points
  for (const [k, answer] of answers.entries()) pen.dot(answer / 2, outputs[k]! / 2, true);
  pen.text(guess, { above: 0.5 });
}

/** Waves below one another, from the slowest to the fastest. */
function drawWaves(pen: Pen, { task: { answerSteps: A }, outputs, answers }: Answers): void {
  const last = (k: number) =>
    answers.subarray(k * A, (k + 1) * A).reduce((turns, y, a, all) => turns + Math.abs(y - (all[a - 1] ?? 0)), 0);
  const byPace = Array.from({ length: answers.length / A }, (_, k) => k).toSorted((a, b) => last(a) - last(b));
  for (let row = 0; row < WAVES; row++) {
    const k = byPace[Math.round((row / (WAVES - 1)) * (byPace.length - 1))]!;
    const middle = 1 - (row + 0.5) / WAVES;
    const points = (values: Float32Array) =>
      Array.from({ length: A }, (_, a) => [a / (A - 1), middle + (0.4 / WAVES) * values[k * A + a]!] as const);
    pen.line([[0, middle], [1, middle]], pen.colors.line); // biome-ignore format: points
    pen.line(points(answers), pen.colors.truth, 5);
    pen.line(points(outputs), pen.colors.own, 2);
  }
}
