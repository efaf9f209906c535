import type { Optimizer } from '../engine/optimizers.ts';
import type { ModelState } from '../engine/state.ts';
import { DataError } from '../errors.ts';
import type { StoredTensor } from '../io/safetensors.ts';
import type { ModelConfig } from '../model/config.ts';
import { memberPrefix, readParameters } from '../model/members.ts';
import type { StateDict, TensorValue } from '../model/parameters.ts';
import { badFile } from '../placing.ts';
import { shown } from '../shown.ts';
import type { EarlyStopping } from './early_stopping.ts';
import { type ReadFile, type Writer, writeTrainedFile } from './file.ts';
import type { ModelPosition, Position, Snapshot } from './position.ts';
import type { EpochReport, ModelEpoch } from './report.ts';

/** Prefixes of names in a file: of the optimizer's state, under torch's names, and of the best weights. */
const OPTIMIZER = 'optimizer.';
const BEST = 'best.';

/** The part of a checkpoint besides its tensors. Plain JSON. */
export interface StoredTraining<Settings> {
  settings: Settings;
  /** Epochs trained before this fit. */
  epochsBefore: number;
  /** SHA-256 of each part of the data. */
  hashes: readonly string[];
  /** Reports of the epochs that are done. */
  reports: readonly EpochReport[];
  position: Position;
}

/** A training as read from a file: together with its data, everything needed to resume. */
export interface SavedTraining<Settings> extends StoredTraining<Settings>, SavedSnapshot {}

/** The file of a training. @param model the writer's own section. */
export function writeCheckpoint(
  writer: Writer,
  model: object,
  training: Omit<StoredTraining<object>, 'position'>,
  { snapshot, state, optimizer }: { snapshot: Snapshot; state: ModelState; optimizer: Optimizer },
): Uint8Array<ArrayBuffer> {
  const { position } = snapshot;
  const tensors = snapshotTensors(snapshot, state, optimizer);
  return writeTrainedFile(writer, { tensors, model, training: { ...training, position } });
}

/**
 * Reads a file of {@link writeCheckpoint}; undefined for a model file.
 * @param models their config and number, the allowed numbers of hashes, and how to validate settings.
 * @throws DataError naming what is missing or inconsistent.
 */
export function readCheckpoint<Settings extends CheckpointSettings>(
  { tensors, training }: ReadFile,
  models: {
    config: ModelConfig;
    numModels: number;
    numHashes: readonly number[];
    checked: (settings: object, hashes: readonly string[]) => Settings;
    optimizer: (settings: Settings) => Optimizer;
  },
): SavedTraining<Settings> | undefined {
  if (!training) return undefined;
  const { config, numModels } = models;
  try {
    const { epochsBefore, hashes, reports, position } = training;
    checkHashes(hashes, models.numHashes);
    checkReports(reports);
    if (!isCount(epochsBefore, 0))
      throw new DataError(`epochsBefore: got ${shown(epochsBefore)}, expected a whole number`);
    const settings = models.checked(training.settings as object, hashes);
    checkPosition(position, epochsBefore + settings.epochs, numModels, epochsBefore);
    const where = { position, stopsEarly: settings.earlyStopping !== undefined };
    const snapshot = readSnapshot(tensors, config, models.optimizer(settings), where);
    return { settings, epochsBefore, hashes, reports, ...snapshot };
  } catch (error) {
    throw badFile('checkpoint', error);
  }
}

type CheckpointSettings = { epochs: number; earlyStopping?: EarlyStopping | undefined };

/** @param nameOf names each part of the data, for messages. @throws DataError if the data differ from the checkpoint's. */
export function checkSameData(
  hashes: readonly string[],
  expected: readonly string[],
  nameOf: (part: number) => string,
): void {
  const part = Array.from({ length: Math.max(hashes.length, expected.length) }, (_, k) => k).find(
    (k) => hashes[k] !== expected[k],
  );
  if (part === undefined) return;
  const of = (hash: string | undefined) => (hash ? `values with the hash ${hash.slice(0, 12)}…` : 'none');
  throw new DataError(
    `resume: ${nameOf(part)}: got ${of(hashes[part])}, expected ${of(expected[part])}. Pass the data that was passed to fit().`,
    { code: 'other-series' },
  );
}

/** A snapshot without its position, as tensors: weights under PyTorch's names, and the state of training. */
function snapshotTensors(
  snapshot: Snapshot,
  state: ModelState,
  optimizer: Optimizer,
): ReadonlyMap<string, TensorValue> {
  const tensors = new Map<string, TensorValue>();
  const { numModels } = state;
  const add = (prefix: string, bytes: ArrayBuffer, isThere: (model: number) => boolean = () => true) => {
    for (const [k, values] of state.parse(bytes).entries())
      if (isThere(k))
        for (const [name, value] of values) tensors.set(`${memberPrefix(k, numModels)}${prefix}${name}`, value);
  };
  for (const [arena, torchName] of keptBy(optimizer)) add(`${OPTIMIZER}${torchName}.`, snapshot.state.get(arena)!);
  const whole = new Uint8Array(state.weights.buffer.size);
  for (const [k, copy] of snapshot.best.entries())
    if (copy) whole.set(new Uint8Array(copy), k * state.weights.copyBytes);
  add(BEST, whole.buffer, (k) => snapshot.best[k] !== undefined);
  add('', snapshot.state.get('weights')!);
  return tensors;
}

