import { ConfigError, DataError } from '../errors.ts';
import { checkOptions, notWhole } from '../options.ts';
import { shown } from '../shown.ts';

/** Options of {@link splitSamples}. */
export interface SplitOptions {
  /** Rows of the series. */
  rows: number;
  /** Rows in a sample's window, T: sample `start` has rows start .. start + T - 1, and its target is row start + T. */
  windowLength: number;
  /** Share of the samples, from the start, used for training; 0 < split < 1. */
  split: number;
}

/** Samples 0 .. numTrain - 1 are for training, numTrain .. numSamples - 1 for testing. A sample is just its first row. */
export interface Split {
  rows: number;
  windowLength: number;
  /** rows - windowLength. */
  numSamples: number;
  /** split * numSamples truncated, like Python's `int(split * n)`. */
  numTrain: number;
  numTest: number;
}

/**
 * Splits a series in time: the first samples are for training, the later ones for testing.
 * @throws DataError for fewer than windowLength + 2 rows: one sample to train on and one to test on.
 * @throws ConfigError if windowLength is not a whole number from 1, or split leaves no sample to train on.
 */
export function splitSamples(options: SplitOptions): Split {
  checkOptions('splitSamples', options, { rows: true, windowLength: true, split: true });
  const { rows, windowLength, split } = options;
  if (!Number.isInteger(windowLength) || windowLength < 1) throw notWhole('windowLength', windowLength, 1);
  if (!(split > 0 && split < 1))
    throw new ConfigError(`split: got ${split}, expected a number above 0 and below 1, such as 0.8.`, {
      code: 'out-of-range',
      details: { argument: 'split', got: shown(split), above: 0, below: 1 },
    });
  if (!(Number.isInteger(rows) && rows >= windowLength + 2))
    throw new DataError(
      `series: got ${rows} rows, but a window of ${windowLength} needs at least ${windowLength + 2}: ` +
        'one sample to train on and one to test on. Use more rows or a smaller window.',
      { code: 'too-short', details: { rows, needed: windowLength + 2 } },
    );
  const numSamples = rows - windowLength;
  const numTrain = Math.trunc(split * numSamples);
  if (numTrain < 1)
    throw new ConfigError(
      `split: got ${split}, which leaves none of the ${numSamples} samples to train on. ` +
        `Use at least ${Math.ceil(1000 / numSamples) / 1000}, or more rows.`,
      { code: 'nothing-to-train-on', details: { samples: numSamples } },
    );
  // There is always one to test on: with split < 1 the product is less than numSamples, even after rounding.
  return { rows, windowLength, numSamples, numTrain, numTest: numSamples - numTrain };
}

export interface OrderOptions {
  shuffle: boolean;
  /** Any whole number. */
  seed: number;
  /** From 1. */
  epoch: number;
}

/**
 * The samples 0 .. numSamples - 1 in the order of an epoch: unchanged, or in a Fisher-Yates shuffle that
 * depends on (seed, epoch) alone.
 * @returns [numSamples]
 * @throws ConfigError if seed or epoch is not a whole number.
 */
export function sampleOrder(numSamples: number, { shuffle, seed, epoch }: OrderOptions): Uint32Array {
  const order = Uint32Array.from({ length: numSamples }, (_, k) => k);
  if (!shuffle) return order;
  for (const [name, value] of Object.entries({ seed, epoch }))
    if (!Number.isSafeInteger(value)) throw new ConfigError(`${name}: got ${value}, expected a whole number.`);
  const random = sfc32(seed, Math.floor(seed / 2 ** 32), epoch);
  for (let k = numSamples - 1; k > 0; k--) {
    // Scaling 32 bits favors some indices by at most numSamples / 2^32, which is negligible.
    const other = Math.floor((random() / 2 ** 32) * (k + 1));
    [order[k], order[other]] = [order[other]!, order[k]!];
  }
  return order;
}

/**
 * Some of the indices 0 .. total - 1, drawn without replacement, ascending: the last `count` of a Fisher-Yates shuffle, without
 * storing the rest.
 * @param count at most `total`.
 */
export function drawPlaces(total: number, count: number, seed: number): Float64Array {
  const random = sfc32(seed, Math.floor(seed / 2 ** 32), 1);
  const share = () => (random() * 2 ** 21 + (random() >>> 11)) / 2 ** 53;
  const moved = new Map<number, number>();
  const at = (place: number) => moved.get(place) ?? place;
  const places = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const last = total - 1 - k;
    const other = Math.floor(share() * (last + 1));
    places[k] = at(other);
    moved.set(other, at(last));
    moved.delete(last);
  }
  return places.sort();
}

/** Doty-Humphrey's Small Fast Counting generator of whole numbers below 2^32, from PractRand: good from any seed. */
function sfc32(a: number, b: number, c: number): () => number {
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let k = 0; k < 12; k++) next(); // PractRand's warm-up: separates nearby seeds
  return next;
}
