import { byId } from './elements.ts';
import type { TrainSettings } from './protocol.ts';

/** The form's values as they are: the library checks them, and its messages say what is wrong. Empty is NaN. */
export function readSettings(): TrainSettings {
  const number = (id: string) => byId(id, HTMLInputElement).valueAsNumber;
  return {
    windowLength: number('window'),
    hiddenSize: number('hidden'),
    seed: number('seed'),
    epochs: number('epochs'),
    batchSize: number('batch'),
    lr: number('lr'),
    split: number('split'),
    scalerFit: byId('scaler', HTMLSelectElement).value === 'all' ? 'all' : 'train',
  };
}
