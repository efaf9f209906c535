import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, DeviceLostError } from '../../errors.ts';
import { describeDevice } from '../../gpu/device.ts';
import { english } from '../../report/format.ts';
import { trainOutcomes } from '../../sweep/sweep.ts';
import { VERSION } from '../../version.ts';
import type { Command, Printer } from '../command.ts';
import { adapterFlag, requestNodeDevice } from '../device.ts';
import { grouped, jsonFlag, readArguments } from '../flags.ts';
import type { Stop } from '../stop.ts';
import { PackQueue, printable, QueueError, queueFlag } from './queue.ts';
import { outcomeText, readPackMessage } from './wire.ts';

/**
 * A worker renews its lock on a pack twice in `lockDuration` ms, its heartbeat. Others look for packs without a lock every
 * `stalledInterval`, so another worker takes over the pack of one that was killed after 15 s at most.
 */
const HEARTBEAT = { lockDuration: 10_000, stalledInterval: 5000, maxStalledCount: 3 };

/** When the queue does not answer for this long, the pack under way is left for others to find. */
const GIVE_BACK_MS = 5000;

const flags = {
  ...grouped('Training', { queue: queueFlag }),
  ...grouped('Output', { json: jsonFlag }),
  ...grouped('Advanced', { adapter: adapterFlag }),
};

/** Trains packs that `sweep --queue` puts into a queue, until it is stopped. */
export const workerCommand: Command = {
  summary: 'Train packs from the queue of a sweep, one at a time',
  usage: 'worker --queue URL [flags]',
  about:
    'Takes packs of jobs that lstm-webgpu sweep --queue put into a queue on Redis or Valkey, and trains one after the other.\n' +
    'Start one worker for each GPU; it runs until it is stopped. Ctrl-C or SIGTERM returns the pack under way to the queue; if a\n' +
    'worker crashes, another takes over its pack within seconds. Takes packs of its own version only.\n' +
    'Needs npm install bullmq ioredis.',
  flags,
  examples: ['worker --queue redis://localhost:6379'],
  async run(args, printer, stop) {
    const { values } = readArguments(flags, [], args);
    if (values.queue === undefined) throw new ConfigError('--queue is missing: give the address of the queue.');
    const { signal } = stop;
    const queue = await PackQueue.open(values.queue, (text) => printer.note(text));
    try {
      await checkVersions(queue, printer);
      const device = await requestNodeDevice({ adapter: values.adapter });
      try {
        printer.device(describeDevice(device));
        await work(queue, device, printer, signal);
      } finally {
        device.destroy();
      }
    } finally {
      await queue.close();
    }
  },
};

/** @throws QueueError if there is work only for other versions. */
async function checkVersions(queue: PackQueue, printer: Printer): Promise<void> {
  const versions = await queue.versionsWithPacks();
  const others = versions.filter((version) => version !== VERSION);
  if (others.length === 0) return;
  const text = `The queue has packs for lstm-webgpu ${others.join(', ')}, which this worker (${VERSION}) cannot take`;
  if (versions.includes(VERSION)) return printer.note(`${text}.`);
  throw new QueueError(`${text}; there are none for it. Install the same version in both places.`);
}

/** @throws the reason for the stop, or DeviceLostError. */
async function work(queue: PackQueue, device: GPUDevice, printer: Printer, stopped: Stop['signal']): Promise<void> {
  const broken = new AbortController();
  const signal = AbortSignal.any([stopped, broken.signal]);
  const { Worker, WaitingError, UnrecoverableError } = queue.bullmq;
  const packs = new Worker<unknown, number>(
    queue.name,
    async (pack, token) => {
      try {
        signal.throwIfAborted();
        const { keys, jobs, settings, models } = readPackMessage(pack.data);
        printer.event('pack', { id: pack.id, jobs: jobs.length });
        const startMs = performance.now();
        const outcomes = await trainOutcomes(device, settings, jobs, { signal });
        signal.throwIfAborted();
        await queue.putOutcomes(new Map(keys.map((key, k) => [key, outcomeText(outcomes[k]!, models)])));
        const seconds = (performance.now() - startMs) / 1000;
        printer.event('done', { id: pack.id, jobs: jobs.length, seconds });
        printer.line(`${jobs.length} jobs in ${english.seconds(seconds)}`);
        return jobs.length;
      } catch (error) {
        if (stopped.aborted) {
          await pack.moveToWait(token);
          throw new WaitingError();
        }
        if (error instanceof DeviceLostError) broken.abort(error);
        throw error instanceof ConfigError ? new UnrecoverableError(error.message) : error; // never a valid pack
      }
    },
    { ...queue.options, ...HEARTBEAT, concurrency: 1, name: `${hostname()}:${process.pid}` },
  );
  packs.on('error', () => undefined); // the queue reports its connection
  packs.on('failed', (_, error) => printer.note(`A pack failed: ${printable(error.message)}`));
  printer.event('ready', { queue: queue.address, version: VERSION });
  printer.note(`Waiting for packs at ${queue.address}.`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([packs.close(), sleep(GIVE_BACK_MS)]);
  signal.throwIfAborted();
}
