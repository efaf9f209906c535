import type { Expected, WholeTraining } from '../gpu/whole_training.ts';
import { numQuantiles, tensorOf } from '../gpu/whole_training.ts';
import golden from './trainings.json';

/** A whole training run and PyTorch's results: a row of trainings.py. */
export interface TrainingRow {
  title: string;
  training: WholeTraining;
  expected: Expected;
}

interface GoldenRow extends Omit<WholeTraining, 'series' | 'samples'>, Omit<Expected, 'weights'> {
  data: 'series' | 'sequences';
  /** By name, f32 as base64. */
  weights: Record<string, string>;
}

const { sequences } = golden;
const rows = golden.rows as unknown as GoldenRow[];

const unpacked = (base64: string): Float32Array =>
  new Float32Array(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)).buffer);

/** Sequences with the targets that a row's head and loss take. */
function samplesOf({ model: { outputSize = 1, head }, loss }: GoldenRow) {
  const values = sequences.values.map((steps) => steps.map((own) => own.slice(0, outputSize / numQuantiles(loss))));
  const targets: unknown[][] = loss?.name === 'crossEntropy' ? sequences.classes : values;
  const asked = head === 'every' ? targets : targets.map(([first]) => first);
  return { inputs: tensorOf(sequences.inputs), targets: tensorOf(asked), lengths: sequences.lengths };
}

function rowOf({ data, losses, lastLosses, rates, weights, ...own }: GoldenRow): TrainingRow {
  const { model, optimizer, loss, schedule, clip } = own;
  const { cell, ...sizes } = model;
  const parts = [sizes, optimizer, loss, schedule, clip && { clip }]
    .filter(Boolean)
    .map((part) => JSON.stringify(part));
  const columns = golden.series.map((values) => values.slice(0, model.inputSize));
  const source = data === 'series' ? { series: columns, windowLength: 4 } : { samples: samplesOf(own as GoldenRow) };
  return {
    title: [cell, ...parts, ...(data === 'series' ? [] : ['lengths'])].join(' '),
    training: { ...own, ...source },
    expected: {
      ...{ losses, lastLosses, rates },
      weights: new Map(Object.entries(weights).map(([name, packed]) => [name, unpacked(packed)])),
    },
  };
}

export const trainingRows = rows.map(rowOf);
