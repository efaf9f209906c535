import { afterEach, expect, test } from 'vitest';
import { CommandError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { describeGpu, testDevice } from './device.ts';
import { fit, model, samples, series } from './jobs.ts';
import { stateBeforeFit, stateOf } from './trainer_state.ts';

const real = new Map<string, unknown>();

/** Replaces a method of the shared device until the test is over. */
function replace<Name extends 'createBuffer'>(name: Name, by: (original: GPUDevice[Name]) => GPUDevice[Name]): void {
  const device = testDevice();
  const original = (real.get(name) ?? device[name].bind(device)) as GPUDevice[Name];
  real.set(name, original);
  device[name] = by(original);
}

afterEach(() => {
  for (const name of real.keys()) Reflect.deleteProperty(testDevice(), name);
  real.clear();
});

/** More than any device supports. */
const TOO_LARGE = 2 ** 45;

describeGpu('a command that the device rejects', () => {
  test('names the buffer, its size and what to do; a smaller batch then trains as if nothing had happened', async () => {
    const device = testDevice();
    const run = async (isFull: boolean) => {
      const forecaster = await Forecaster.create({ device, hiddenSize: 3, windowLength: 5 });
      try {
        if (isFull) {
          replace(
            'createBuffer',
            (create) => (descriptor) =>
              create(
                /^(m|gates_l0)$|snapshot/.test(String(descriptor.label))
                  ? { ...descriptor, size: TOO_LARGE }
                  : descriptor,
              ),
          );
          const error = await forecaster.fit(series, { ...fit, plan: 'sequence' }).then(
            () => undefined,
            (reason: unknown) => reason as CommandError,
          );
          expect(error).toBeInstanceOf(CommandError);
          // no device has buffers of this size, whatever its memory; Firefox reports it as out of memory anyway
          expect(['validation', 'out-of-memory']).toContain(error?.type);
          expect(error?.message).toMatch(/rejected the buffer 'm' of \d+ bytes/);
          replace('createBuffer', (create) => create);
        }
        return (await forecaster.fit(series, { ...fit, plan: 'sequence' })).epochs.map(({ loss }) => loss);
      } finally {
        forecaster.dispose();
      }
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test('fails the call that made it, and no other on the same device', async () => {
    const device = testDevice();
    const [one, other] = await Promise.all([0, 1].map((seed) => Forecaster.create({ device, ...model, seed })));
    const beside = { ...fit, plan: 'resident' } as const; // does not have this buffer
    const alone = (await other!.fit(series, beside)).epochs.map(({ loss }) => loss);
    replace(
      'createBuffer',
      (create) => (descriptor) =>
        create(String(descriptor.label) === 'gates_l0' ? { ...descriptor, size: TOO_LARGE } : descriptor),
    );
    const [failed, fitted] = await Promise.allSettled([
      one!.fit(series, { ...fit, plan: 'timestep' }),
      other!.fit(series, { ...beside, from: 'initial' }),
    ]);
    expect(failed.status === 'rejected' && failed.reason).toBeInstanceOf(CommandError);
    expect(fitted.status === 'fulfilled' && fitted.value.epochs.map(({ loss }) => loss)).toEqual(alone);
    one!.dispose();
    other!.dispose();
  });

  test("leaves the caller's error scopes and handlers alone", async () => {
    const device = testDevice();
    const heard: unknown[] = [];
    const listen = (event: Event) => heard.push(event);
    device.addEventListener('uncapturederror', listen);
    const forecaster = await Forecaster.create({ device, ...model });
    replace(
      'createBuffer',
      (create) => (descriptor) =>
        create(String(descriptor.label) === 'gates_l0' ? { ...descriptor, size: TOO_LARGE } : descriptor),
    );
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    await expect(forecaster.fit(series, { ...fit, plan: 'sequence' })).rejects.toBeInstanceOf(CommandError);
    expect(await device.popErrorScope()).toBeNull();
    expect(await device.popErrorScope()).toBeNull();
    forecaster.dispose();
    await device.queue.onSubmittedWorkDone();
    device.removeEventListener('uncapturederror', listen);
    expect(heard).toEqual([]);
  });

  test('does not affect the weights: they are those of the last accepted slice', async () => {
    const device = testDevice();
    const trainer = await Trainer.create({ device, model: { inputSize: 1, hiddenSize: 4 } });
    await trainer.fit(samples, { epochs: 1, batchSize: 8 });
    const before = await stateOf(trainer);
    replace(
      'createBuffer',
      (create) => (descriptor) =>
        create(/snapshot|readback/.test(String(descriptor.label)) ? { ...descriptor, size: TOO_LARGE } : descriptor),
    );
    await expect(trainer.fit(samples, { epochs: 1, batchSize: 8 })).rejects.toBeInstanceOf(CommandError);
    replace('createBuffer', (create) => create);
    expect(await stateBeforeFit(trainer, samples)).toEqual(before);
    trainer.dispose();
  });
});
