import { type BundledName, loadBundled } from './bundled.ts';
import { acceptDrops } from './drop.ts';
import { byId } from './elements.ts';
import type { Reading } from './link/series_link.ts';
import type { SeriesPanel } from './series_panel.ts';
import { t } from './texts/index.ts';

/** Where a series can come from: the page itself, or a file that is chosen, dropped or pasted. */
export class SeriesSources {
  readonly #series: SeriesPanel;
  readonly #fail: (message: string) => void;
  readonly #isBusy: () => boolean;
  /** How a link has a file read that it only names, until a file is opened. */
  #awaited: { name: string; reading: Reading } | undefined;
  /** Counts what was asked for: a bundled series that arrives after something newer is dropped. */
  #asked = 0;

  constructor(series: SeriesPanel, options: { fail: (message: string) => void; isBusy: () => boolean }) {
    this.#series = series;
    this.#fail = options.fail;
    this.#isBusy = options.isBusy;
    for (const name of ['sp500', 'births'] as const)
      byId(name, HTMLButtonElement).addEventListener('click', () => void this.openBundled(name));
    const input = byId('file', HTMLInputElement);
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (file) this.#openFile(file.name, file);
      input.value = ''; // so that choosing the same file again, corrected, is a change
    });
    acceptDrops(byId('drop', HTMLElement), (file) => this.#openFile(file.name, file));
    addEventListener('paste', (event) => {
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (event.target instanceof HTMLInputElement || !text.includes('\n')) return;
      this.#openFile(t.pastedName, new Blob([text]));
    });
  }

  /** @param reading how a link has it read; default: as it is meant to be. */
  async openBundled(bundled: BundledName, reading: Reading = {}): Promise<void> {
    const asked = ++this.#asked;
    const loaded = await loadBundled(bundled).catch(() => undefined);
    if (asked !== this.#asked) return;
    if (!loaded) return this.#fail(t.bundledFailed());
    const { name, file, rows } = loaded;
    if (Object.keys(reading).length === 0) return this.#series.open(name, file, { rows, bundled });
    return this.#series.openAs({ name, file, rows, ...reading }, bundled);
  }

  /** Opens the file of a link. */
  openLinked(request: Parameters<SeriesPanel['openAs']>[0]): Promise<void> {
    this.#asked++;
    return this.#series.openAs(request);
  }

  /** Reads the next file of this name as a link has it. */
  awaitFile(name: string, reading: Reading): void {
    this.#asked++;
    this.#awaited = { name, reading };
  }

  #openFile(name: string, file: Blob): void {
    if (this.#isBusy()) {
      this.#fail(t.stopFirst);
      return;
    }
    this.#asked++;
    const { name: awaited, reading } = this.#awaited ?? {};
    this.#awaited = undefined;
    void (name === awaited ? this.#series.openAs({ name, file, ...reading }) : this.#series.open(name, file));
  }
}
