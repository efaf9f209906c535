import { BY_CPU } from '../../src/charts/canvas.ts';
import type { Picture } from './layer.ts';

/** A cell of a heat map; both from 0. */
export interface Cell {
  unit: number;
  step: number;
}

interface HeatMapOptions {
  /** Called with the step that is pointed at or moved to, from 0, and the unit. */
  onMove: (cell: Cell) => void;
  /** Called with the cell that is clicked, or chosen by Enter. Without it, keys do not reach the map. */
  onChoose?: (cell: Cell) => void;
}

const MOVES: Readonly<Record<string, readonly [step: number, unit: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Units down, time across, colors from style.css: from --cold over --card to --warm around 0, or from --card to --warm. */
export class HeatMap {
  readonly canvas = document.createElement('canvas');
  readonly #options: HeatMapOptions;
  /** The picture without the cursor, so that moving the cursor redraws no cell. */
  readonly #cells = document.createElement('canvas');
  #picture: Picture | undefined;
  #steps = 1;
  #most = 1;
  #cursor: Cell = { unit: 0, step: 0 };
  #chosen: Cell | undefined;

  constructor(options: HeatMapOptions) {
    this.#options = options;
    const { canvas } = this;
    canvas.className = 'heat-map';
    canvas.setAttribute('role', 'img');
    for (const type of ['pointermove', 'pointerdown'] as const)
      canvas.addEventListener(type, (event) => this.#moveTo(this.#cellAt(event)));
    if (options.onChoose) this.#makeOperable(options.onChoose);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#drawCells());
    new ResizeObserver(() => this.#draw()).observe(canvas);
  }

  /** @param most what the strongest color stands for. */
  show(picture: Picture, steps: number, most: number): void {
    this.#picture = picture;
    this.#steps = steps;
    this.#most = most;
    this.#drawCells();
  }

  moveCursor(step: number): void {
    if (step === this.#cursor.step) return;
    this.#cursor = { ...this.#cursor, step };
    this.#draw();
  }

  /** Outlines a cell. @param cell undefined: none. */
  mark(cell: Cell | undefined): void {
    this.#chosen = cell;
    this.#draw();
  }

  get #units(): number {
    return (this.#picture?.values.length ?? 0) / this.#steps;
  }

  #makeOperable(choose: (cell: Cell) => void): void {
    const { canvas } = this;
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'application'); // arrow keys are the map's own
    canvas.addEventListener('click', (event) => choose(this.#cellAt(event)));
    canvas.addEventListener('keydown', (event) => {
      const move = MOVES[event.key];
      if (event.key === 'Enter' || event.key === ' ') choose(this.#cursor);
      else if (move) this.#moveTo({ step: this.#cursor.step + move[0], unit: this.#cursor.unit + move[1] });
      else return;
      event.preventDefault();
    });
  }

  #cellAt({ offsetX, offsetY }: MouseEvent): Cell {
    const { clientWidth, clientHeight } = this.canvas;
    return {
      step: Math.floor((offsetX / clientWidth) * this.#steps),
      unit: Math.floor((offsetY / clientHeight) * this.#units),
    };
  }

  #moveTo({ unit, step }: Cell): void {
    const within = (at: number, count: number) => Math.max(0, Math.min(count - 1, at));
    this.#cursor = { unit: within(unit, this.#units), step: within(step, this.#steps) };
    this.#draw();
    this.#options.onMove(this.#cursor);
  }

  #color(name: string): string {
    return getComputedStyle(this.canvas).getPropertyValue(`--${name}`).trim();
  }

  #drawCells(): void {
    const context = this.#cells.getContext('2d', BY_CPU);
    if (!this.#picture || !context) return;
    const { values } = this.#picture;
    this.#cells.width = this.#steps;
    this.#cells.height = this.#units;
    context.fillStyle = this.#color('card');
    context.fillRect(0, 0, this.#cells.width, this.#cells.height);
    const [cold, warm] = [this.#color('cold'), this.#color('warm')];
    const most = this.#most;
    for (const [at, value] of values.entries()) {
      context.globalAlpha = Math.min(1, Math.abs(value) / most);
      context.fillStyle = value < 0 ? cold : warm;
      context.fillRect(at % this.#steps, Math.floor(at / this.#steps), 1, 1);
    }
    this.#draw();
  }

  /** In pixels of the screen, so that no side of the cursor is lost. */
  #draw(): void {
    const { canvas } = this;
    const { clientWidth, clientHeight } = canvas;
    const context = canvas.getContext('2d', BY_CPU);
    if (!this.#picture || !context || clientWidth === 0) return;
    canvas.width = clientWidth * devicePixelRatio;
    canvas.height = clientHeight * devicePixelRatio;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#cells, 0, 0, canvas.width, canvas.height);
    context.scale(devicePixelRatio, devicePixelRatio);
    const [width, height] = [clientWidth / this.#steps, clientHeight / this.#units];
    context.strokeStyle = this.#color('ink');
    const outline = (from: number, to: number, column: number, thick: number) => {
      context.lineWidth = thick;
      const [left, wide] = [column * width + thick / 2, Math.max(thick, width - thick)];
      context.strokeRect(left, from * height + thick / 2, wide, Math.max(1, (to - from) * height - thick));
    };
    const { step, unit } = this.#cursor;
    outline(0, this.#units, step, 1.5);
    if (!this.#options.onChoose) return;
    outline(unit, unit + 1, step, 1);
    if (!this.#chosen) return;
    context.lineWidth = 3;
    context.strokeRect(this.#chosen.step * width - 1, this.#chosen.unit * height - 1, width + 2, height + 2);
  }
}
