import { WgslScanner } from 'wgsl_reflect/wgsl_reflect.module.js';

/** WGSL's types and functions that shared files use and the scanner treats as identifiers. */
const PREDECLARED =
  'mat4x4f vec2f vec2u vec3u vec4f vec4u abs atomicLoad atomicStore dot exp fma max min select sign sqrt transpose storageBarrier ' +
  'workgroupBarrier enable subgroups quadBroadcast quadSwapX quadSwapY';

/**
 * The identifiers that WGSL code uses but does not declare, sorted. A field of an undeclared `dims` counts with it, as `dims.N`;
 * other fields belong to their structs.
 */
export function freeIdentifiers(code: string): string[] {
  const tokens = new WgslScanner(code).scanTokens().map(({ lexeme, type }) => ({ word: lexeme, kind: type.name }));
  const wordAt = (k: number) => tokens[k]?.word ?? '';
  /** After `let` and after `var<private>`. */
  const nameAfter = (k: number) => wordAt(k + 1 + (wordAt(k + 1) === '<' ? 3 : 0));
  const declared = new Set(PREDECLARED.split(' '));
  /** What the function or struct declares itself. */
  let own = new Set<string>();
  let depth = 0;
  const uses: { name: string; own: Set<string> }[] = [];
  for (const [k, { word, kind }] of tokens.entries()) {
    if (word === '{') depth++;
    if (word === '}') depth--;
    const declares = ['alias', 'fn', 'struct', 'override', 'const', 'let', 'var'].includes(word);
    if (declares && depth === 0) own = new Set();
    if (declares) (depth === 0 ? declared : own).add(nameAfter(k));
    if (kind !== 'ident' || wordAt(k - 1) === '.' || wordAt(k - 1) === '@') continue;
    if (wordAt(k + 1) === ':')
      own.add(word); // a parameter, a member, or a variable that was added already
    else uses.push({ name: word === 'dims' && wordAt(k + 1) === '.' ? `dims.${wordAt(k + 2)}` : word, own });
  }
  const isFree = ({ name, own }: (typeof uses)[number]) => {
    const [root] = name.split('.') as [string];
    return !declared.has(root) && !own.has(root);
  };
  return [...new Set(uses.filter(isFree).map(({ name }) => name))].sort();
}
