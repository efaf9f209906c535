import { DataError } from '../errors.ts';
import { readScalers, readShape } from '../forecast/model_file.ts';
import type { BytesInput } from '../io/bytes.ts';
import { memberPrefix, memberTensors, readParameters } from '../model/members.ts';
import { badFile } from '../placing.ts';
import { shown } from '../shown.ts';
import { readTrainedFile, writeTrainedFile } from '../train/file.ts';
import type { Decided } from './cut.ts';
import type { Trained } from './direct.ts';
import { type ForecastMethod, METHOD_NAMES } from './method_names.ts';
import type { MethodScore } from './scores.ts';

/** All that a forecast without training needs. */
export interface SavedRecipe extends Decided {
  method: ForecastMethod;
  /** From the training, like candidates and folds. */
  scores: MethodScore[];
  candidates: { name: string; error: number }[];
  folds: number;
  level: number;
  season: number;
  windowLength: number;
  outliers: 'replace' | 'keep';
  horizon: number;
  /** See `radiusOf`. */
  radius: number | undefined;
  /** The models whose mean is the forecast; none if there were too few rows to train one. */
  models: readonly (SavedModel & Decided)[];
}

type SavedModel = Pick<Trained, 'shape' | 'scalers' | 'weights'>;

/** The file of a forecast. */
export const recipeFile = ({ models, ...recipe }: SavedRecipe): Uint8Array<ArrayBuffer> =>
  writeTrainedFile('recipe', {
    tensors: memberTensors(models.map(({ weights }) => weights)),
    model: {
      ...recipe,
      models: models.map(({ log, deseasonalized, shape, scalers }) => ({ log, deseasonalized, shape, scalers })),
    },
  });

/** @throws DataError naming what is missing, damaged or inconsistent. @throws ConfigError for input that is not bytes. */
export function parseRecipeFile(bytes: BytesInput): SavedRecipe {
  const { model, tensors } = readTrainedFile('recipe', bytes);
  try {
    const recipe = model as unknown as SavedRecipe;
    const { method, scores, candidates, folds, level, season, windowLength, horizon, radius, outliers } = recipe;
    must('method', method, isMethod(method));
    must(
      'scores',
      scores,
      Array.isArray(scores) && scores.every((score) => isMethod(score.method) && isSize(score.mae)),
    );
    must('candidates', candidates, Array.isArray(candidates) && candidates.every(({ error }) => isSize(error)));
    must('outliers', outliers, outliers === 'replace' || outliers === 'keep');
    must('level', level, isSize(level) && level > 0 && level < 1);
    must('radius', radius, radius === undefined || isSize(radius));
    for (const [name, count] of Object.entries({ season, windowLength, horizon })) must(name, count, isCount(count, 1));
    must('folds', folds, isCount(folds, 0));
    must('models', recipe.models, Array.isArray(recipe.models));
    const models = recipe.models.map(({ shape: stored, scalers, ...own }, k) => {
      const shape = readShape(stored as unknown as Record<string, unknown>, tensors.size);
      must('horizon', shape.horizon, shape.horizon === horizon);
      const weights = readParameters(tensors, shape.config, memberPrefix(k, recipe.models.length));
      return { ...decided(own), shape, scalers: readScalers(scalers, shape), weights };
    });
    return { ...recipe, ...decided(recipe), models };
  } catch (error) {
    throw badFile('model file', error);
  }
}

function decided({ log, deseasonalized }: Decided): Decided {
  must('log', log, typeof log === 'boolean');
  must(
    'deseasonalized',
    deseasonalized,
    Array.isArray(deseasonalized) && deseasonalized.every((season) => isCount(season, 2)),
  );
  return { log, deseasonalized };
}

const isMethod = (value: unknown): boolean => METHOD_NAMES.includes(value as ForecastMethod);
const isCount = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && Number(value) >= least;
const isSize = (value: unknown): boolean => Number.isFinite(value) && Number(value) >= 0;

function must(name: string, got: unknown, holds: boolean): void {
  if (!holds) throw new DataError(`${name} is ${shown(got)}, which is not valid`);
}
