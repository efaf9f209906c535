/** Set by `npm run parity`: all epochs of the longest trainings. */
export const allEpochs = import.meta.env.ALL_EPOCHS === '1';

/** Set for `npm test`, which divides long lists between Node and headless Chrome: both run Dawn. Elsewhere every case runs. */
const divided = import.meta.env.DIVIDED as 'node' | 'chrome' | '' | undefined;

/**
 * The cases of a long list that this host runs. Divided, headless Chrome runs one in `of`, and Node the others.
 * @param number of a table with this list, among several with the same, so that Chrome runs different cases of each.
 */
export function shareOf<Case>(cases: readonly Case[], of: number, number = 0): readonly Case[] {
  if (!divided) return cases;
  const isOfChrome = (k: number) => k % of === number % Math.min(of, cases.length);
  return cases.filter((_, k) => isOfChrome(k) === (divided === 'chrome'));
}
