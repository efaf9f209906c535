import type { Waiter } from '../gpu/waiting.ts';

/** One nap between two polls; a slice of training takes a hundred times longer. */
const NAP_MS = 0.2;

const clock = new Int32Array(new SharedArrayBuffer(4));
let waiting = 0;
/** One queue of naps for all waits. */
let napping = false;

/**
 * Waits for GPU work without using a whole core. Dawn's Node binding polls from `setImmediate` while a promise is pending,
 * which keeps one core busy; with a software adapter, the training itself loses that core. A nap in the same queue delays each
 * round of polling. Timers and sockets are late by one nap at most.
 */
export const napUntilDone: Waiter = async (work) => {
  waiting++;
  if (!napping) setImmediate(nap);
  napping = true;
  try {
    return await work;
  } finally {
    waiting--;
  }
};

function nap(): void {
  napping = waiting > 0;
  if (!napping) return;
  Atomics.wait(clock, 0, 0, NAP_MS);
  setImmediate(nap);
}
