import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { autotune } from '../engine/autotune.ts';
import { type Tuning, takeOver } from '../engine/tuning.ts';
import { describeDevice } from '../gpu/device.ts';
import { GuardedDevice } from '../gpu/guarded_device.ts';
import { messageOf } from '../shown.ts';
import { cacheFolder } from './cache.ts';
import type { Printer } from './command.ts';
import { writeFile } from './write_file.ts';

/**
 * Tunes a device, with what earlier runs have measured: the user's cache folder has a file of it for each device. One that cannot be
 * used is replaced, with a note.
 * @returns writes that file, with what has been measured since.
 */
export async function tuneKept(device: GPUDevice, printer: Printer, signal: AbortSignal): Promise<() => Promise<void>> {
  const hash = createHash('sha256').update(describeDevice(device).name).digest('hex').slice(0, 16);
  const path = join(cacheFolder(), `tuning-${hash}.json`);
  const known = existsSync(path) ? await takeKept(path, device, printer) : 0;
  await autotune(device, { signal });
  return async () => {
    const tuning = await autotune(device);
    const timed = countTimed(tuning) - known;
    try {
      writeFile(path, JSON.stringify(tuning));
      printer.note(
        timed > 0
          ? `Tuned: ${timed} products and trainings were timed, and the results are kept in ${path}.`
          : `Tuned: nothing was left to time; the results are in ${path}.`,
      );
    } catch (error) {
      printer.note(`Tuned, but the results are not kept: ${messageOf(error)}`);
    }
  };
}

/** @returns how much of it was used. */
async function takeKept(path: string, device: GPUDevice, printer: Printer): Promise<number> {
  try {
    const tuning = JSON.parse(readFileSync(path, 'utf8')) as Tuning;
    takeOver(new GuardedDevice(device), tuning);
    return countTimed(tuning);
  } catch (error) {
    printer.note(`${path} cannot be used, so everything is timed again: ${messageOf(error)}`);
    return 0;
  }
}

const countTimed = ({ products, plans }: Tuning): number => Object.keys(products).length + Object.keys(plans).length;
