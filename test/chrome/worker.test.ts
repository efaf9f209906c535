import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  ConfigError,
  DataError,
  DeviceError,
  LstmError,
  StateError,
  TrainingError,
  WorkerError,
} from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { LSTM } from '../../src/nn/recurrent.ts';
import { connect, type Engine, functionsOf, move } from '../../src/worker/client.ts';
import { Host } from '../../src/worker/host.ts';
import type { Hello } from '../../src/worker/protocol.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { bitsOf } from '../gpu/expect.ts';
import type { OwnFunctions } from './own_functions_worker.ts';

const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3) + t / 50);
const model = { windowLength: 6, hiddenSize: 5, seed: 3, ensemble: 2 };

const startWorker = () => new Worker(new URL('./engine_worker.ts', import.meta.url), { type: 'module' });
const startOther = () => new Worker(new URL('./engine_and_own_messages.ts', import.meta.url), { type: 'module' });

const startOwn = () => new Worker(new URL('./own_functions_worker.ts', import.meta.url), { type: 'module' });

/** Resolves after the messages in flight. */
const soon = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

describeGpu('the engine in a worker', () => {
  let worker: Worker;
  let engine: Engine;

  beforeAll(async () => {
    worker = startWorker();
    engine = await connect(worker);
  });
  afterAll(() => {
    engine.dispose();
    worker.terminate();
  });

  test('gives the same results as here, bit for bit, from every method', async () => {
    const here = await Forecaster.create({ device: testDevice(), ...model });
    const there = await engine.Forecaster.create(model);
    expect([...there.scalers]).toEqual([]);
    const [expected, report] = [await here.fit(series, { epochs: 3 }), await there.fit(series, { epochs: 3 })];
    expect(report.epochs.map(({ models }) => models)).toEqual(expected.epochs.map(({ models }) => models));
    expect([report.plan, report.steps]).toEqual([expected.plan, expected.steps]);
    expect(await there.evaluate()).toEqual(await here.evaluate());
    expect(await there.evaluate({ member: 1, part: 'all' })).toEqual(await here.evaluate({ member: 1, part: 'all' }));
    expect(await there.predict({ horizon: 3 })).toEqual(await here.predict({ horizon: 3 }));
    expect(await there.predictMembers({ series })).toEqual(await here.predictMembers({ series }));
    for (const [name, { shape, data }] of await here.stateDict(1)) {
      const got = (await there.stateDict(1)).get(name)!;
      expect(got.shape, name).toEqual(shape);
      expect(bitsOf(got.data), name).toEqual(bitsOf(data));
    }
    const bytes = await there.save();
    expect(bytes).toEqual(await here.save());
    const loaded = await engine.Forecaster.load(bytes.buffer);
    expect(await loaded.predict({ series })).toEqual(await here.predict());
    for (const name of ['config', 'windowLength', 'seed', 'ensemble'] as const) {
      expect(there[name]).toEqual(here[name]);
      expect(loaded[name]).toEqual(here[name]);
    }
    expect(there.scalers.map((scaler) => scaler.toJSON())).toEqual(here.scalers.map((scaler) => scaler.toJSON()));
    const more = { epochs: 1, from: 'weights' } as const;
    expect([await here.fit(series, more), await loaded.fit(series, more)].map(({ from }) => from)).toEqual([
      'weights',
      'weights',
    ]);
    expect(await loaded.predict()).toEqual(await here.predict());
    for (const forecaster of [here, there, loaded]) forecaster.dispose();
  });

  test('trains forecasters concurrently', async () => {
    const [one, two] = await Promise.all([1, 2].map((seed) => engine.Forecaster.create({ ...model, seed })));
    const alone = await engine.Forecaster.create({ ...model, seed: 2 });
    await Promise.all([one!, two!].map((forecaster) => forecaster.fit(series, { epochs: 2 })));
    await alone.fit(series, { epochs: 2 });
    expect(await two!.predict()).toEqual(await alone.predict());
    expect(await one!.predict()).not.toEqual(await two!.predict());
    for (const forecaster of [one, two, alone]) forecaster!.dispose();
    await expect(alone.predict()).rejects.toThrow('predict: this forecaster was disposed');
  });

  test('does nothing before a run is iterated or awaited, stops when a loop is left, and counts every epoch', async () => {
    const forecaster = await engine.Forecaster.create(model);
    const initial = await forecaster.stateDict();
    forecaster.fit(series);
    await soon(30);
    expect(await forecaster.stateDict()).toEqual(initial);

    const seen: number[] = [];
    const run = forecaster.fit(series, { epochs: 3 });
    for await (const { epoch } of run) {
      seen.push(epoch);
      expect((await forecaster.predict()).every(Number.isFinite)).toBe(true); // in the middle of training
    }
    expect(seen).toEqual([1, 2, 3]);
    expect((await run).epochs.length).toBe(3);

    for await (const { epoch } of forecaster.fit(series, { epochs: 1_000_000, from: 'initial' }))
      if (epoch === 2) break;
    const left = await forecaster.stateDict();
    await forecaster.fit(series, { epochs: 2, from: 'initial' }); // it is no longer busy
    expect(left).toEqual(await forecaster.stateDict());
    forecaster.dispose();
  });

  test('needs no message from the page between the epochs of an awaited run', async () => {
    const forecaster = await engine.Forecaster.create(model);
    const sent = vi.spyOn(MessagePort.prototype, 'postMessage');
    await forecaster.fit(series, { epochs: 5 });
    expect(sent).toHaveBeenCalledTimes(2); // the call, and to continue to the end
    sent.mockRestore();
    forecaster.dispose();
  });

  test('calls back functions in options, waits where the engine waits, and stays bit-identical', async () => {
    const [paused, straight] = [await engine.Forecaster.create(model), await engine.Forecaster.create(model)];
    const steps: number[] = [];
    let [waits, waiting] = [0, false];
    const report = await paused.fit(series, {
      epochs: 3,
      sliceMs: 1,
      onProgress: ({ step }) => {
        steps.push(step);
        return document.body; // its result need not be cloneable
      },
      beforeSlice: async () => {
        expect(waiting).toBe(false);
        waiting = true;
        if (++waits % 3 === 0) await soon(20);
        waiting = false;
      },
    });
    expect(waits).toBe(report.submits);
    expect(steps.length).toBe(report.submits);
    expect(paused.scalers.length).toBe(1);
    await straight.fit(series, { epochs: 3 });
    expect(await paused.stateDict()).toEqual(await straight.stateDict());
    paused.dispose();
    straight.dispose();
  });

  test('pauses between slices on request, from the first one on, and stays bit-identical', async () => {
    const [resting, straight] = [await engine.Forecaster.create(model), await engine.Forecaster.create(model)];
    const epochs = 40; // enough to be paused on a busy machine
    let slices = 0;
    const run = resting.fit(series, { epochs, sliceMs: 1, onProgress: () => slices++ });
    run.pause();
    const report = run.then((done) => done);
    await soon(300);
    expect(slices).toBe(0);
    run.resume();
    while (slices < 3) await soon();
    run.pause();
    await soon(300); // for the slice in flight
    const before = slices;
    expect((await resting.stateDict()).size).toBe(6); // other calls work
    await soon(300);
    expect(slices).toBe(before);
    run.resume();
    expect((await report).submits).toBeGreaterThan(before);
    run.pause(); // after its end
    await straight.fit(series, { epochs });
    expect(await resting.stateDict()).toEqual(await straight.stateDict());

    const stopper = new AbortController();
    const stopped = resting.fit(series, { signal: stopper.signal });
    stopped.pause();
    const reason = { my: 'reason' };
    setTimeout(() => stopper.abort(reason), 50);
    await expect(stopped).rejects.toBe(reason);
    resting.dispose();
    straight.dispose();
  });

  test("rejects with the signal's own reason: before, while it waits, and while it trains", async () => {
    const forecaster = await engine.Forecaster.create(model);
    const reason = { my: 'reason' };
    const signal = AbortSignal.abort(reason);
    await expect(forecaster.fit(series, { signal })).rejects.toBe(reason);
    expect(forecaster.scalers.length).toBe(0);

    const waiting = new AbortController();
    const beforeSlice = () => {
      setTimeout(() => waiting.abort(), 5);
      return new Promise<void>(() => undefined);
    };
    const run = forecaster.fit(series, { signal: waiting.signal, beforeSlice });
    const ended = await run.then(undefined, (error: unknown) => error);
    expect(ended).toBe(waiting.signal.reason);
    expect(ended).toMatchObject({ name: 'AbortError' });

    const training = new AbortController();
    const onProgress = () => training.abort(reason);
    const loop = async () => {
      for await (const _ of forecaster.fit(series, { epochs: 1_000_000, signal: training.signal, onProgress }));
    };
    await expect(loop()).rejects.toBe(reason);
    await forecaster.fit(series, { epochs: 1 });
    forecaster.dispose();
  });

  test.each(['onProgress', 'beforeSlice'] as const)(
    'ends a run with the error of its %s, late or early',
    async (name) => {
      const forecaster = await engine.Forecaster.create(model);
      const bug = new RangeError('a bug of the page');
      for (const epochs of [1, 1000]) {
        const fails = () => {
          throw bug;
        };
        await expect(forecaster.fit(series, { epochs, [name]: fails })).rejects.toBe(bug);
        const loop = async () => {
          for await (const _ of forecaster.fit(series, { epochs, [name]: fails }));
        };
        await expect(loop()).rejects.toBe(bug);
      }
      await forecaster.fit(series, { epochs: 1 });
      forecaster.dispose();
    },
  );

  test("rejects with the same classes, fields and messages as here, and the worker's stack", async () => {
    const here = await Forecaster.create({ device: testDevice(), ...model });
    const there = await engine.Forecaster.create(model);
    const both = async (
      fails: (forecaster: Pick<Forecaster, 'fit' | 'evaluate' | 'predict'>) => PromiseLike<unknown>,
    ) =>
      Promise.all(
        [here, there].map(async (f) => {
          try {
            await fails(f);
          } catch (error) {
            return error as LstmError;
          }
          throw new Error('nothing was thrown');
        }),
      );
    for (const [fails, kind] of [
      [(f) => f.evaluate(), StateError],
      [(f) => f.fit([1, 2, 3]), DataError],
      [(f) => f.fit(series, { epochs: -1 }), ConfigError],
      [(f) => f.fit(series, { epochs: 20, optimizer: { name: 'SGD', lr: 1e30 } }), TrainingError],
    ] satisfies [Parameters<typeof both>[0], typeof ConfigError | typeof TrainingError][]) {
      const [expected, error] = await both(fails);
      expect(error).toBeInstanceOf(kind);
      expect(error).toBeInstanceOf(LstmError);
      expect(error!.message).toBe(expected!.message);
      expect({ ...error }).toEqual({ ...expected });
      expect(error!.stack).toMatch(/host\.ts/);
    }
    await expect(engine.Forecaster.create({ hiddenSize: -1 })).rejects.toThrow(ConfigError);
    await expect(engine.Forecaster.load(new Uint8Array(3))).rejects.toThrow(DataError);
    const noBytes: [unknown, RegExp][] = [
      [
        'model.safetensors',
        /Forecaster.load: got "model.safetensors", .* an ArrayBuffer; pass the contents of the file/,
      ],
      [new Blob([]), /Forecaster.load: got a value of type Blob, .*; pass await blob.arrayBuffer/],
      [Promise.resolve(new ArrayBuffer(8)), /load: an argument cannot .* await promises first/],
    ];
    for (const [given, message] of noBytes) {
      await expect(engine.Forecaster.load(given as ArrayBuffer)).rejects.toThrow(message);
      await expect(engine.Forecaster.load(given as ArrayBuffer)).rejects.toThrow(ConfigError);
    }
    const schedule = { name: 'StepLR', stepSize: 2, gamma: (() => 1) as unknown as number } as const;
    await expect(there.fit(series, { schedule })).rejects.toThrow(/fit: an argument cannot be sent to the worker/);
    here.dispose();
    there.dispose();
  });

  test("leaves the caller's arrays unchanged, unless they are to be transferred", async () => {
    const forecaster = await engine.Forecaster.create(model);
    const part = series.subarray(5, 50);
    await forecaster.fit(part, { epochs: 1 });
    await forecaster.predict({ series });
    await forecaster.predict({ series: Array.from(series) });
    expect([part.length, series.length]).toEqual([45, 60]);
    const given = series.slice();
    await forecaster.fit(move(given), { epochs: 1, from: 'initial' });
    expect(given.length).toBe(0);
    const twice = await forecaster.evaluate();
    expect(twice.actual).toEqual(series.slice(-twice.actual.length));
    forecaster.dispose();
  });
});

