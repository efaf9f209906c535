import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Time to start and to import, on top of the time to measure in. */
const STARTUP_MS = 30_000;

/** What a peer's script prints for a row. */
interface PeerTimes {
  eager?: number[];
  graph?: number[];
  scan?: number[];
  product?: number[];
  error?: string;
}

/** A peer's times. */
export interface PeerRun {
  /** Its version and device; undefined if it or its GPU is not here. */
  found: { version: string; device: string } | undefined;
  /** In the order of the rows, as far as the time allowed. */
  times: PeerTimes[];
}

/** Runs a peer's script over rows, each a JSON line on its standard input. */
export function runPeer(args: readonly string[], rows: readonly object[], seconds: number): Promise<PeerRun> {
  const child = spawn(process.env.PYTHON ?? 'python3', [...args, String(seconds)], { stdio: ['pipe', 'pipe', 'pipe'] });
  const limit = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds + STARTUP_MS);
  const times: PeerTimes[] = [];
  let found: PeerRun['found'];
  let complaint = '';
  return new Promise((done) => {
    child.on('error', () => undefined); // no python3
    child.stdin.on('error', () => undefined); // it ended before it had read all rows
    child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
    createInterface(child.stdout).on('line', (line) => {
      const read = JSON.parse(line) as PeerTimes & { version?: string; device?: string };
      const { version, device } = read;
      if (version !== undefined && device !== undefined) found = { version, device };
      else times.push(read);
    });
    child.on('close', (code) => {
      clearTimeout(limit);
      const isAbsent = !found && /No module named|CUDA|NVIDIA|backend/.test(complaint);
      if (code !== 0 && !isAbsent) console.error(complaint);
      done({ found, times });
    });
    child.stdin.end(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  });
}
