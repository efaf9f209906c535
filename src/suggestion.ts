/** ` Did you mean ...?`, or nothing when no name is near. */
export function suggestion(got: string, names: readonly string[], prefix = ''): string {
  const near = names
    .map((name) => ({ name, edits: name.startsWith(got) && got !== '' ? 0 : editDistance(got, name) }))
    .filter(({ name, edits }) => edits <= Math.ceil(name.length / 3))
    .sort((a, b) => a.edits - b.edits)[0];
  return near ? ` Did you mean ${prefix}${near.name}?` : '';
}

/** Levenshtein's: letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, k) => k);
  for (const [i, letter] of [...a].entries()) {
    const row = [i + 1];
    for (let k = 0; k < b.length; k++)
      row.push(Math.min(row[k]! + 1, above[k + 1]! + 1, above[k]! + (letter === b[k] ? 0 : 1)));
    above = row;
  }
  return above[b.length]!;
}
