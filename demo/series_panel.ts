import { type ErrorDetails, LstmError } from '../src/errors.ts';
import type { BundledName } from './bundled.ts';
import { Calendar } from './calendar.ts';
import { byId } from './elements.ts';
import { format } from './format.ts';
import type { PageSeries, SeriesRequest } from './series_file.ts';
import { SideColumns } from './side_columns.ts';
import { errorText, noteText, t } from './texts/index.ts';

/** Series that cannot be read and are named. */
const MOST_UNREAD = 5;

interface SeriesPanelOptions {
  read: (request: SeriesRequest) => Promise<PageSeries>;
  /** Called with what is wrong when a file could not be read; the series before it stays. */
  fail: (message: string) => void;
  /** Called with every series that was read. */
  show: (series: PageSeries) => void;
}

/** A file as it is read, and its name where it came with the page. */
interface Asked {
  request: SeriesRequest;
  bundled: BundledName | undefined;
}

/** Which file, column and rows are forecast. What is shown is always a series that was read. */
export class SeriesPanel {
  current: PageSeries | undefined;
  /** Of `current`. */
  calendar: Calendar | undefined;
  /** What was asked for to get it. */
  get request(): SeriesRequest | undefined {
    return this.#shown?.request;
  }
  /** Its name, where it came with the page. */
  get bundled(): BundledName | undefined {
    return this.#shown?.bundled;
  }
  readonly #options: SeriesPanelOptions;
  readonly #id = byId('series-id', HTMLSelectElement);
  readonly #column = byId('column', HTMLSelectElement);
  readonly #rows = byId('rows', HTMLInputElement);
  readonly #missing = byId('missing', HTMLSelectElement);
  readonly #gaps = byId('gaps', HTMLSelectElement);
  readonly #side = new SideColumns(byId('side-columns', HTMLElement), () => this.#reread());
  /** What `current` was read from, and what was asked for last. */
  #shown: Asked | undefined;
  #asked: Asked | undefined;
  /** A file that could not be read, which another rule for missing values may fix. */
  #refused: Asked | undefined;