describeGpu('a connection to a worker', () => {
  test('describes its device, and rejects limits that no device has', async () => {
    const worker = startWorker();
    const engine = await connect(worker);
    expect(engine.device.vendor).toBe(testDevice().adapterInfo.vendor);
    await expect(connect(worker, { requiredLimit: {} } as never)).rejects.toThrow('Did you mean requiredLimits?');
    const greedy = connect(worker, { requiredLimits: { maxBufferSize: 2 ** 52 } });
    await expect(greedy).rejects.toThrow(DeviceError);
    await expect(greedy).rejects.toThrow('requiredLimits.maxBufferSize');
    worker.terminate();
  });

  test.each([
    ['is terminated', (worker: Worker) => worker.terminate()],
    ['closes itself', (worker: Worker) => worker.postMessage('close')],
  ])('rejects everything pending when the worker %s', async (_, end) => {
    const worker = startOther();
    const engine = await connect(worker);
    const forecaster = await engine.Forecaster.create(model);
    const progress = vi.fn(() => progress.mock.calls.length === 3 && end(worker));
    const run = forecaster.fit(series, { epochs: 1_000_000, onProgress: progress });
    await expect(run).rejects.toThrow(WorkerError);
    await expect(run).rejects.toThrow('it was terminated, or it crashed');
    await expect(forecaster.predict()).rejects.toThrow(WorkerError);
    await expect(engine.Forecaster.create()).rejects.toThrow(WorkerError);
    await expect(connect(worker)).rejects.toThrow('The worker is gone');
    forecaster.dispose();
  });

  test('rejects a pending connection when another one finds that the worker is gone', async () => {
    const worker = startWorker();
    const engine = await connect(worker);
    worker.terminate();
    const late = connect(worker); // not detected yet
    await expect(late).rejects.toThrow('The worker is gone');
    expect((await engine.lost).message).toContain('The worker is gone');
  });

  test('rejects everything pending when a message could not be read, on either side', async () => {
    // the worker's side runs here, for access to its port
    const open = async () => {
      const ports: MessagePort[] = [];
      const near = {
        addEventListener: () => undefined,
        postMessage(hello: Hello, [port]: MessagePort[]) {
          ports.push(port!);
          void new Host(port!, { never: () => new Promise(() => undefined) }).open(hello);
        },
      } as unknown as Worker;
      const call = functionsOf<{ never: () => Promise<void> }>(near);
      return { ports, never: call('never') };
    };
    const { ports, never } = await open();
    ports[0]!.dispatchEvent(new MessageEvent('messageerror'));
    await expect(never).rejects.toThrow('could not be read (out of memory?)');
    const received = vi.spyOn(MessagePort.prototype, 'postMessage');
    const other = await open();
    (received.mock.contexts[0] as MessagePort).dispatchEvent(new MessageEvent('messageerror'));
    received.mockRestore();
    await expect(other.never).rejects.toThrow('could not be read (out of memory?)');
  });

  test('ends with destroy, without ending other connections', async () => {
    const worker = startOther();
    const [one, two] = await Promise.all([connect(worker), connect(worker)]);
    const forecasters = await Promise.all([one, two].map((engine) => engine.Forecaster.create(model)));
    const [first, second] = forecasters.map((forecaster) => forecaster.fit(series, { epochs: 3 }));
    const ended = expect(first).rejects.toThrow('ended by dispose()');
    one.dispose();
    await ended;
    expect((await second!).epochs.length).toBe(3);
    worker.terminate();
  });

  test("reports the device's features, and when it is lost", async () => {
    const worker = startOwn();
    const engine = await connect<OwnFunctions>(worker);
    const { limits, features } = testDevice();
    expect(engine.device.limits.maxBufferSize).toBe(limits.maxBufferSize);
    expect(engine.device.features).toEqual(['subgroups', 'timestamp-query'].filter((name) => features.has(name)));
    const forecaster = await engine.Forecaster.create(model);
    const run = forecaster.fit(series, { epochs: 1_000_000 });
    const ended = expect(run).rejects.toMatchObject({
      ...{ name: 'DeviceLostError', reason: 'destroyed' },
      ...{ code: 'device-lost', details: { reason: 'destroyed' } },
    });
    await engine.call('loseDevice');
    expect((await engine.lost).reason).toBe('destroyed');
    await ended;
    const again = await connect<OwnFunctions>(worker); // the worker requests another one
    await (await again.Forecaster.create(model)).fit(series, { epochs: 1 });
    const third = await connect(worker);
    third.dispose();
    expect((await third.lost).reason).toBe('destroyed');
    worker.terminate();
    expect((await again.lost).message).toContain('The worker is gone');
  });

  test('survives an error of other code in the worker', async () => {
    const worker = startOther();
    const engine = await connect(worker);
    const failed = new Promise((resolve) => {
      worker.onerror = (event) => {
        event.preventDefault();
        resolve(event.message);
      };
    });
    worker.postMessage('throw');
    expect(await failed).toMatch('a bug outside of the engine');
    expect((await engine.Forecaster.create(model)).seed).toBe(3);
    worker.terminate();
  });
});

