/** How often each item comes, in the order in which they first do. */
export function countsOf<Item>(items: Iterable<Item>): Map<Item, number> {
  const counts = new Map<Item, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** The item that comes most often, of several the first, and how often; there is one at least. */
export const mostCommon = <Item>(items: Iterable<Item>): [item: Item, count: number] =>
  [...countsOf(items)].reduce((most, other) => (other[1] > most[1] ? other : most));
