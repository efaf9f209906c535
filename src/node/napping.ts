import type { Waiter } from '../gpu/waiting.ts';

/** One nap between two polls: a slice of training is a hundred times longer. */
const NAP_MS = 0.2;

const clock = new Int32Array(new SharedArrayBuffer(4));
let waiting = 0;
/** One queue of naps, however many wait, and however soon one wait follows another. */
let napping = false;

/**
 * Waits for GPU work without burning a core. Dawn's Node binding polls from `setImmediate` as long as a promise is open,
 * which keeps one core busy; on a machine where the adapter is software too, it takes that core from the training itself.
 * A nap in the same queue makes each round of polling wait its turn. Timers and sockets are late by a nap at most.
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
