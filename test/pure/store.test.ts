import { expect, test, vi } from 'vitest';
import { ConfigError, DataError } from '../../src/errors.ts';
import { openStore } from '../../src/io/store.ts';

test('openStore explains itself without a browser, and what to do instead', async () => {
  const opening = openStore('models');
  await expect(opening).rejects.toThrow(DataError);
  await expect(opening).rejects.toThrow(/not a browser\. .*write them to a file/);
});

test.each(['files', 'database', undefined] as const)(
  'openStore gives advice if a browser keeps nothing (keepIn: %s)',
  async (keepIn) => {
    vi.stubGlobal('navigator', { storage: {} });
    const opening = openStore('models', { keepIn });
    await expect(opening).rejects.toThrow(DataError);
    await expect(opening).rejects.toThrow(/has no storage for "models" \(.+\)\. Leave the private window/);
    await expect(opening).rejects.toMatchObject({ cause: expect.any(Error) });
    vi.unstubAllGlobals();
  },
);

test('openStore rejects an unknown place and an empty name', async () => {
  await expect(openStore('models', { keepIn: 'cookies' as 'files' })).rejects.toThrow(ConfigError);
  await expect(openStore('')).rejects.toThrow('got "" for a name');
});
