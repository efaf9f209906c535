import { spawnSync } from 'node:child_process';
import { afterAll } from 'vitest';
import { missingGpu } from '../gpu/device.ts';
import { describeWith } from '../skips.ts';
import { running } from './redis_server.ts';

export { TestRedis } from './redis_server.ts';

const missingRedis =
  spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : 'redis-server: apt-get install redis-server, or brew install redis';

/** `describe` for tests that need Redis and a GPU: a visible skip if one is missing. */
export const describeRedis = describeWith(missingRedis ?? missingGpu);

afterAll(async () => {
  for (const redis of running) await redis.remove();
});
