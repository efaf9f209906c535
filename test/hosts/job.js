/**
 * Runs with the built library in every host: the self-test, the tutorial, and a training run whose device is lost halfway.
 * @param {typeof import('../../dist/index.js')} library
 * @param {string} csv the tutorial's series
 */
export async function job(library, csv) {
  const { describeDevice, Forecaster, readSeries, requestDevice, selfTest } = library;
  const device = await requestDevice();
  const { name, software } = describeDevice(device);
  const about = { device: `${name}${software ? ', software' : ''}` };
  const tested = await selfTest(device);
  const failed = tested.checks.filter(({ ok }) => !ok).map((check) => `${check.name}: ${check.message}`);
  const startMs = performance.now();
  try {
    const { values } = readSeries(csv, { rows: 1000 });
    const forecaster = await Forecaster.create({ device, windowLength: 10, hiddenSize: 32, seed: 0 });
    const { epochs } = await forecaster.fit(values, { epochs: 20, scalerFit: 'all' });
    const seconds = (performance.now() - startMs) / 1000;
    await forecaster.predict();
    const predictedMs = performance.now();
    const [ahead] = (await forecaster.predict({ horizon: 100 })).slice(-1);
    const predictMs = performance.now() - predictedMs;
    const straight = await weights(await requestDevice(), false);
    const recovered = await weights(await requestDevice(), true);
    const same = JSON.stringify(straight.bits) === JSON.stringify(recovered.bits);
    const losses = epochs.map(({ loss }) => loss);
    return { ...about, failed, seconds, losses, ahead, predictMs, lost: recovered.lost, same };
  } catch (error) {
    return { ...about, failed, refused: /** @type {{ code?: string }} */ (error).code ?? String(error) };
  }

  /** @param {GPUDevice} device @param {boolean} loses */
  async function weights(device, loses) {
    const series = Float64Array.from({ length: 300 }, (_, t) => Math.sin(t / 3));
    const forecaster = await Forecaster.create({ device, windowLength: 7, hiddenSize: 16, seed: 0 });
    let slices = 0;
    let lost = 0;
    await forecaster.fit(series, {
      ...{ epochs: 10, sliceMs: 1, recover: true },
      onDeviceLost: () => {
        lost++;
      },
      onProgress: () => {
        if (loses && ++slices === 5) device.destroy();
      },
    });
    const bits = [...(await forecaster.stateDict()).values()].map(({ data }) => [
      ...new Uint32Array(data.slice().buffer),
    ]);
    forecaster.device.destroy();
    return { bits, lost };
  }
}
