import { optimizerOf } from '../../src/engine/optimizers.ts';
import { sketch } from '../../src/self_test/compare.ts';
import {
  CLIPS,
  clipName,
  DROPOUT,
  LOSSES,
  lossOutputs,
  OPTIMIZER_ELEMENTS,
  OPTIMIZERS,
  optimizerName,
  PRODUCT,
} from '../../src/self_test/kernel_checks.ts';
import { MODULE_CALLS } from '../../src/self_test/module_checks.ts';
import { LR, MODEL, OTHER_MODELS, stepName, TRAINING } from '../../src/self_test/plan_checks.ts';
import { dropout } from '../reference/dropout.ts';
import { type ModelCase, modelCases } from './cases.ts';
import kernels from './kernels.json';
import losses from './losses.json';
import optimizers from './optimizers.json';
import recurrent from './recurrent.json';
import trainer from './trainer.json';

const unpack = (text: string): Float32Array =>
  new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);

/** The first row of PyTorch's numbers for a check. */
function find<Row>(rows: readonly Row[], what: string, matches: (row: Row) => boolean): Row {
  const row = rows.find(matches);
  if (!row) throw new Error(`golden numbers: no row for ${what}`);
  return row;
}

const includes = (whole: object, part: object): boolean =>
  Object.entries(part).every(([key, value]) => JSON.stringify(whole[key as never]) === JSON.stringify(value));

/** The contents of src/self_test/golden.ts: the numbers of this folder that the self-test compares with. */
function selfTestNumbers(): Record<string, number[]> {
  const numbers: Record<string, number[]> = {};
  for (const { name, seed } of MODULE_CALLS) {
    const row = find(recurrent.cases, name, (other) => other.seed === seed) as unknown as Record<string, string>;
    const values = ['output', 'hn', 'cn', 'input', 'h0', 'c0'].flatMap((key) => row[key] ?? []);
    numbers[name] = [...values, ...Object.values(row.parameters!)].flatMap((text) => sketch(unpack(text)));
  }
  for (const options of LOSSES) {
    const wanted = { N: 3, T: 1, O: lossOutputs(options) };
    const isMean = (loss: object) => includes(loss, { reduction: 'mean', ...options });
    const row = find(losses.cases, options.name, (other) => isMean(other.loss) && includes(other, wanted));
    numbers[`loss ${options.name}`] = [...row.y, ...row.target, ...row.d_y, row.value];
  }
  for (const options of OPTIMIZERS) {
    const { name, ...settings } = options;
    const row = find(
      optimizers.optimizers,
      name,
      (other) => other.name === name && includes(other.options, settings) && includes(settings, other.options),
    );
    // one small gradient, one of about 0.03, one large
    const some = (values: readonly number[]) =>
      Array.from({ length: OPTIMIZER_ELEMENTS }, (_, k) => values[1 + Math.floor((k * (row.P - 2)) / 2)]!);
    const kept = Object.values(optimizerOf(options).state).map((key) => row.state[key as never] as number[]);
    numbers[optimizerName(options)] = [row.weights, ...row.grads, row.after, ...kept].flatMap(some);
  }
  for (const { count, ...limits } of CLIPS) {
    const { grads, clipped } = find(optimizers.clips, clipName(limits), (row) => row.P === 67 && includes(row, limits));
    numbers[clipName(limits)] = [...grads.slice(-count), ...sketch(clipped.slice(-count))];
  }
  const product = find(kernels.matmul, 'product', (row) => includes(row, PRODUCT));
  numbers.product = [...product.a, ...product.b, ...sketch(product.product)];
  const y = new Float64Array(DROPOUT.count);
  const dims = { ...DROPOUT, x_offset: 0, y_offset: 0, accumulate: 0 };
  dropout(dims, { x: new Float64Array(DROPOUT.count).fill(1 - DROPOUT.p), y }, { number: 5 } as never);
  numbers.dropout = [...y];
  for (const trained of [MODEL, ...OTHER_MODELS]) {
    const { cell, hiddenSize } = trained.options;
    const isIt = (row: ModelCase) => row.seed === trained.seed && row.cell === cell && row.hiddenSize === hiddenSize;
    const step = find(modelCases, stepName(trained), isIt);
    const own = [step.loss];
    for (const gradient of Object.values(step.gradients)) {
      // Adam's first step: both moments are the gradient's, whatever they decay with
      const move = gradient.map((d) => (-LR * d) / (Math.abs(d) + 1e-8));
      own.push(...sketch(gradient), ...sketch(move));
    }
    numbers[stepName(trained)] = own;
    if (trained === MODEL) numbers.predict = step.y;
  }
  numbers['whole training'] = find(trainer.cases, 'training', ({ seed }) => seed === TRAINING.seed).losses;
  return numbers;
}

/** The text of src/self_test/golden.ts. */
export function goldenModule(): string {
  const packed = Object.entries(selfTestNumbers()).map(([name, values]) => {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    return `  ${/^\w+$/.test(name) ? name : `'${name}'`}:\n    '${btoa(String.fromCharCode(...bytes))}',\n`;
  });
  return (
    "/** PyTorch's numbers for each check, little-endian float32 as base64; written by tools/self_test_golden.ts. */\n" +
    `export const GOLDEN: Readonly<Record<string, string>> = {\n${packed.join('')}};\n`
  );
}
