import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The name of the NVIDIA cards of this machine by their driver on Linux; undefined without it, or if they are of several kinds.
 * @param folder for tests.
 */
export function nvidiaCard(folder = '/proc/driver/nvidia/gpus'): string | undefined {
  try {
    const texts = readdirSync(folder).map((card) => readFileSync(join(folder, card, 'information'), 'utf8'));
    const models = new Set(texts.map((text) => /^Model:\s*(\S.*?)\s*$/m.exec(text)?.[1]));
    return models.size === 1 ? [...models][0] : undefined;
  } catch {
    return undefined;
  }
}
