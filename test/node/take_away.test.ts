import { symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TUTORIAL } from '../../demo/settings.ts';
import { libraryCode } from '../../demo/take_away/library_code.ts';
import { describeGpu } from '../gpu/device.ts';
import { printed } from '../pure/printed.ts';
import { built, events, inFolder, lstmWebgpu, runNode, write } from './command.ts';

describeGpu('the library code that the page exports', () => {
  test('runs, with the results of the command', async () => {
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
    // the package by its own name, as when it is installed
    const exports = { '.': './dist/node/index.js' };
    symlinkSync(built('.'), inFolder('dist'), 'junction');
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
    const lines = events(command);
    const losses = lines.filter(({ type }) => type === 'epoch').map(({ loss }) => loss);
    const { rmse, naiveRmse } = lines.find(({ type }) => type === 'result')!;
    const got = printed(stdout);
    expect(got).toEqual({ losses, rmse, naiveRmse, future: expect.anything() });
    expect(got.future.map(Number.isFinite)).toEqual([true, true, true]);
  });

  test('runs with other columns, known up to the end and ahead, and gives what the command gives', async () => {
    const rows = Array.from({ length: 63 }, (_, t) => {
      const promo = Number(t % 7 === 0);
      return t < 60 ? [t, Math.sin(t / 4) + 3 * promo, Math.cos(t / 3), promo] : [t, '', '', promo];
    });
    write('shop.csv', ['Date,Sales,Visits,Promo', ...rows.map((row) => row.join(','))].join('\n'));
    const settings = { ...TUTORIAL, hiddenSize: 6, epochs: 3, batchSize: 7, lr: 0.01, horizon: 3 } as const;
    const source = { fileName: 'shop.csv', column: 'Sales', rows: undefined, missing: 'error' } as const;
    const side = { past: ['Visits'], future: ['Promo'] };
    write('shop.js', libraryCode(settings, { ...source, ...side }));
    const { stdout, stderr, code } = await runNode(['shop.js']);
    expect(code, stderr).toBe(0);
    const flags = '--preset tutorial --column Sales --past Visits --future Promo --horizon 3 --hidden 6 --epochs 3';
    const more = '--batch 7 --lr 0.01 --scaler-fit all --json';
    const command = await lstmWebgpu(['train', 'shop.csv', ...flags.split(' '), ...more.split(' ')]);
    expect(command.code, command.stderr).toBe(0);
    const losses = events(command)
      .filter(({ type }) => type === 'epoch')
      .map(({ loss }) => loss);
    const got = printed(stdout);
    expect(got.losses).toEqual(losses);
    expect(got.future.map(Number.isFinite)).toEqual([true, true, true]);
  });
});
