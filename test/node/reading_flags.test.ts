import { beforeAll, expect, test } from 'vitest';
import { describeGpu } from '../gpu/device.ts';
import { events, lstmWebgpu, QUICK, wave, write } from './command.ts';

/** A line per row: the date, another number, and the value of the wave. */
const lines = (cell: (value: string, k: number) => string, separator: string) =>
  wave.map(({ date, value }, k) => [date, k, cell(value, k)].join(separator)).join('\n');

describeGpu('flags about the file', () => {
  beforeAll(() => {
    write('plain.csv', `date,volume,close\n${lines((value) => value, ',')}`);
    const other = lines((value, k) => (k === 3 ? '-999' : value.replace('.', ',')), ';');
    write('other.txt', `prices; of; a\nmachine; with; units\n${other}`);
  });

  const losses = (run: Awaited<ReturnType<typeof lstmWebgpu>>) =>
    events(run).flatMap(({ type, loss }) => (type === 'epoch' ? [loss] : []));

  test('read the file as they specify', async () => {
    const format = ['--skip', '2', '--header', 'no', '--delimiter', ';', '--decimal', ',', '--column', '2'];
    const holes = ['--missing-values=-999', '--missing', 'drop', '--json'];
    const run = await lstmWebgpu(['train', 'other.txt', ...format, ...holes, ...QUICK]);
    expect(run.code, run.stderr).toBe(0);
    const data = events(run).find(({ type }) => type === 'data');
    expect(data).toMatchObject({ file: 'other.txt', column: 'column 3', rows: wave.length - 1 });
    write('dropped.csv', `date,volume,close\n${lines((value, k) => (k === 3 ? '' : value), ',')}`);
    const same = await lstmWebgpu(['train', 'dropped.csv', '--missing', 'drop', '--json', ...QUICK]);
    expect(losses(run)).toEqual(losses(same));
  });

  test('of a delimiter that is not the one of the file fail', async () => {
    const run = await lstmWebgpu(['train', 'plain.csv', '--delimiter', 'tab', ...QUICK]);
    expect(run).toMatchObject({ code: 1, stdout: '' });
  });

  test('--recover changes no loss where no device is lost', async () => {
    const args = ['train', 'plain.csv', '--json', ...QUICK];
    const [run, recovering] = [await lstmWebgpu(args), await lstmWebgpu([...args, '--recover'])];
    expect(recovering.code, recovering.stderr).toBe(0);
    expect(losses(recovering)).toEqual(losses(run));
  });
});
