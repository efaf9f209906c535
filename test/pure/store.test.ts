import { expect, test } from 'vitest';
import { ConfigError, DataError } from '../../src/errors.ts';
import { openStore } from '../../src/io/store.ts';

test.each(['files', 'database', undefined] as const)(
  'openStore says what to do where nothing can be kept (keepIn: %s)',
  async (keepIn) => {
    const opening = openStore('models', { keepIn });
    await expect(opening).rejects.toThrow(DataError);
    await expect(opening).rejects.toThrow(/keeps nothing for "models" \(.+\)\. Leave the private window/);
    await expect(opening).rejects.toMatchObject({ cause: expect.any(ReferenceError) });
  },
);

test('openStore refuses a place it does not know, and a name that is empty', async () => {
  await expect(openStore('models', { keepIn: 'cookies' as 'files' })).rejects.toThrow(ConfigError);
  await expect(openStore('')).rejects.toThrow('got "" for a name');
});
