import { ConfigError } from '../../errors.ts';
import { within } from '../../placing.ts';
import { messageOf, shown } from '../../shown.ts';
import { checkPlan, type SweepPlan } from '../../sweep/plan.ts';
import { displayName, MOST_BY_HAND, readText } from '../input.ts';

/** @throws DataError for a file that cannot be read. @throws ConfigError naming the file and what is wrong with the plan. */
export async function readPlan(path: string): Promise<SweepPlan> {
  const text = await readText(path, MOST_BY_HAND);
  return within(displayName(path), () => checkPlan(parseStrictly(text)));
}

/** A key, with its colon; or a bracket. Other strings are read so that what is in them counts for nothing. */
const TOKENS = /"(?:[^"\\]+|\\.)*"(\s*:)?|[{}[\]]/g;

/** Brackets that are open at the same time, at most, also of what is no JSON. */
function depthOf(text: string): number {
  let [depth, most, isInString] = [0, 0, false];
  for (let k = 0; k < text.length; k++) {
    const letter = text[k]!;
    if (letter === '"') isInString = !isInString;
    else if (isInString) k += letter === '\\' ? 1 : 0;
    else if (letter === '{' || letter === '[') most = Math.max(most, ++depth);
    else if (letter === '}' || letter === ']') depth--;
  }
  return most;
}

/** A plan is an object of objects of lists; what is deeper than this is none, and more than checks by recursion bear. */
const MAX_DEPTH = 100;

/**
 * JSON in which no object has a key twice: `JSON.parse` takes the last one without a word.
 * @throws ConfigError naming the key, its object and its line.
 */
export function parseStrictly(text: string): unknown {
  if (depthOf(text) > MAX_DEPTH) throw new ConfigError(`it is nested more than ${MAX_DEPTH} levels deep.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(messageOf(error), { cause: error });
  }
  /** Of each object around: its keys, and the one that is being read. Of a list none. */
  const open: { keys: Set<string>; key: string }[] = [];
  for (const { 0: token, 1: colon, index } of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push({ keys: new Set(), key: '' });
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const inside = open.at(-1)!;
      inside.key = JSON.parse(token.slice(0, -colon.length)) as string; // escapes in it count
      if (inside.keys.has(inside.key)) {
        const line = text.slice(0, index).split('\n').length;
        const place = open.slice(0, -1).flatMap(({ key }) => key || []);
        throw new ConfigError(
          `${place.join('.') || 'plan'}: the key ${shown(inside.key)} is there twice, again in line ${line}; leave one out.`,
        );
      }
      inside.keys.add(inside.key);
    }
  }
  return value;
}
