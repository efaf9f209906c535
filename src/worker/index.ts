// The worker's side. A page imports client.ts, which carries no engine.
import { Host } from './host.ts';
import { GREETING, type Hello, type WorkerFunctions } from './protocol.ts';

export type { WorkerContext, WorkerFunctions } from './protocol.ts';

/** What `serve` needs of a worker's global scope. */
export interface ServingScope {
  /** As of every EventTarget. */
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
}

/**
 * Lets pages that hold this worker use the engine in it, with `connect` of lstm-webgpu/client. These two lines are a whole
 * worker file: `import { serve } from 'lstm-webgpu/worker'; serve();` Other messages are left to other listeners. Call it
 * before the first `await` of the file, lest the page's message comes too early.
 * @param functions of the worker's own, for `call` of lstm-webgpu/client. They get the connection's device, then what the
 *   page passes, as methods of a forecaster do; buffers within what they return move to the page.
 * @param scope default: the worker that runs this.
 */
export function serve(functions: WorkerFunctions = {}, scope: ServingScope = globalThis): void {
  scope.addEventListener('message', ({ data, ports: [port] }) => {
    const hello = data as Partial<Hello> | null;
    if (hello?.greeting === GREETING && port) void new Host(port, functions).open(hello as Hello);
  });
}
