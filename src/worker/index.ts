// The worker's side. A page imports client.ts, which has no engine.
import { Host } from './host.ts';
import { GREETING, type Hello, type WorkerFunctions } from './protocol.ts';

export type { WorkerContext, WorkerFunctions } from './protocol.ts';

/** The part of a worker's global scope that `serve` needs. */
export interface ServingScope {
  /** As in every EventTarget. */
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
}

/**
 * Lets pages with this worker use the engine in it, by `connect` of lstm-webgpu/client. These two statements are a complete worker
 * file: `import { serve } from 'lstm-webgpu/worker'; serve();` Other messages are left to other listeners. Call it before the first
 * `await` of the file: a message from the page could arrive earlier and be lost.
 * @param functions of the worker's own, for `call` of lstm-webgpu/client. They get the connection's device, then the page's
 *   arguments, like methods of a forecaster; buffers within their results are moved to the page.
 * @param scope default: the worker that runs this.
 */
export function serve(functions: WorkerFunctions = {}, scope: ServingScope = globalThis): void {
  scope.addEventListener('message', ({ data, ports: [port] }) => {
    const hello = data as Partial<Hello> | null;
    if (hello?.greeting === GREETING && port) void new Host(port, functions).open(hello as Hello);
  });
}