describeGpu("functions of a worker's own", () => {
  let worker: Worker;
  beforeAll(() => {
    worker = startOwn();
  });
  afterAll(() => worker.terminate());

  test("run on the engine's device, with the same results as here", async () => {
    const engine = await connect<OwnFunctions>(worker);
    const values = Float32Array.from(series);
    const lstm = await LSTM.create({ device: testDevice(), inputSize: 1, hiddenSize: 4, seed: 1 });
    const { hn } = await lstm.forward({ shape: [values.length, 1, 1], data: values });
    expect(await engine.call('lastState', values, 4)).toEqual(hn);
    expect(values.length).toBe(series.length); // it was copied
    lstm.dispose();
    engine.dispose();
  });

  test('work without a device, unless they need one', async () => {
    const call = functionsOf<OwnFunctions>(worker);
    expect(await call('rowsOf', new Blob(['1\n2.5']))).toEqual(Float64Array.of(1, 2.5));
    const none = call('lastState', Float32Array.of(1), 4);
    await expect(none).rejects.toThrow(DeviceError);
    await expect(none).rejects.toThrow('device: this connection has none. Use call() of the engine');
  });

  test("call back, and end with a signal's reason", async () => {
    const call = functionsOf<OwnFunctions>(worker);
    const seen: number[] = [];
    expect(await call('count', { to: 3, onNumber: (n) => seen.push(n) })).toBe(3);
    expect(seen).toEqual([1, 2, 3]);
    const stopper = new AbortController();
    const reason = { my: 'reason' };
    const onNumber = (n: number) => n === 5 && stopper.abort(reason);
    await expect(call('count', { to: 1_000_000, onNumber, signal: stopper.signal })).rejects.toBe(reason);
  });

  test('reject with their own errors, and for an unknown name', async () => {
    const call = functionsOf<OwnFunctions>(worker);
    await expect(call('fails')).rejects.toThrow(new RangeError('a bug of the worker'));
    const unknown = call('rowOf' as 'fails');
    await expect(unknown).rejects.toThrow(ConfigError);
    await expect(unknown).rejects.toThrow(
      'call: this worker does not serve "rowOf". Did you mean rowsOf? Pass it to serve()',
    );
    await expect(call('toString' as 'fails')).rejects.toThrow(ConfigError);
    await expect(functionsOf<OwnFunctions>(startWorker())('fails')).rejects.toThrow('does not serve "fails". Pass');
  });

  test('reject if the worker does not start', async () => {
    const missing = new Worker('/no/such/worker.js', { type: 'module' });
    await expect(functionsOf<OwnFunctions>(missing)('fails')).rejects.toThrow(WorkerError);
  });
});

describe('connect', () => {
  test('reports that a worker did not start', async () => {
    const broken = new Worker(new URL('./broken_worker.ts', import.meta.url), { type: 'module' });
    broken.addEventListener('error', (event) => event.preventDefault());
    await expect(connect(broken)).rejects.toThrow('a bug in the worker file');
    const missing = new Worker('/no/such/worker.js', { type: 'module' });
    const connecting = connect(missing);
    await expect(connecting).rejects.toThrow(WorkerError);
    await expect(connecting).rejects.toMatchObject({ code: 'worker' });
  });
});
