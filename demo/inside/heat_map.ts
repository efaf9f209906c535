import type { Picture } from './inspect.ts';

/** Units down, time across, colours from style.css: from --cold over --card to --warm around 0, or from --card to --warm. */
export class HeatMap {
  readonly canvas = document.createElement('canvas');
  readonly #onStep: (step: number) => void;
  /** The picture without the cursor, so that moving the cursor draws no cell anew. */
  readonly #cells = document.createElement('canvas');
  #picture: Picture | undefined;
  #steps = 1;
  #cursor = 0;

  constructor(onStep: (step: number) => void) {
    this.#onStep = onStep;
    this.canvas.className = 'heat-map';
    this.canvas.setAttribute('role', 'img');
    this.canvas.addEventListener('pointermove', ({ offsetX }) =>
      this.#onStep(Math.min(this.#steps - 1, Math.floor((offsetX / this.canvas.clientWidth) * this.#steps))),
    );
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#drawCells());
  }

  show(picture: Picture, steps: number): void {
    this.#picture = picture;
    this.#steps = steps;
    this.#drawCells();
  }

  /** Lowest and highest value that the colours stand for. */
  get range(): [number, number] {
    if (!this.#picture || this.#picture.range === 'unit') return [0, 1];
    const most = this.#picture.values.reduce((high, value) => Math.max(high, Math.abs(value)), 1e-6);
    return [-most, most];
  }

  moveCursor(step: number): void {
    if (step === this.#cursor) return;
    this.#cursor = step;
    this.#draw();
  }

  #colour(name: string): string {
    return getComputedStyle(this.canvas).getPropertyValue(`--${name}`).trim();
  }

  /** Pixels of a step: whole ones, so that none is blurred; the page scales the canvas. */
  get #width(): number {
    return Math.max(1, Math.round(560 / this.#steps));
  }

  #drawCells(): void {
    const context = this.#cells.getContext('2d');
    if (!this.#picture || !context) return;
    const { values } = this.#picture;
    const [width, height] = [this.#width, Math.max(1, Math.round((256 * this.#steps) / values.length))];
    this.#cells.width = width * this.#steps;
    this.#cells.height = (height * values.length) / this.#steps;
    context.fillStyle = this.#colour('card');
    context.fillRect(0, 0, this.#cells.width, this.#cells.height);
    const [cold, warm] = [this.#colour('cold'), this.#colour('warm')];
    const [, most] = this.range;
    for (const [at, value] of values.entries()) {
      context.globalAlpha = Math.min(1, Math.abs(value) / most);
      context.fillStyle = value < 0 ? cold : warm;
      context.fillRect((at % this.#steps) * width, Math.floor(at / this.#steps) * height, width, height);
    }
    this.#draw();
  }

  #draw(): void {
    const { canvas } = this;
    const context = canvas.getContext('2d');
    if (!this.#picture || !context) return;
    const width = this.#width;
    canvas.width = this.#cells.width;
    canvas.height = this.#cells.height;
    context.drawImage(this.#cells, 0, 0);
    context.strokeStyle = this.#colour('ink');
    context.lineWidth = 2;
    context.strokeRect(this.#cursor * width + 1, 1, Math.max(1, width - 2), canvas.height - 2);
  }
}
