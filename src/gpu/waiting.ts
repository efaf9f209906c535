/** Waits for work that the GPU, or the driver's compiler, is doing. */
export type Waiter = <T>(work: Promise<T>) => Promise<T>;

let hostWaiter: Waiter = (work) => work;

/** Sets how this host waits. Not needed in a browser; src/node sets its own. */
export function setWaiter(waiter: Waiter): void {
  hostWaiter = waiter;
}

export const untilDone: Waiter = (work) => hostWaiter(work);
