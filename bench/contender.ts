/** A library or plan that can be timed repeatedly at a job. */
export interface Contender {
  name: string;
  /** The name of the device it runs on. */
  device: string;
  /** Untimed setup before the first sample. */
  prepare?(): Promise<void>;
  /** One timing of the same work. */
  sample(): Promise<number>;
}

export interface Result {
  name: string;
  device: string;
  median: number;
  samples: number[];
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Times every contender once per round, in turn, so that a slow phase of the machine affects all of them.
 * @param print called with a progress line after every sample.
 */
export async function measure(
  contenders: readonly Contender[],
  rounds: number,
  print: (line: string) => void,
): Promise<Result[]> {
  const results = contenders.map(({ name, device }): Result => ({ name, device, median: Number.NaN, samples: [] }));
  for (const contender of contenders) await contender.prepare?.();
  for (let round = 1; round <= rounds; round++)
    for (const [k, contender] of contenders.entries()) {
      const value = await contender.sample();
      results[k]!.samples.push(value);
      print(`round ${round} of ${rounds}: ${contender.name} ${value.toPrecision(3)}`);
    }
  for (const result of results) result.median = median(result.samples);
  return results;
}
