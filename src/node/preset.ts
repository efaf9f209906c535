import type { FitOptions, ForecasterOptions } from '../forecast/options.ts';
import { recipeSettings } from '../recipe/preset.ts';
import type { FlagValues } from './flags.ts';
import type { NamedFrame } from './series_file.ts';
import type { fitFlags, modelFlags, presetFlag } from './setting_flags.ts';

type Values = Partial<FlagValues<typeof modelFlags & typeof fitFlags & typeof presetFlag>>;

/** A model, and how it is trained, as far as that is decided. */
interface Asked {
  model: Omit<ForecasterOptions, 'device'>;
  fit: FitOptions;
}

/** Adds what the preset says of the settings that were not given. @param series of which the training rows are looked at. */
export function withPreset(
  { preset = 'recipe', 'clip-norm': clipNorm }: Values,
  { model, fit }: Asked,
  series: readonly NamedFrame[],
): Asked {
  if (preset === 'tutorial') return { model, fit };
  const decided = { model, fit: clipNorm === 0 ? { ...fit, clip: {} } : fit };
  return recipeSettings(series.map(withoutHoles), decided);
}

/** Rows that were filled are as good as any to choose settings by. */
const withoutHoles = ({ values, past, future, moments }: NamedFrame) => ({ target: values, past, future, moments });
