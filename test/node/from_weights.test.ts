import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import { describeGpu } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, TUTORIAL, waveCsv, write } from './command.ts';

const modelOf = (name: string) => parseModelFile(readFileSync(inFolder(name)));
const weightsOf = (name: string) => modelOf(name).members.map((member) => [...member].map(([, { data }]) => [...data]));
const scalesOf = (name: string) => modelOf(name).scalers.map(({ target }) => target.toJSON());

describeGpu('train --from', () => {
  beforeAll(async () => {
    write('wave.csv', waveCsv);
    const [header, ...rows] = waveCsv.trim().split('\n');
    const far = rows.slice(0, 40).map((row) => row.replace(/[^,]*$/, (value) => String(3 * Number(value) + 5)));
    write('far.csv', [header, ...far].join('\n'));
    const shape = [...TUTORIAL, '--hidden', '4', '--window', '5', '--ensemble', '2'];
    const made = await lstmWebgpu([
      'train',
      'wave.csv',
      ...shape,
      '--epochs',
      '2',
      '--batch',
      '8',
      '--model-out',
      'm.st',
    ]);
    expect(made.code, made.stderr).toBe(0);
  });

  test('continues from the weights of a model, with its shape and scale', async () => {
    const from = ['--from', 'm.st', ...TUTORIAL, '--batch', '8', '--json'];
    const still = await lstmWebgpu([
      'train',
      'far.csv',
      ...from,
      '--epochs',
      '1',
      '--lr',
      '0',
      '--model-out',
      'still.st',
    ]);
    expect(still.code, still.stderr).toBe(0);
    expect(events(still).at(-1)).toMatchObject({ type: 'result', from: 'weights', ensemble: 2, epochs: 1 });
    expect(weightsOf('still.st')).toEqual(weightsOf('m.st'));
    expect(scalesOf('still.st')).toEqual(scalesOf('m.st'));
    const further = [
      'train',
      'far.csv',
      ...from,
      '--epochs',
      '2',
      '--model-out',
      'further.st',
      '--chart-out',
      'c.html',
    ];
    const learned = await lstmWebgpu([...further, '--scaler-fit', 'train']);
    expect(learned.code, learned.stderr).toBe(0);
    expect(weightsOf('further.st')).not.toEqual(weightsOf('m.st'));
    expect(scalesOf('further.st')).not.toEqual(scalesOf('m.st'));
    expect(readFileSync(inFolder('c.html'), 'utf8')).toMatch(/started from.*weights/s);
  });

  test('writes a checkpoint that can be resumed', async () => {
    const straight = ['train', 'far.csv', '--from', 'm.st', '--batch', '8', '--epochs', '3', '--checkpoint', 'k.ckpt'];
    expect(await lstmWebgpu([...straight, '--model-out', 'a.st'])).toMatchObject({ code: 0 });
    const again = await lstmWebgpu(['train', 'far.csv', '--resume', 'k.ckpt', '--model-out', 'b.st', '--json']);
    expect(again.code, again.stderr).toBe(0);
    expect(events(again).at(-1)).toMatchObject({ from: 'checkpoint', steps: 0 });
    expect(weightsOf('b.st')).toEqual(weightsOf('a.st'));
  });

  test.each([
    [['--hidden', '8'], 2, '--hidden: the model in m.st has this setting already. Leave --hidden out'],
    [['--seed', '1'], 2, '--seed: the model in m.st has this setting already'],
    [['--resume', 'k.ckpt'], 2, '--from: a resumed training keeps the settings of its checkpoint, k.ckpt'],
    [['--model-out', 'm.st'], 2, '--model-out: m.st is also the input file m.st'],
    [['--from', 'wave.csv'], 1, 'wave.csv: expected a model, but this is text, not a model. Usage: lstm-webgpu train'],
    [['--from', 'none.st'], 1, 'none.st: there is no such file'],
    [['--from', 'damaged.st'], 1, 'damaged.st: model file: safetensors: the file is damaged'],
  ])('rejects --from m.st %j', async (flags, expected, message) => {
    const damaged = readFileSync(inFolder('m.st'));
    damaged[damaged.length - 9]! ^= 1;
    write('damaged.st', damaged);
    const { code, stderr } = await lstmWebgpu(['train', 'wave.csv', '--from', 'm.st', ...flags]);
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
  });
});