/** A snapshot by parameter names, as stored in a file. */
interface SavedSnapshot {
  position: Position;
  /** The weights of each model. */
  members: readonly StateDict[];
  /** The optimizer's state, for each model. */
  kept: ReadonlyMap<Kept, readonly StateDict[]>;
  /** Weights of each model's best epoch, if it has one. */
  best: readonly (StateDict | undefined)[];
}

/**
 * Reads the tensors of {@link snapshotTensors}.
 * @param stopsEarly whether they include the best weights. @throws DataError for a tensor that is missing or of another shape.
 */
function readSnapshot(
  tensors: ReadonlyMap<string, StoredTensor>,
  config: ModelConfig,
  optimizer: Optimizer,
  { position, stopsEarly }: { position: Position; stopsEarly: boolean },
): SavedSnapshot {
  const { models } = position;
  const read = (model: number, prefix: string) =>
    readParameters(tensors, config, memberPrefix(model, models.length) + prefix);
  const readEach = (prefix: string) => models.map((_, model) => read(model, prefix));
  const kept = keptBy(optimizer).map(([arena, torchName]) => [arena, readEach(`${OPTIMIZER}${torchName}.`)] as const);
  const best = models.map(({ stopping }, k) => (stopsEarly && stopping.best ? read(k, BEST) : undefined));
  return { position, members: readEach(''), kept: new Map(kept), best };
}

/** The bytes to resume the models of `state` from. */
export function snapshotFrom({ position, members, kept, best }: SavedSnapshot, state: ModelState): Snapshot {
  const arenas = [['weights', members] as const, ...kept].map(
    ([arena, models]) => [arena, state.unparse(models)] as const,
  );
  return {
    position,
    state: new Map(arenas),
    best: best.map((values) => values && state.unparse([values]).slice(0, state.weights.copyBytes)),
  };
}

/** @param counts the allowed numbers of hashes. @throws DataError for invalid hashes. */
function checkHashes(hashes: unknown, counts: readonly number[]): asserts hashes is string[] {
  if (!Array.isArray(hashes) || !counts.includes(hashes.length) || !hashes.every((hash) => typeof hash === 'string'))
    throw new DataError(`hashes: got ${shown(hashes)}, expected ${counts.join(' or ')} strings`);
}

/** @throws DataError for invalid reports. */
function checkReports(reports: unknown): asserts reports is EpochReport[] {
  const isReport = (report: Partial<EpochReport> | null) =>
    isCount(report?.epoch, 1) && Array.isArray(report!.models) && report!.models.every(isObject);
  if (!Array.isArray(reports) || !reports.every(isReport))
    throw new DataError(`reports: got ${shown(reports)}, expected a list of the epochs that are done`);
}

const isCount = (value: unknown, min: number): value is number => Number.isSafeInteger(value) && Number(value) >= min;

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a stored report is valid; JSON has no infinity and no NaN. */
const isModelEpoch = ({ loss, lastLoss, lr, stopped, validationLoss }: Partial<ModelEpoch>): boolean =>
  [loss, lastLoss, lr].every(Number.isFinite) &&
  typeof stopped === 'boolean' &&
  ((validationLoss ?? null) === null || Number.isFinite(validationLoss));

/** @param epochs the last one. @throws DataError for an impossible position. */
function checkPosition(
  position: unknown,
  epochs: number,
  numModels: number,
  epochsBefore: number,
): asserts position is Position {
  const { epoch, step, models } = (position ?? {}) as Partial<Record<keyof Position, unknown>>;
  if (!isCount(epoch, epochsBefore + 1) || Number(epoch) > epochs + 1 || !isCount(step, 0))
    throw new DataError(
      `position: got epoch ${shown(epoch)}, step ${shown(step)} of epochs ${epochsBefore + 1} to ${epochs}`,
    );
  const isModel = (model: unknown): boolean => {
    const { stepsTaken, lossSum, lastLoss, schedule, stopping, report } = (model ?? {}) as Partial<ModelPosition>;
    const { best, badEpochs, stopped } = stopping ?? {};
    return (
      isCount(stepsTaken, 0) &&
      Number.isFinite(lossSum) &&
      (lastLoss === null ? step === 0 || stopped === true : Number.isFinite(lastLoss)) &&
      typeof schedule === 'object' &&
      schedule !== null &&
      Object.values(schedule).every(Number.isFinite) &&
      isCount(schedule.reductions ?? 0, 0) &&
      isCount(badEpochs, 0) &&
      typeof stopped === 'boolean' &&
      (best === null || (Number.isFinite(best?.loss) && isCount(best?.epoch, 1))) &&
      (report === null || (isObject(report) && isModelEpoch(report!)))
    );
  };
  if (!Array.isArray(models) || models.length !== numModels || !models.every(isModel))
    throw new DataError(`position: expected a valid position for each of ${numModels} models`);
}

/** @param samples of each model. @throws DataError for a step beyond the end of an epoch. */
export function checkStep({ epoch, step }: Position, samples: readonly number[], batchSize: number): void {
  const steps = Math.ceil(Math.max(...samples) / batchSize);
  if (step > steps)
    throw new DataError(`checkpoint: position: got step ${step} of epoch ${epoch}, which has ${steps} steps.`);
}

/** SHA-256 of bytes, in hex. */
export async function hashOfBytes(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

type Kept = 'm' | 'v' | 'extra';

/** The arenas of an optimizer's state, and torch's names for them. */
const keptBy = ({ state }: Optimizer) => Object.entries(state) as [Kept, string][];
