import type { ModelState } from '../engine/state.ts';
import { DataError } from '../errors.ts';
import { checkOptions } from '../model/config.ts';
import type { StateDict, TensorValue } from '../model/parameters.ts';
import { shown } from '../shown.ts';
import type { ModelPosition, Position, Snapshot } from '../train/position.ts';
import type { EpochReport } from '../train/trainer.ts';
import type { Frame } from './frame.ts';
import { memberPrefix, modelFile, type ParsedFile, readParameters, type SavedModel } from './model_file.ts';
import { type FitSettings, fitSettings, settingsOptimizer } from './settings.ts';

/** A training that was not finished: with its series, all that is needed to go on. */
export interface UnfinishedTraining {
  settings: FitSettings;
  /** SHA-256 of every series. */
  hashes: readonly string[];
  reports: readonly EpochReport[];
}

/** Bumped when a reader of the old form could not go on from the new one. */
const FORMAT = 1;

/** Names of tensors that a checkpoint has beside a model file's: torch's names of what its optimizer keeps, and the best weights. */
const OPTIMIZER = 'optimizer.';
const BEST = 'best.';

/** A model file that holds a training, too. */
export function checkpointFile(
  model: Omit<SavedModel, 'members'>,
  state: ModelState,
  training: UnfinishedTraining,
  snapshot: Snapshot,
): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, TensorValue>();
  const { numModels } = state;
  for (const [arena, torchName] of keptBy(training.settings))
    for (const [k, values] of state.parse(snapshot.state.get(arena)!).entries())
      for (const [name, value] of values)
        tensors.set(`${memberPrefix(k, numModels)}${OPTIMIZER}${torchName}.${name}`, value);
  const whole = new Uint8Array(state.weights.buffer.size);
  for (const [k, copy] of snapshot.best.entries())
    if (copy) whole.set(new Uint8Array(copy), k * state.weights.copyBytes);
  for (const [k, values] of state.parse(whole.buffer).entries())
    if (snapshot.best[k])
      for (const [name, value] of values) tensors.set(`${memberPrefix(k, numModels)}${BEST}${name}`, value);
  const members = state.parse(snapshot.state.get('weights')!);
  const { position } = snapshot;
  return modelFile(
    { ...model, members },
    { tensors, training: JSON.stringify({ format: FORMAT, ...training, position }) },
  );
}

/** A training with all that its next step depends on, by parameter name. */
export interface SavedTraining {
  training: UnfinishedTraining;
  position: Position;
  members: readonly StateDict[];
  /** What the optimizer keeps, of each model. */
  kept: ReadonlyMap<Kept, readonly StateDict[]>;
  /** Weights of each model's best epoch, where it has one. */
  best: readonly (StateDict | undefined)[];
}

/** Reads what {@link checkpointFile} wrote. @throws DataError saying what is missing or does not fit. */
export function parseTraining(file: ParsedFile): SavedTraining {
  const numModels = file.members.length;
  const tensorsOf = (model: number, prefix: string) =>
    readParameters(file.tensors, file.shape.config, memberPrefix(model, numModels) + prefix);
  try {
    const { format, settings, hashes, reports, position } = parseRecord(file.training!);
    if (format !== FORMAT)
      throw new DataError(`format ${shown(format)}, this version reads ${FORMAT}; use the version that wrote it`);
    const checked = fitSettings(settings as FitSettings, file.shape, numModels);
    checkTexts(hashes, file.scalers.length);
    checkReports(reports);
    checkPosition(position, checked.epochs, numModels);
    const kept = keptBy(checked).map(
      ([arena, torchName]) => [arena, file.members.map((_, k) => tensorsOf(k, `${OPTIMIZER}${torchName}.`))] as const,
    );
    const best = position.models.map(({ stopping }, k) =>
      checked.earlyStopping && stopping.best ? tensorsOf(k, BEST) : undefined,
    );
    const training = { settings: checked, hashes, reports };
    return { training, position, members: file.members, kept: new Map(kept), best };
  } catch (error) {
    throw new DataError(`checkpoint: ${(error as Error).message}`);
  }
}

/** The bytes that the models of `state` go on from. */
export function snapshotFrom({ position, members, kept, best }: SavedTraining, state: ModelState): Snapshot {
  const arenas = [['weights', members] as const, ...kept].map(
    ([arena, models]) => [arena, state.unparse(models)] as const,
  );
  return {
    position,
    state: new Map(arenas),
    best: best.map((values) => values && state.unparse([values]).slice(0, state.weights.copyBytes)),
  };
}

type Kept = 'm' | 'v' | 'extra';

/** Which arenas an optimizer keeps, and torch's names for them. */
const keptBy = (settings: FitSettings) => Object.entries(settingsOptimizer(settings, 0).state) as [Kept, string][];

/** SHA-256 of a series with all its columns, in hex. */
export async function hashOf({ target, past, future }: Frame): Promise<string> {
  const columns = [target, ...past, ...future];
  const values = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    values.set(column, at);
    at += column.length;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', values));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function parseRecord(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  checkOptions('training', value as object);
  return value as Record<string, unknown>;
}

function checkTexts(hashes: unknown, count: number): asserts hashes is string[] {
  if (!Array.isArray(hashes) || hashes.length !== count || !hashes.every((hash) => typeof hash === 'string'))
    throw new DataError(`hashes: got ${shown(hashes)}, expected ${count} texts`);
}

const isCount = (value: unknown, min: number) => Number.isSafeInteger(value) && Number(value) >= min;

function checkReports(reports: unknown): asserts reports is EpochReport[] {
  const isReport = (report: Partial<EpochReport> | null) => isCount(report?.epoch, 1) && Array.isArray(report?.models);
  if (!Array.isArray(reports) || !reports.every(isReport))
    throw new DataError(`reports: got ${shown(reports)}, expected a list of the epochs that are done`);
}

function checkPosition(position: unknown, epochs: number, numModels: number): asserts position is Position {
  const { epoch, step, models } = (position ?? {}) as Partial<Record<keyof Position, unknown>>;
  if (!isCount(epoch, 1) || Number(epoch) > epochs + 1 || !isCount(step, 0))
    throw new DataError(`position: got epoch ${shown(epoch)}, step ${shown(step)} of ${epochs} epochs`);
  const isModel = (model: unknown): boolean => {
    const { stepsTaken, lossSum, lastLoss, schedule, stopping, report } = (model ?? {}) as Partial<ModelPosition>;
    const { best, badEpochs, stopped } = stopping ?? {};
    return (
      isCount(stepsTaken, 0) &&
      Number.isFinite(lossSum) &&
      (lastLoss === null || Number.isFinite(lastLoss)) &&
      typeof schedule === 'object' &&
      schedule !== null &&
      Object.values(schedule).every(Number.isFinite) &&
      isCount(schedule.reductions ?? 0, 0) &&
      isCount(badEpochs, 0) &&
      typeof stopped === 'boolean' &&
      (best === null || (Number.isFinite(best?.loss) && isCount(best?.epoch, 1))) &&
      (report === null || typeof report === 'object')
    );
  };
  if (!Array.isArray(models) || models.length !== numModels || !models.every(isModel))
    throw new DataError(`position: expected where each of ${numModels} models is`);
}