  constructor(options: SeriesPanelOptions) {
    this.#options = options;
    for (const input of [this.#id, this.#column, this.#rows, this.#gaps])
      input.addEventListener('change', () => this.#reread());
    this.#missing.addEventListener('change', () => (this.#refused ? this.#retry(this.#refused) : this.#reread()));
  }

  /** Reads a file by the default rules for its column and for missing rows. @param rows the last rows to use; default all. */
  open(name: string, file: Blob, from: { rows?: number | undefined; bundled?: BundledName } = {}): Promise<void> {
    return this.#ask({
      request: { name, file, column: undefined, missing: this.#missingPolicy(), rows: from.rows },
      bundled: from.bundled,
    });
  }

  /** From now on the rule for missing values means the series that is shown. */
  forgetRefused(): void {
    this.#refused = undefined;
  }

  /** Reads a file as a link has it. */
  openAs(
    asked: Partial<SeriesRequest> & Pick<SeriesRequest, 'name' | 'file'>,
    bundled?: BundledName | undefined,
  ): Promise<void> {
    return this.reopen({ column: undefined, rows: undefined, missing: 'error', ...asked }, bundled);
  }

  /** Reads a file as it was read before. */
  reopen(request: SeriesRequest, bundled: BundledName | undefined): Promise<void> {
    this.#missing.value = request.missing;
    return this.#ask({ request, bundled });
  }

  #reread(): void {
    if (!this.#shown) return;
    const { request, bundled } = this.#shown;
    const { name, file } = request;
    const rows = this.#rows.value === '' ? undefined : this.#rows.valueAsNumber;
    const column = Number(this.#column.value);
    const { among } = this.current ?? {};
    const of = among && { idColumn: among.idColumn, id: this.#id.value };
    const [missing, gaps] = [this.#missingPolicy(), this.#gapPolicy()];
    const isTarget = (other: string) => other === this.current?.columns[column]?.name;
    const { past, future } = this.#side.chosen;
    const side = { past: past.filter((one) => !isTarget(one)), future: future.filter((one) => !isTarget(one)) };
    void this.#ask({ request: { name, file, column, missing, gaps, rows, of, ...side }, bundled });
  }

  /** With its own column and rows: the fields show those of another file. */
  #retry({ request, bundled }: Asked): void {
    void this.#ask({ request: { ...request, missing: this.#missingPolicy() }, bundled });
  }

  async #ask(asked: Asked): Promise<void> {
    this.#asked = asked;
    this.#refused = undefined;
    const read = await this.#options.read(asked.request).catch((error: unknown) => error as Error);
    if (this.#asked !== asked) return; // another file was chosen since
    if (read instanceof Error) {
      const isOther = asked.request.file !== this.#shown?.request.file;
      // of the file that is shown, #fill takes back what it refused
      if (isOther) this.#refused = asked;
      const shown = isOther && this.#shown ? ` ${t.stillShown(this.#shown.request.name)}` : '';
      const problem = `${asked.request.name}: ${errorText(read)}`;
      const choice = firstOf(read);
      byId('read-options', HTMLDetailsElement).open = true; // it may be fixed there
      if (choice === undefined || asked.request.column !== undefined) this.#options.fail(problem + shown);
      else {
        // One of them is shown, so that there are fields to choose another one in.
        await this.#ask({ ...asked, request: { ...asked.request, column: choice } });
        if (this.#shown?.request.file === asked.request.file) this.#options.fail(problem);
      }
      if (this.#shown) this.#fill();
      return;
    }
    this.current = read;
    this.calendar = new Calendar(read);
    this.#shown = asked;
    this.#fill();
    this.#options.show(read);
  }

  #missingPolicy(): SeriesRequest['missing'] {
    const { value } = this.#missing;
    return value === 'drop' || value === 'interpolate' || value === 'previous' ? value : 'error';
  }

  #gapPolicy(): SeriesRequest['gaps'] {
    const { value } = this.#gaps;
    return value === 'interpolate' || value === 'previous' ? value : undefined;
  }

  /** Writes what is shown into the fields, also after a failure, when they say something else. */
  #fill(): void {
    const { request, current: series } = this;
    if (!request || !series) return;
    const { among } = series;
    byId('among', HTMLElement).hidden = !among;
    if (among) byId('read-options', HTMLDetailsElement).open = true; // there is a choice
    this.#id.replaceChildren(...(among?.ids ?? []).map((id) => new Option(id, id)));
    if (among) this.#id.value = among.id;
    const options = series.columns.map(({ name, kind }, index) => {
      const option = new Option(kind === 'number' ? name : `${name} (${t.columnKind[kind]})`, String(index));
      option.disabled = kind !== 'number';
      return option;
    });
    this.#column.replaceChildren(...options);
    this.#column.value = String(series.columnIndex);
    const others = series.columns.filter(
      ({ name, kind }, index) => kind !== 'date' && index !== series.columnIndex && name !== among?.idColumn,
    );
    this.#side.show(
      others.map(({ name }) => name),
      { past: request.past ?? [], future: request.future ?? [] },
    );
    byId('rows', HTMLInputElement).placeholder = t.all;
    this.#rows.value = request.rows === undefined ? '' : String(request.rows);
    const { values, notes } = series;
    this.#gaps.value = request.gaps ?? '';
    byId('gaps-field', HTMLElement).hidden = !request.gaps && !notes.some(({ code }) => code === 'rows-missing');
    const rows = format.count(values.length);
    const isPart = values.length === request.rows;
    const text = isPart ? t.lastRowsOf : t.rowsOf;
    byId('series-name', HTMLElement).textContent = text(request.name, rows, this.calendar!.span());
    byId('preview-note', HTMLElement).textContent = isPart ? t.previewOfPart(rows) : '';
    byId('preview', HTMLElement).textContent = series.preview;
    for (const name of ['sp500', 'births'] as const)
      byId(name, HTMLButtonElement).setAttribute('aria-pressed', String(name === this.bundled));
    const of = among ? `${t.amongSeries(among.ids.length, among.idColumn, among.unread.slice(0, MOST_UNREAD))} ` : '';
    byId('series-note', HTMLElement).textContent = of + noteText(notes.map((note) => this.calendar!.dated(note)));
  }
}

/** Index of the first column that could be the one to forecast, where there are several. */
function firstOf(error: Error): number | undefined {
  if (!(error instanceof LstmError && error.code === 'csv-which-column')) return undefined;
  return (error.details as ErrorDetails['csv-which-column']).columns[0]?.index;
}
