import { BY_CPU } from '../../src/charts/canvas.ts';
import { COLUMNS, Drawing, type Point } from './drawing.ts';

interface DrawCanvasOptions {
  label: string;
  /** Called after every change. */
  onChange: () => void;
  /** Called when keys move the cursor. `height`: from 0 to 1, NaN where nothing was drawn. */
  onCursor: (column: number, height: number) => void;
}

/** Of the height, by one press of an arrow key. */
const RAISE = 0.01;

/** Where a drawing begins by keys. */
const MIDDLE = 0.5;

/**
 * A canvas on which a series is drawn: by mouse, finger or pen; by keys, where arrows move a cursor, and raise and lower the point
 * at it, with a straight line from the point that was set before.
 */
export class DrawCanvas {
  readonly canvas = document.createElement('canvas');
  readonly drawing = new Drawing();
  readonly #options: DrawCanvasOptions;
  /** Column of the cursor; undefined while keys are not used. */
  #cursor: number | undefined;
  /** The two columns that keys have set last: a straight line is between them. */
  #knots: [before: number | undefined, last: number | undefined] = [undefined, undefined];

  constructor(options: DrawCanvasOptions) {
    this.#options = options;
    const { canvas } = this;
    canvas.className = 'draw-canvas';
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'application'); // arrow keys are its own
    canvas.setAttribute('aria-label', options.label);
    canvas.dataset.testid = 'draw-canvas';
    canvas.addEventListener('pointerdown', (event) => this.#startStroke(event));
    canvas.addEventListener('keydown', (event) => this.#press(event));
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  undo(): void {
    this.drawing.undo();
    this.#knots = [undefined, undefined];
    this.#changed();
  }

  clear(): void {
    this.drawing.clear();
    this.#knots = [undefined, undefined];
    this.#changed();
  }

  #startStroke(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { canvas, drawing } = this;
    const stroke = new AbortController();
    const { signal } = stroke;
    canvas.setPointerCapture(event.pointerId);
    this.#cursor = undefined;
    this.#knots = [undefined, undefined];
    drawing.begin();
    let from = this.#pointAt(event);
    const goOn = (next: PointerEvent) => {
      if (next.pointerId !== event.pointerId) return;
      const to = this.#pointAt(next);
      drawing.line(from, to);
      from = to;
      this.#changed();
    };
    goOn(event);
    canvas.addEventListener('pointermove', (next) => (next.getCoalescedEvents?.() ?? [next]).forEach(goOn), { signal });
    for (const type of ['pointerup', 'pointercancel']) canvas.addEventListener(type, () => stroke.abort(), { signal });
  }

  #pointAt({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return { x: (clientX - left) / width, y: 1 - (clientY - top) / height };
  }

  #press(event: KeyboardEvent): void {
    const size = event.shiftKey ? 10 : 1;
    const sideways = { ArrowLeft: -size, ArrowRight: size }[event.key];
    const upward = { ArrowUp: RAISE * size, ArrowDown: -RAISE * size }[event.key];
    if (sideways === undefined && upward === undefined) return;
    event.preventDefault();
    this.#cursor = Math.max(0, Math.min(COLUMNS - 1, (this.#cursor ?? 0) + (sideways ?? 0)));
    if (upward !== undefined) this.#raise(this.#cursor, upward);
    this.#changed();
    this.#options.onCursor(this.#cursor, this.drawing.heights[this.#cursor]!);
  }

  #raise(column: number, by: number): void {
    const { drawing } = this;
    const [, knot] = this.#knots;
    if (knot !== column) {
      drawing.begin();
      this.#knots = [knot, column];
    }
    const [start = column] = this.#knots;
    const pointAt = (at: number, height: number): Point => ({ x: at / (COLUMNS - 1), y: height });
    const heightAt = (at: number) => drawing.heights[at]!;
    const now = [heightAt(column), heightAt(knot ?? column)].find((height) => !Number.isNaN(height)) ?? MIDDLE;
    const to = pointAt(column, now + by);
    drawing.line(start === column ? to : pointAt(start, heightAt(start)), to);
  }

  #changed(): void {
    this.#draw();
    this.#options.onChange();
  }

  #draw(): void {
    const { canvas } = this;
    const context = canvas.getContext('2d', BY_CPU);
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!context || width === 0) return;
    const pixels = devicePixelRatio;
    canvas.width = Math.round(width * pixels);
    canvas.height = Math.round(height * pixels);
    context.scale(pixels, pixels);
    const color = (name: string) => getComputedStyle(canvas).getPropertyValue(`--${name}`).trim();
    const xOf = (column: number) => (column / (COLUMNS - 1)) * width;
    const path = (stroke: string, lineWidth: number, points: Iterable<readonly [number, number] | undefined>) => {
      context.strokeStyle = stroke;
      context.lineWidth = lineWidth;
      context.beginPath();
      let isPenDown = false;
      for (const point of points) {
        if (point) context[isPenDown ? 'lineTo' : 'moveTo'](...point);
        isPenDown = point !== undefined;
      }
      context.stroke();
    };
    for (const share of [0.25, 0.5, 0.75])
      path(color('grid'), 1, [
        [0, share * height],
        [width, share * height],
      ]);
    if (this.#cursor !== undefined)
      path(color('muted'), 1, [
        [xOf(this.#cursor), 0],
        [xOf(this.#cursor), height],
      ]);
    context.lineJoin = 'round';
    context.lineCap = 'round';
    const { heights } = this.drawing;
    path(
      color('model'),
      2.5,
      Array.from(heights, (at, k) => (Number.isNaN(at) ? undefined : ([xOf(k), (1 - at) * height] as const))),
    );
  }
}
