import { ConfigError } from '../../errors.ts';
import { within } from '../../placing.ts';
import { messageOf, shown } from '../../shown.ts';
import { checkPlan, type SweepPlan } from '../../sweep/plan.ts';
import { displayName, MOST_BY_HAND, readText } from '../input.ts';

/** @throws DataError for a file that cannot be read. @throws ConfigError naming the file and the problem. */
export async function readPlan(path: string): Promise<SweepPlan> {
  const text = await readText(path, MOST_BY_HAND);
  return within(displayName(path), () => checkPlan(parseStrictly(text)));
}

/** A key with its colon, or a bracket. Other strings are matched so that brackets in them are ignored. */
const TOKENS = /"(?:[^"\\]+|\\.)*"(\s*:)?|[{}[\]]/g;

/** The deepest nesting of brackets, also in text that is not JSON. */
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

/** A plan is an object of objects of lists; deeper ones are invalid, and would overflow the stack in recursive checks. */
const MAX_DEPTH = 100;

/**
 * JSON without duplicate keys, of which `JSON.parse` would silently use the last one.
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
  /** For each enclosing object its keys, and the current one; a list has none. */
  const open: { keys: Set<string>; key: string }[] = [];
  for (const { 0: token, 1: colon, index } of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push({ keys: new Set(), key: '' });
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const inside = open.at(-1)!;
      inside.key = JSON.parse(token.slice(0, -colon.length)) as string; // decodes escapes
      if (inside.keys.has(inside.key)) {
        const line = text.slice(0, index).split('\n').length;
        const place = open.slice(0, -1).flatMap(({ key }) => key || []);
        throw new ConfigError(
          `${place.join('.') || 'plan'}: duplicate key ${shown(inside.key)} in line ${line}; remove one.`,
        );
      }
      inside.keys.add(inside.key);
    }
  }
  return value;
}
