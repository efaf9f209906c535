import { ConfigError } from '../../errors.ts';
import type { Flag } from '../flags.ts';

/** One of several equal parts of a sweep. */
export interface Shard {
  /** From 0. */
  index: number;
  count: number;
}

/** `I/N`, counted from 0 as Kubernetes' JOB_COMPLETION_INDEX and Slurm's `--array=0-9` count. */
export const shardFlag: Flag<Shard> = {
  placeholder: 'I/N',
  help: 'Do only part I of N, from 0 to N - 1: of an Indexed Job, a Slurm array (--array=0-9), a CI matrix',
  read(text, name) {
    const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
    const shard = { index: Number(index), count: Number(count) };
    if (!(shard.index < shard.count && Number.isSafeInteger(shard.count)))
      throw new ConfigError(
        `--${name}: got ${JSON.stringify(text)}, expected I/N with I from 0 to N - 1, such as 0/4.`,
      );
    return shard;
  },
};
