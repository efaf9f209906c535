/** The number of occurrences of each item, in order of first appearance. */
export function countsOf<Item>(items: Iterable<Item>): Map<Item, number> {
  const counts = new Map<Item, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** The most frequent item (the first one, in a tie) and its count; needs at least one item. */
export const mostCommon = <Item>(items: Iterable<Item>): [item: Item, count: number] =>
  [...countsOf(items)].reduce((most, other) => (other[1] > most[1] ? other : most));
