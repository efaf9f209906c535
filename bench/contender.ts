/** Someone who can be timed at a job, again and again. */
export interface Contender {
  name: string;
  /** Where it runs: the device, as it calls itself. */
  device: string;
  /** Everything before the first sample that must not be timed. */
  prepare?(): Promise<void>;
  /** One timing of the same work. */
  sample(): Promise<number>;
}

export interface Result {
  name: string;
  device: string;
  /** Middle of the samples. */
  median: number;
  samples: number[];
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Times every contender once a round, in turn: a machine that is slow for a while is slow for all of them.
 * @param say called with a line for people after every sample.
 */
export async function measure(
  contenders: readonly Contender[],
  rounds: number,
  say: (line: string) => void,
): Promise<Result[]> {
  const results = contenders.map(({ name, device }): Result => ({ name, device, median: Number.NaN, samples: [] }));
  for (const contender of contenders) await contender.prepare?.();
  for (let round = 1; round <= rounds; round++)
    for (const [k, contender] of contenders.entries()) {
      const value = await contender.sample();
      results[k]!.samples.push(value);
      say(`round ${round} of ${rounds}: ${contender.name} ${value.toPrecision(3)}`);
    }
  for (const result of results) result.median = median(result.samples);
  return results;
}
