import { button, element } from '../elements.ts';
import { format } from '../format.ts';
import { DrawCanvas } from './draw_canvas.ts';
import { COLUMNS } from './drawing.ts';
import type { DrawTexts } from './texts.ts';

interface DrawDialogOptions {
  texts: DrawTexts;
  /** Called with the series as the text of a CSV file. */
  use: (csv: string) => void;
}

/** A button that opens a dialog in which a series is drawn by hand. */
export function drawButton(options: DrawDialogOptions): HTMLButtonElement {
  const dialog = new DrawDialog(options);
  return button(options.texts.open, () => dialog.open(), 'draw-open');
}

class DrawDialog {
  readonly #texts: DrawTexts;
  readonly #dialog = document.createElement('dialog');
  readonly #canvas: DrawCanvas;
  readonly #hint = element('p', 'note');
  readonly #undo: HTMLButtonElement;
  readonly #clear: HTMLButtonElement;
  readonly #use: HTMLButtonElement;

  constructor({ texts, use }: DrawDialogOptions) {
    this.#texts = texts;
    const dialog = this.#dialog;
    dialog.className = 'draw panel';
    dialog.dataset.testid = 'draw';
    const title = element('h2', '', texts.title);
    title.id = 'draw-title';
    dialog.setAttribute('aria-labelledby', title.id);
    this.#canvas = new DrawCanvas({
      label: texts.canvas,
      onChange: () => this.#update(),
      onCursor: (column, height) => this.#showCursor(column, height),
    });
    this.#hint.setAttribute('aria-live', 'polite');
    this.#undo = button(texts.undo, () => this.#canvas.undo(), 'draw-undo');
    this.#clear = button(texts.clear, () => this.#canvas.clear(), 'draw-clear');
    const useDrawing = () => {
      const { series } = this.#canvas.drawing;
      if (!series) return;
      dialog.close();
      use(['value', ...series].join('\n'));
    };
    this.#use = button(texts.use, useDrawing, 'draw-use');
    this.#use.className = 'primary';
    const buttons = element('div', 'buttons');
    buttons.append(
      this.#use,
      this.#undo,
      this.#clear,
      button(texts.cancel, () => dialog.close(), 'draw-cancel'),
    );
    dialog.append(title, element('p', 'note', texts.intro), this.#canvas.canvas, this.#hint, buttons);
    document.body.append(dialog);
    this.#update();
  }

  open(): void {
    this.#dialog.showModal();
  }

  #update(): void {
    const { canUndo, series } = this.#canvas.drawing;
    this.#undo.disabled = !canUndo;
    this.#clear.disabled = this.#canvas.drawing.heights.every(Number.isNaN);
    this.#use.disabled = !series;
    const { hint, length } = this.#texts;
    this.#hint.textContent = series ? length(format.count(series.length)) : hint;
  }

  #showCursor(column: number, height: number): void {
    const value = Number.isNaN(height) ? this.#texts.nothing : format.value(Math.round(100 * height));
    this.#hint.textContent = this.#texts.cursor(format.count(column + 1), format.count(COLUMNS), value);
  }
}
