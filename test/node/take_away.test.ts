import { expect, test } from 'vitest';
import { TUTORIAL } from '../../demo/settings.ts';
import { libraryCode } from '../../demo/take_away/library_code.ts';
import { describeGpu } from '../gpu/device.ts';
import { printed } from '../pure/printed.ts';
import { events, lstmWebgpu, runNode, write } from './command.ts';

describeGpu('the library code that the page gives', () => {
  test('runs, and gives what the command gives', async () => {
    const rows = Array.from({ length: 90 }, (_, t) => `${t},${(Math.sin(t / 4) + t / 50).toFixed(6)}`);
    write('series.csv', ['Date,Value', ...rows].join('\n'));
    const settings = {
      ...TUTORIAL,
      cell: 'GRU',
      hiddenSize: 6,
      epochs: 4,
      batchSize: 7,
      lr: 0.01,
      horizon: 3,
    } as const;
    const source = { fileName: 'series.csv', column: 'Value', rows: 80, missing: 'error' } as const;
    // the package by its own name, as it is found once it is installed
    const exports = { '.': './dist/node/index.js' };
    write('package.json', JSON.stringify({ name: 'lstm-webgpu', type: 'module', exports }));
    write('run.js', libraryCode(settings, source));
    const { stdout, stderr, code } = await runNode(['run.js']);
    expect(code, stderr).toBe(0);
    const flags = [
      '--preset',
      'tutorial',
      '--column',
      'Value',
      '--rows',
      '80',
      '--cell',
      'gru',
      '--hidden',
      '6',
      '--epochs',
      '4',
    ];
    const more = ['--batch', '7', '--lr', '0.01', '--scaler-fit', 'all', '--json'];
    const command = await lstmWebgpu(['train', 'series.csv', ...flags, ...more]);
    expect(command.code, command.stderr).toBe(0);
    const told = events(command);
    const losses = told.filter(({ type }) => type === 'epoch').map(({ loss }) => loss);
    const { rmse, naiveRmse } = told.find(({ type }) => type === 'result')!;
    const got = printed(stdout);
    expect(got).toEqual({ losses, rmse, naiveRmse, future: expect.anything() });
    expect(got.future.map(Number.isFinite)).toEqual([true, true, true]);
  });
});
