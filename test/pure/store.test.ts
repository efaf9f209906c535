import { expect, test, vi } from 'vitest';
import { ConfigError, DataError } from '../../src/errors.ts';
import { openStore } from '../../src/io/store.ts';

test('openStore says what it is where there is no browser, and what to do instead', async () => {
  const opening = openStore('models');
  await expect(opening).rejects.toThrow(DataError);
  await expect(opening).rejects.toThrow(/no browser here\. .*write them to a file/);
});

test.each(['files', 'database', undefined] as const)(
  'openStore says what to do where a browser keeps nothing (keepIn: %s)',
  async (keepIn) => {
    vi.stubGlobal('navigator', { storage: {} });
    const opening = openStore('models', { keepIn });
    await expect(opening).rejects.toThrow(DataError);
    await expect(opening).rejects.toThrow(/keeps nothing for "models" \(.+\)\. Leave the private window/);
    await expect(opening).rejects.toMatchObject({ cause: expect.any(Error) });
    vi.unstubAllGlobals();
  },
);

test('openStore refuses a place it does not know, and a name that is empty', async () => {
  await expect(openStore('models', { keepIn: 'cookies' as 'files' })).rejects.toThrow(ConfigError);
  await expect(openStore('')).rejects.toThrow('got "" for a name');
});
