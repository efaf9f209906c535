import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { type CellName, modelConfig, numDirections, stateSize } from '../../src/model/config.ts';
import { MersenneTwister } from '../../src/model/init.ts';
import type { TensorValue } from '../../src/model/parameters.ts';
import { createModule, type RecurrentModule } from '../../src/nn/recurrent.ts';
import { missingGpu, testDevice } from '../gpu/device.ts';
import { expectNormClose, relativeError } from '../gpu/expect.ts';
import { describeWith } from '../skips.ts';

const NUM_CASES = 50;
const seed = Number(process.env.PARITY_SEED ?? Date.now() % 2 ** 31);
console.log(`PARITY_SEED=${seed} repeats these ${NUM_CASES} configurations`);

const hasTorch = (command: string) => spawnSync(command, ['-c', 'import torch']).status === 0;
const python = [process.env.PYTHON ?? '/usr/bin/python3', 'python3'].find(hasTorch);
const missingPython = python
  ? undefined
  : 'python3 with torch: apt-get install python3-torch, or PYTHON=... to say where it is';

const generator = new MersenneTwister(seed);
const below = (count: number): number => generator.uint32() % count;
const maybe = (): boolean => below(2) === 1;

interface RandomCase {
  seed: number;
  config: ReturnType<typeof randomConfig>;
  T: number;
  N: number;
  states: boolean;
  lengths: number[] | null;
  batched: boolean;
}

function randomConfig() {
  const cell = (['LSTM', 'LSTM', 'GRU', 'RNN_TANH', 'RNN_RELU'] as const)[below(5)] as CellName;
  const hiddenSize = 2 + below(15);
  const projSize = cell === 'LSTM' && maybe() ? 1 + below(hiddenSize - 1) : 0;
  const shape = { inputSize: 1 + below(6), hiddenSize, numLayers: 1 + below(3), projSize };
  return { cell, ...shape, bias: maybe(), batchFirst: maybe(), bidirectional: maybe() };
}

function randomCase(): RandomCase {
  const [T, N, batched] = [1 + below(12), 1 + below(6), below(5) > 0];
  const lengths = batched && maybe() ? Array.from({ length: N }, () => 1 + below(T)) : null;
  return { seed: below(2 ** 31), config: randomConfig(), T, N: batched ? N : 1, states: maybe(), lengths, batched };
}

const cases = Array.from({ length: NUM_CASES }, randomCase);
const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-parity-'));
const fileOf = (k: number, ending: string) => join(folder, `${String(k).padStart(3, '0')}${ending}.safetensors`);
const readFile = (k: number, ending: string) => readSafetensors(readFileSync(fileOf(k, ending))).tensors;

/** Inputs, states and upstream gradients of a case, by the names of pytorch.py, in the order in which it takes them. */
function drawTensors({ seed: own, config, T, N, states, batched }: RandomCase): Map<string, TensorValue> {
  const draws = new MersenneTwister(own);
  const full = modelConfig({ ...config, head: 'none' });
  const rows = batched ? [N] : [];
  const sequence = (features: number) => (config.batchFirst && batched ? [N, T, features] : [T, ...rows, features]);
  const state = (size: number) => [numDirections(full) * full.numLayers, ...rows, size];
  const isLstm = config.cell === 'LSTM';
  const shapes: [string, number[]][] = [
    ['x', sequence(config.inputSize)],
    ...(states ? [['h0', state(stateSize(full))] as [string, number[]]] : []),
    ...(states && isLstm ? [['c0', state(full.hiddenSize)] as [string, number[]]] : []),
    ['dOutput', sequence(numDirections(full) * stateSize(full))],
    ['dHn', state(stateSize(full))],
    ...(isLstm ? [['dCn', state(full.hiddenSize)] as [string, number[]]] : []),
  ];
  return new Map(
    shapes.map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, data: Float32Array.from({ length }, () => draws.uniform(-1, 1)) }];
    }),
  );
}

describeWith(missingPython ?? missingGpu)('live comparison with PyTorch', () => {
  const modules: RecurrentModule[] = [];

  beforeAll(async () => {
    for (const [k, row] of cases.entries()) {
      const module = await createModule({ device: testDevice(), seed: row.seed, ...row.config });
      modules.push(module);
      const tensors = new Map([...(await module.stateDict()), ...drawTensors(row)]);
      const metadata = { case: JSON.stringify(row) };
      writeFileSync(fileOf(k, ''), writeSafetensors(tensors, metadata));
    }
    const { status, stderr } = spawnSync(python!, [join(import.meta.dirname, 'pytorch.py'), folder], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`pytorch.py failed with PARITY_SEED=${seed}:\n${stderr}`);
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(cases.map((row, k) => [k, JSON.stringify(row), row] as const))('%d %s', async (k, _, row) => {
    const module = modules[k]!;
    const given = drawTensors(row);
    const lengths = row.lengths ?? undefined;
    const states = { h0: given.get('h0'), c0: given.get('c0'), lengths };
    const expected = readFile(k, '.out');
    const forward = await module.forward(given.get('x')!, states);
    const close = (name: string, value: TensorValue | undefined) => {
      const wanted = expected.get(name);
      if (!wanted) return;
      expect(value!.shape, name).toEqual(wanted.shape);
      expectNormClose(value!.data, wanted.data, { tensor: `PARITY_SEED=${seed}: ${name}`, tolerance: 'gradient' });
    };
    for (const name of ['output', 'hn', 'cn'] as const) close(name, forward[name]);
    const upstream = { output: given.get('dOutput'), hn: given.get('dHn'), cn: given.get('dCn') };
    const { parameters, ...gradients } = await module.backward(upstream);
    for (const name of ['input', 'h0', 'c0'] as const) close(name, gradients[name]);
    for (const [name, value] of parameters) close(`grad.${name}`, value);

    module.loadStateDict(readFile(k, '.theirs'));
    const theirs = await module.forward(given.get('x')!, states);
    const wanted = readFile(k, '.theirs.out');
    for (const name of ['output', 'hn'] as const)
      expect(relativeError(theirs[name].data, wanted.get(name)!.data), `their ${name}`).toBeLessThan(1e-6);
    module.dispose();
  });
});
