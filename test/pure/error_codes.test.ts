import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { en } from '../../demo/texts/en.ts';
import { errorIn } from '../../demo/texts/errors.ts';
import { ENGLISH } from '../../demo/texts/errors_en.ts';
import { PORTUGUESE } from '../../demo/texts/errors_pt.ts';
import { pt } from '../../demo/texts/pt.ts';
import { CommandError, DataError, type ErrorCode, LstmError, TrainingError } from '../../src/errors.ts';
import { badFile, placed, withAdvice, within } from '../../src/placing.ts';
import { receiveError, sendError } from '../../src/worker/sent_error.ts';
import { PROVOKED, thrownBy } from './provoked.ts';

const codes = Object.keys(PROVOKED) as ErrorCode[];
const here = codes.flatMap((code) => {
  const how = PROVOKED[code];
  return typeof how === 'string' ? [] : [[code, how] as const];
});
const elsewhere = codes.flatMap((code) => {
  const how = PROVOKED[code];
  return typeof how === 'string' ? [[code, how] as const] : [];
});

describe('a code', () => {
  test.each(here)('%s is thrown', async (code, call) => {
    const error = (await thrownBy(call)) as LstmError;
    expect(error).toBeInstanceOf(LstmError);
    expect(error.code, error.message).toBe(code);
    expect(JSON.parse(JSON.stringify(error.details)), 'details are plain data').toEqual(error.details);
  });

  test.each(elsewhere)('%s is asked for by %s, which has a device or a browser', (code, file) => {
    expect(readFileSync(file, 'utf8').includes(`code: '${code}'`)).toBe(true);
  });
});

describe('an error with an added location', () => {
  const thrown = new TrainingError('not finite.', { epoch: 3, step: 2, tensor: 'y', model: 1 });

  test.each([
    ['with the place in front', () => placed(thrown, 'fold 1 of 2'), 'fold 1 of 2: not finite.'],
    ['with another mark', () => placed(thrown, 'grid', '.'), 'grid.not finite.'],
    ['with advice after it', () => withAdvice(thrown, 'Try again.'), 'not finite. Try again.'],
  ])('keeps all its fields, %s', (_, place, message) => {
    const error = place();
    expect(error).toBeInstanceOf(TrainingError);
    expect(Object.prototype.toString.call(error)).toBe('[object Error]'); // structured clone and consoles use it
    expect({ ...error }).toEqual({ ...thrown });
    expect(error.message).toBe(message);
    expect(error.cause).toBe(thrown);
    expect(thrown.message).toBe('not finite.');
  });

  test('is one of this library: others pass unchanged', () => {
    const bug = new TypeError('a bug');
    expect(placed(bug, 'fold 1')).toBe(bug);
    expect(withAdvice(bug, 'Try again.')).toBe(bug);
    expect(() => within('fold 1', () => JSON.parse('{'))).toThrow(SyntaxError);
    expect(within('fold 1', () => 5)).toBe(5);
  });

  test('in a file is a DataError, whatever the original class', () => {
    const bug = new SyntaxError('no JSON');
    expect(badFile('checkpoint', bug)).toMatchObject({
      message: 'checkpoint: no JSON',
      code: 'file-damaged',
      cause: bug,
    });
    const version = new DataError('format 9', {
      code: 'file-of-another-version',
      details: { got: '9', expected: '1' },
    });
    expect(badFile('checkpoint', version)).toMatchObject({ code: 'file-of-another-version', cause: version });
  });
});

describe('an error that crosses from a worker', () => {
  const across = (error: unknown) => receiveError(structuredClone(sendError(error)));

  test('keeps class, code, details, fields, message, stack and causes', () => {
    const why = new DataError('inner', { code: 'csv-open-quote', details: { row: 7 }, cause: new TypeError('a bug') });
    const error = across(placed(why, 'outer')) as DataError;
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ message: 'outer: inner', code: 'csv-open-quote', details: { row: 7 } });
    expect(error.cause).toBeInstanceOf(DataError);
    expect(error.cause).toMatchObject({ message: 'inner', code: 'csv-open-quote', cause: { message: 'a bug' } });
  });

  test('keeps the message of a cause that cannot be cloned', () => {
    const gpuError = Object.assign(() => undefined, { message: 'too much' }); // like a GPUError, it cannot be cloned
    const error = across(new CommandError('refused', 'out-of-memory', gpuError)) as CommandError;
    expect(error).toMatchObject({ code: 'out-of-memory', type: 'out-of-memory', cause: { message: 'too much' } });
    expect(across(gpuError)).toMatchObject({ message: 'too much' });
  });
});

describe('on the page', () => {
  const met = here.filter(([code]) => code in ENGLISH);

  test.each(met)('%s has words in both languages that are not the library’s own', async (_, call) => {
    const error = await thrownBy(call);
    const text = errorIn(PORTUGUESE, error);
    expect(text).not.toBe((error as Error).message);
    expect(text).toMatch(/^\S.*[.?]$/);
    expect(text).not.toMatch(/undefined|\[object|\bexpected\b|\bgot\b/);
    const english = errorIn(ENGLISH, error);
    expect(english).not.toBe((error as Error).message);
    expect(english).toMatch(/^\S.*[.?]$/);
    const apiNames = /undefined|\[object|windowLength|hiddenSize|batchSize|missing:|--missing|parse\w*\(|\boption\b/;
    expect(english).not.toMatch(apiNames);
  });

  test('words contain the details', async () => {
    const wordsOf = async (code: ErrorCode) => {
      const error = await thrownBy(PROVOKED[code] as () => unknown);
      return [errorIn(ENGLISH, error), errorIn(PORTUGUESE, error)];
    };
    expect(await wordsOf('csv-hole')).toEqual([
      `Row 3, column “Close”: the cell is empty, but should have a number. Fix the cell or choose “${en.leaveOut}” or ` +
        `“${en.fillIn}” in “Missing values”.`,
      `Linha 3, coluna “Close”: a célula está vazia, mas deveria ter um número. Corrija a célula ou escolha, em “Valores ` +
        `ausentes”, “${pt.leaveOut}” ou “${pt.fillIn}”.`,
    ]);
    expect(await wordsOf('out-of-range')).toEqual([
      `${en.settings.split}: enter a number greater than 0 and less than 1, not 1.`,
      `${pt.settings.split}: informe um número maior que 0 e menor que 1, e não 1.`,
    ]);
    expect(await wordsOf('too-short')).toEqual([
      'The series has 5 rows, but with this window it needs at least 12. Use more rows or a smaller “Window”.',
      'A série tem 5 linhas, mas com esta janela precisa de pelo menos 12. Use mais linhas, ou “Janela” menor.',
    ]);
    expect(errorIn(PORTUGUESE, new TypeError('a bug'))).toBe('a bug');
    expect(errorIn(PORTUGUESE, await thrownBy(PROVOKED.option as () => unknown))).toMatch(/^projSize: got 3/);
  });
});

describe('a message', () => {
  const files = ['src', 'demo'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join(folder, path)),
  );

  test('is never edited or parsed: programs use code and details', () => {
    const edits = /\.message\s*\+?=[^=>]/;
    const parses = /\.message\??\.(includes|startsWith|endsWith|match|search|replace|slice|split|indexOf)\b/;
    const compares = /\.(test|exec)\([\w.]*\.message\)|\.message [!=]== /;
    for (const file of files)
      for (const line of readFileSync(file, 'utf8').split('\n'))
        for (const pattern of [edits, parses, compares]) expect(line, file).not.toMatch(pattern);
  });
});
