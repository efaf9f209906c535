import type { Queue } from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { ConfigError } from '../../errors.ts';
import { text } from '../../kinds.ts';
import { messageOf } from '../../shown.ts';
import { VERSION } from '../../version.ts';
import { flag } from '../flags.ts';

/** The queue does not answer, or is not Redis. */
export class QueueError extends Error {}

/** Prefix of all Redis keys. */
const PREFIX = 'lstm-webgpu';

/** Each version of the engine has its own queue: only workers of that version take its packs. */
const queueName = (version: string): string => `packs-${version}`;

/** The versions that have a queue. */
const VERSIONS = `${PREFIX}:versions`;

/** Outcomes by the keys of their jobs, until the sweep has written them to disk. */
const OUTCOMES = `${PREFIX}:outcomes`;

/** Outcomes that are never fetched expire this long after the last new one. */
const KEPT_SECONDS = 7 * 24 * 3600;

const CONNECT_MS = 5000;

type Loaded = { bullmq: typeof import('bullmq'); ioredis: typeof import('ioredis') };

/** The two optional peers. @throws ConfigError with what to install. */
async function loadPeers(): Promise<Loaded> {
  try {
    return { bullmq: await import('bullmq'), ioredis: await import('ioredis') };
  } catch (error) {
    throw new ConfigError(`--queue: npm install bullmq ioredis first (${messageOf(error)})`, { cause: error });
  }
}

/** A tested connection to Redis, and the queue of this version in it. */
export class PackQueue {
  readonly bullmq: Loaded['bullmq'];
  readonly redis: Redis;
  readonly queue: Queue;
  /** The address without a password, for messages. */
  readonly address: string;
  readonly name = queueName(VERSION);

  private constructor(bullmq: Loaded['bullmq'], redis: Redis, address: string) {
    this.bullmq = bullmq;
    this.redis = redis;
    this.address = address;
    this.queue = new bullmq.Queue(this.name, this.options);
    this.queue.on('error', () => undefined); // the connection is shared, and `redis` reports its errors
  }

  /** Options for BullMQ's classes. */
  get options(): { connection: Redis; prefix: string } {
    return { connection: this.redis, prefix: PREFIX };
  }

  /**
   * Connects, and reconnects whenever Redis comes back.
   * @param address as {@link queueFlag} reads it.
   * @param note called when the connection breaks, and when it is back.
   * @throws ConfigError if a package is missing. @throws QueueError if the address does not answer.
   */
  static async open(address: string, note: (text: string) => void): Promise<PackQueue> {
    const shown = withoutSecrets(address);
    const { bullmq, ioredis } = await loadPeers();
    let lost = false;
    let found = false;
    const options: RedisOptions = {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      maxRetriesPerRequest: null,
      retryStrategy: (times) => (found ? Math.min(200 * times, 2000) : null),
    };
    const redis = new ioredis.Redis(address, options);
    let reason = 'no answer';
    redis.on('error', (error: Error) => {
      reason = error.message || ((error as NodeJS.ErrnoException).code ?? reason);
      if (found && !lost) note(`The queue at ${shown} is gone (${reason}); waiting for it.`);
      lost = true;
    });
    redis.on('ready', () => {
      if (found && lost) note(`The queue at ${shown} is back.`);
      lost = false;
    });
    try {
      await redis.connect();
      await redis.ping();
      found = true;
    } catch (error) {
      redis.disconnect();
      throw new QueueError(
        `--queue: no answer from Redis at ${shown}: ${lost ? reason : messageOf(error)}. Is it running, and is the address ` +
          'right?',
        { cause: error },
      );
    }
    return new PackQueue(bullmq, redis, shown);
  }

  /** Announces packs of this version. */
  async announce(): Promise<void> {
    await this.redis.sadd(VERSIONS, VERSION);
  }

  /** The versions of the engine that have packs here, sorted. */
  async versionsWithPacks(): Promise<string[]> {
    const versions = (await this.redis.smembers(VERSIONS)).filter(isVersion).sort();
    const busy = await Promise.all(
      versions.map(async (version) => {
        const queue = new this.bullmq.Queue(queueName(version), this.options);
        queue.on('error', () => undefined);
        const counts = await queue.getJobCounts('wait', 'delayed', 'active');
        await queue.close();
        return Object.values(counts).some((count) => count > 0);
      }),
    );
    return versions.filter((_, k) => busy[k]);
  }

  /** Keeps outcomes, by key; repeating it has no effect. */
  async putOutcomes(outcomes: ReadonlyMap<string, string>): Promise<void> {
    await this.redis.multi().hset(OUTCOMES, outcomes).expire(OUTCOMES, KEPT_SECONDS).exec();
  }

  /** @param keys each with the maximum length of its outcome. @returns [keys]: null where there is none yet. */
  async getOutcomes(keys: readonly (readonly [key: string, most: number])[]): Promise<(string | 'too long' | null)[]> {
    const lengths = await Promise.all(keys.map(([key]) => this.redis.hstrlen(OUTCOMES, key)));
    const wanted = keys.flatMap(([key, most], k) => (lengths[k]! > 0 && lengths[k]! <= most ? [key] : []));
    const texts = wanted.length > 0 ? await this.redis.hmget(OUTCOMES, ...wanted) : [];
    const byKey = new Map(wanted.map((key, k) => [key, texts[k]!]));
    return keys.map(([key, most], k) => byKey.get(key) ?? (lengths[k]! > most ? 'too long' : null));
  }

  async dropOutcomes(keys: readonly string[]): Promise<void> {
    await this.redis.hdel(OUTCOMES, ...keys);
  }

  async close(): Promise<void> {
    await this.queue.close();
    this.redis.disconnect();
  }
}

/** Others can write to the queue, so versions are checked before they become names in BullMQ and text on a terminal. */
const isVersion = (text: string): boolean => /^\d+(\.\d+){2}[\w.-]{0,30}$/.test(text);

/** Text from the queue for people: limited in length, and without control characters. */
export const printable = (text: string): string => text.slice(0, 2000).replace(/[^\P{Cc}\n\t]/gu, '?');

/** The address of the queue. */
export const queueFlag = flag(
  {
    ...text('URL'),
    read(given) {
      const address = given.startsWith('env:') ? (process.env[given.slice('env:'.length)] ?? '') : given;
      const url = URL.canParse(address) ? new URL(address) : undefined;
      return url && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '' ? address : undefined;
    },
    refusedText: (argument) =>
      new ConfigError(
        `${argument}: expected an address such as redis://localhost:6379, or env:NAME for one in an environment variable. The given ` +
          'value is not shown, because it may contain a password.',
      ),
  },
  'Address of the queue: redis://[user:password@]host[:port][/database], or rediss://; env:NAME reads it from an environment ' +
    'variable, which other users cannot see',
);

/** Host, port and database: anything else in an address may be a secret. */
function withoutSecrets(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}
