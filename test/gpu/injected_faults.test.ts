import { afterAll, expect, test } from 'vitest';
import { LstmError } from '../../src/errors.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { describeGpu, testDevice, testGpu } from './device.ts';
import { FAULTS, FaultyDevice } from './faults.ts';
import { JOBS } from './jobs.ts';

/** `npm run survive -- faults` tests all faults of all calls; this tests some. */
const isAll = import.meta.env.LSTM_FAULTS === 'all';
const isChrome = typeof window !== 'undefined';
const jobs = Object.entries(JOBS).filter(([name]) => !isChrome || name === 'LSTM');
const faultsOf = (job: string) =>
  Object.entries(FAULTS).filter(
    ([name]) => isAll || job === (isChrome ? 'LSTM' : 'Forecaster, resident') || name === 'createBuffer is refused',
  );

/** Which calls fail, one at a time: every one for the most common plan, otherwise every other one. */
const strideOf = (job: string) => (isAll || isChrome || job === 'Forecaster, resident' ? 1 : 2);

/** For kernels, which are compiled once per device. */
const IS_COMPILING = /ShaderModule|Pipeline/;

let points = 0;

describeGpu.each(jobs)('%s: any failing call', (jobName, job) => {
  const faults = faultsOf(jobName).filter(([name]) => !IS_COMPILING.test(name));
  test.each(faults)('%s: a typed error or the same numbers, and no leak', async (_, fault) => {
    const device = testDevice();
    const faulty = new FaultyDevice(device);
    try {
      faulty.arm(fault, 0);
      const expected = await job(device);
      const { calls } = faulty;
      for (let nth = 1; nth <= calls; nth += strideOf(jobName)) {
        faulty.arm(fault, nth);
        points++;
        const outcome: unknown = await job(device).catch((error: unknown) => error);
        if (!(outcome instanceof LstmError)) expect(outcome, `call ${nth} of ${calls}`).toEqual(expected);
        expect(
          [...faulty.alive].map(({ label }) => label),
          `call ${nth} of ${calls}`,
        ).toEqual([]);
      }
      faulty.arm(undefined, 0);
      expect(await job(device)).toEqual(expected);
    } finally {
      faulty.release();
    }
  });
});

describeGpu.each(isAll ? jobs : jobs.slice(0, 1))('%s: while kernels are compiled', (_, job) => {
  const faults = Object.entries(FAULTS).filter(([name]) => IS_COMPILING.test(name));
  test.each(faults)('%s: a typed error, and no leak; a retry is as if nothing had failed', async (_, fault) => {
    const expected = await job(testDevice());
    for (let nth = 1, calls = 1; nth <= calls; nth++) {
      const device = await requestDevice({ gpu: testGpu() });
      const faulty = new FaultyDevice(device);
      faulty.arm(fault, nth);
      await expect(job(device), `call ${nth}`).rejects.toBeInstanceOf(LstmError);
      expect(
        [...faulty.alive].map(({ label }) => label),
        `call ${nth}`,
      ).toEqual([]);
      faulty.arm(fault, 0);
      expect(await job(device), `call ${nth}`).toEqual(expected);
      if (nth === 1) calls = faulty.calls;
      points++;
      device.destroy();
    }
  });
});

afterAll(() => console.info(`${points} injected faults`));
