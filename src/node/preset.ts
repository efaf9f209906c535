import type { FitOptions, ForecasterOptions } from '../forecast/options.ts';
import { recipeSettings } from '../recipe/preset.ts';
import type { FlagValues } from './flags.ts';
import type { NamedFrame } from './series_file.ts';
import type { fitFlags, modelFlags, presetFlag } from './setting_flags.ts';

type Values = Partial<FlagValues<typeof modelFlags & typeof fitFlags & typeof presetFlag>>;

/** Options of a model and of its training, as far as they are decided. */
interface Asked {
  model: Omit<ForecasterOptions, 'device'>;
  fit: FitOptions;
}

/** Adds the settings of the preset that were not given. @param series the recipe uses their training rows. */
export function withPreset(
  { preset = 'recipe', 'clip-norm': clipNorm }: Values,
  { model, fit }: Asked,
  series: readonly NamedFrame[],
): Asked {
  if (preset === 'tutorial') return { model, fit };
  const decided = { model, fit: clipNorm === 0 ? { ...fit, clip: {} } : fit };
  return recipeSettings(series.map(withoutHoles), decided);
}

/** Without holes: rows that were filled are good enough to choose settings by. */
const withoutHoles = ({ values, past, future, moments }: NamedFrame) => ({ target: values, past, future, moments });
