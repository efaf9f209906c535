import { expect, test } from 'vitest';
import { parseStrictly } from '../../src/node/sweep/plan_file.ts';

test('accepts what JSON.parse accepts', () => {
  const texts = [
    '{}',
    '[1, "a:b", {"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}]',
    '{"a": "\\"a\\":", "b": "{\\"b\\": [", "\\\\": 1, "c\\"": 2}',
    '{"__proto__": 1, "constructor": 2, "": 3}',
  ];
  for (const text of texts) expect(parseStrictly(text)).toEqual(JSON.parse(text));
});

test.each([
  ['{"grid":{"hiddenSize":[1],"hiddenSize":[2]}}', 'grid: duplicate key "hiddenSize" in line 1'],
  ['{\n "seeds": [0],\n "grid": {},\n "seeds": [1]\n}', 'plan: duplicate key "seeds" in line 4; remove one'],
  ['{"a": 1, "\\u0061": 2}', 'plan: duplicate key "a"'],
  ['{"grid": [{}, {"optimizer": {"name": "SGD", "name" : "Adam"}}]}', 'grid.optimizer: duplicate key "name"'],
  ['{"__proto__": 1, "__proto__": 2}', 'plan: duplicate key "__proto__"'],
  [`${'['.repeat(200)}${']'.repeat(200)}`, 'it is nested more than 100 levels deep.'],
  ['{"grid": ', 'Unexpected end of JSON input'],
])('rejects %j', (text, message) => {
  expect(() => parseStrictly(text)).toThrow(message);
});

test('reads a long text quickly', { timeout: 20_000 }, () => {
  const long = JSON.stringify({ a: 'x"\\'.repeat(2e5), b: Array.from({ length: 1e4 }, (_, k) => ({ [`k${k}`]: k })) });
  expect(parseStrictly(long)).toEqual(JSON.parse(long));
});
