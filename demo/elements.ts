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
