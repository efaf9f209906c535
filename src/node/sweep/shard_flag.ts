import { text } from '../../kinds.ts';
import { flag } from '../flags.ts';

/** One of several equal parts of a sweep. */
interface Shard {
  /** From 0. */
  index: number;
  count: number;
}

function read(part: string): Shard | undefined {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(part) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  return shard.index < shard.count && Number.isSafeInteger(shard.count) ? shard : undefined;
}

const { placeholder, refused } = text('I/N', 'I/N with I from 0 to N - 1, such as 0/4');

/** `I/N`, counted from 0 like Kubernetes' JOB_COMPLETION_INDEX and Slurm's `--array=0-9`. */
export const shardFlag = flag(
  { placeholder, refused, accepts: (value) => value !== undefined, read },
  'Do only part I of N, from 0 to N - 1, such as in an Indexed Job, a Slurm array (--array=0-9) or a CI matrix',
);
