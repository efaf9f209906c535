/** The name that was probably meant, without regard to case; undefined when none is near. */
export function nearest(got: string, names: readonly string[]): string | undefined {
  const typed = got.toLowerCase();
  return names
    .map((name) => ({ name, lower: name.toLowerCase() }))
    .map(({ name, lower }) => ({ name, edits: typed && lower.startsWith(typed) ? 0 : editDistance(typed, lower) }))
    .filter(({ name, edits }) => edits < name.length && edits <= Math.ceil(name.length / 3))
    .sort((a, b) => a.edits - b.edits)[0]?.name;
}

/** ` Did you mean ...?`, or nothing when no name is near. @param written how the message writes a name. */
export function suggestion(got: string, names: readonly string[], written = (name: string) => name): string {
  const near = nearest(got, names);
  return near === undefined ? '' : ` Did you mean ${written(near)}?`;
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
