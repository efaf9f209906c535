import type { Picture } from './inspect.ts';

/** Units down, time across, colours from style.css: from --cold over --card to --warm around 0, or from --card to --warm. */
export class HeatMap {
  readonly canvas = document.createElement('canvas');
  readonly #onStep: (step: number) => void;
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
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  show(picture: Picture, steps: number): void {
    this.#picture = picture;
    this.#steps = steps;
    this.#draw();
  }

  /** Lowest and highest value that the colours stand for. */
  get range(): [number, number] {
    if (!this.#picture || this.#picture.range === 'unit') return [0, 1];
    const most = this.#picture.values.reduce((high, value) => Math.max(high, Math.abs(value)), 1e-6);
    return [-most, most];
  }

  moveCursor(step: number): void {
    this.#cursor = step;
    this.#draw();
  }

  #draw(): void {
    const { canvas } = this;
    const context = canvas.getContext('2d');
    if (!this.#picture || !context) return;
    const { values } = this.#picture;
    const [units, steps] = [values.length / this.#steps, this.#steps];
    // cells of whole pixels, so that none is blurred; the page scales the canvas
    const [width, height] = [Math.max(1, Math.round(560 / steps)), Math.max(1, Math.round(256 / units))];
    canvas.width = width * steps;
    canvas.height = height * units;
    const style = getComputedStyle(canvas);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const [cold, warm] = [colour('cold'), colour('warm')];
    const [, most] = this.range;
    for (const [at, value] of values.entries()) {
      const x = (at % steps) * width;
      const y = Math.floor(at / steps) * height;
      context.globalAlpha = 1;
      context.fillStyle = colour('card');
      context.fillRect(x, y, width, height);
      context.globalAlpha = Math.min(1, Math.abs(value) / most);
      context.fillStyle = value < 0 ? cold : warm;
      context.fillRect(x, y, width, height);
    }
    context.globalAlpha = 1;
    context.strokeStyle = colour('ink');
    context.lineWidth = 2;
    context.strokeRect(this.#cursor * width + 1, 1, Math.max(1, width - 2), canvas.height - 2);
  }
}
