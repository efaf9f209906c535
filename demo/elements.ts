/** The element of index.html with this id. @throws Error when page and script no longer fit each other. */
export function byId<E extends HTMLElement>(id: string, kind: abstract new () => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html: #${id} is not a ${kind.name}`);
  return element;
}

/** A table row of text cells. The first is the row's header; `marked` are the columns of the cells that stand out. */
export function tableRow(cells: readonly string[], marked: readonly number[] = []): HTMLTableRowElement {
  const row = document.createElement('tr');
  for (const [k, text] of cells.entries()) {
    const cell = document.createElement(k === 0 ? 'th' : 'td');
    if (k === 0) cell.scope = 'row';
    cell.textContent = text;
    cell.classList.toggle('best', marked.includes(k));
    row.append(cell);
  }
  return row;
}

/** The first row of a table: the header of each column. */
export function headRow(names: readonly string[]): HTMLTableRowElement {
  const row = document.createElement('tr');
  for (const name of names) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = name;
    row.append(cell);
  }
  return row;
}

/** Puts rows into a table, in the place of those it had. */
export function fillTable(
  table: HTMLTableElement,
  head: HTMLTableRowElement,
  body: readonly HTMLTableRowElement[],
): void {
  table.createTHead().replaceChildren(head);
  (table.tBodies[0] ?? table.createTBody()).replaceChildren(...body);
}

/** A new element with a class and a text. */
export function element(name: string, className = '', text = ''): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** A new button that submits no form. @param text '' where it changes. @param testId '' for none. */
export function button(text: string, act: () => void, testId = ''): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  if (testId) made.dataset.testid = testId;
  made.addEventListener('click', act);
  return made;
}

/** For the beginning of a cell or a line. */
export const capitalized = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
