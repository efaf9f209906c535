import { afterAll, expect, test } from 'vitest';
import { LstmError } from '../../src/errors.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { describeGpu, testDevice, testGpu } from './device.ts';
import { FAULTS, FaultyDevice } from './faults.ts';
import { JOBS } from './jobs.ts';

/** All faults of all calls are a command, `npm run survive -- faults`; here are some. */
const isAll = import.meta.env.LSTM_FAULTS === 'all';
const isChrome = typeof window !== 'undefined';
const jobs = Object.entries(JOBS).filter(([name]) => !isChrome || name === 'LSTM');
const faultsOf = (job: string) =>
  Object.entries(FAULTS).filter(
    ([name]) => isAll || job === (isChrome ? 'LSTM' : 'Forecaster, resident') || name === 'createBuffer is refused',
  );

/** Of the calls, every so manyth one fails: all of the plan that most trainings take. */
const strideOf = (job: string) => (isAll || isChrome || job === 'Forecaster, resident' ? 1 : 2);

/** Of kernels, which are compiled once a device. */
const IS_COMPILING = /ShaderModule|Pipeline/;

let points = 0;

describeGpu.each(jobs)('%s: whichever call fails', (jobName, job) => {
  const faults = faultsOf(jobName).filter(([name]) => !IS_COMPILING.test(name));
  test.each(faults)('%s: a typed error or the same numbers, and nothing is left', async (_, fault) => {
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
  test.each(faults)(
    '%s: a typed error, and nothing is left; a second try is as the first would have been',
    async (_, fault) => {
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
    },
  );
});

afterAll(() => console.info(`${points} injected faults`));
