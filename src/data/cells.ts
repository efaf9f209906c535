/** CSV text split at delimiters and line ends. */
export interface CsvCells {
  rows: string[][];
  /** The first row, from 0, with a quote that is not closed, or not at the end of its cell; undefined if there is none. */
  brokenRow: number | undefined;
}

/**
 * Splits text into rows of cells as in RFC 4180, with `\n` as the only line end: a cell that starts with a quote ends at the
 * quote before a delimiter (ignoring blanks between them), a line end or the end of the text, and `""` in it is a quote.
 * @param maxRows where to stop.
 */
export function cutCells(text: string, delimiter: string, maxRows = Number.POSITIVE_INFINITY): CsvCells {
  const rows: string[][] = [];
  let brokenRow: number | undefined;
  const row: string[] = []; // reused, so that copies have no spare capacity
  let numCells = 0;
  let at = 0;
  let [nextDelimiter, nextLine] = [-1, -1];
  while (rows.length < maxRows) {
    let cell: { text: string; end: number; isBroken?: boolean };
    if (text[at] === '"') cell = quotedCell(text, at, delimiter);
    else {
      if (nextDelimiter < at) nextDelimiter = find(text, delimiter, at);
      if (nextLine < at) nextLine = find(text, '\n', at);
      const end = Math.min(nextDelimiter, nextLine);
      cell = { text: text.slice(at, end), end };
    }
    if (cell.isBroken) brokenRow ??= rows.length;
    row[numCells++] = cell.text;
    const { end } = cell;
    if (end < text.length && text[end] !== '\n') at = end + delimiter.length;
    else {
      rows.push(row.slice(0, numCells));
      numCells = 0;
      if (end === text.length) break;
      at = end + 1;
    }
  }
  return { rows, brokenRow };
}

/** The next position of `what`, or the end of the text. */
function find(text: string, what: string, from: number): number {
  const place = text.indexOf(what, from);
  return place === -1 ? text.length : place;
}

/** The cell whose opening quote is at `start`; `end` is the position of what ends it. */
function quotedCell(text: string, start: number, delimiter: string) {
  const isEnd = (at: number) => at >= text.length || text[at] === '\n' || text.startsWith(delimiter, at);
  let isBroken = false;
  let quote = find(text, '"', start + 1);
  while (quote < text.length) {
    if (text[quote + 1] === '"') quote++;
    else {
      let end = quote + 1;
      while (!isEnd(end) && /\s/.test(text[end]!)) end++;
      if (isEnd(end)) return { text: text.slice(start + 1, quote).replaceAll('""', '"'), end, isBroken };
      isBroken = true;
    }
    quote = find(text, '"', quote + 1);
  }
  return { text: text.slice(start + 1), end: text.length, isBroken: true };
}

/** Maps items to numbers, without the intermediate list of `Float64Array.from`. @returns [items] */
export function numbersOf<T>(items: ArrayLike<T>, of: (item: T, place: number) => number): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(items.length);
  for (let k = 0; k < items.length; k++) numbers[k] = of(items[k]!, k);
  return numbers;
}
