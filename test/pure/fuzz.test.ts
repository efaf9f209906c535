import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LstmError } from '../../src/errors.ts';
import { checkpoints } from './fuzz/checkpoint.ts';
import { csv } from './fuzz/csv.ts';
import { damaged, type FileKind } from './fuzz/kind.ts';
import { modelFiles } from './fuzz/model_file.ts';
import { safetensors } from './fuzz/safetensors.ts';

/** To add a file format, add an entry here. */
const KINDS = [csv, safetensors, modelFiles, checkpoints] as readonly FileKind<unknown>[];

/** More than any of these small files needs on a busy machine. */
const MOST_MS = 2000;

describe.each(KINDS)('$name', ({ files, reads, edits, holds }) => {
  test('reads back exactly what was written', () => {
    fc.assert(
      fc.property(files, ({ bytes, held }) => {
        reads(bytes, held);
      }),
      { numRuns: 300 },
    );
  });

  test('that is damaged gives an LstmError, or the values in the file', () => {
    let refused = 0;
    fc.assert(
      fc.property(damaged(files, edits), (bytes) => {
        const startMs = performance.now();
        try {
          holds(bytes);
        } catch (error) {
          if (!(error instanceof LstmError)) throw error;
          expect(error.message.length, 'a message for people').toBeLessThan(2000);
          refused++;
        }
        expect(performance.now() - startMs).toBeLessThan(MOST_MS);
      }),
      { numRuns: 1000 },
    );
    expect(refused, 'damage that was found').toBeGreaterThan(100);
  });
});
