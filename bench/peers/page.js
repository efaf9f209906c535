// TensorFlow.js and brain.js at the tutorial's job, inside Chrome. Plain JavaScript: their types are installed only
// where the benchmark runs.
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as layers from '@tensorflow/tfjs-layers';
import wasmUrl from './node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdUrl from './node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from './node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import brainUrl from './node_modules/brain.js/dist/browser.js?url';

setWasmPaths({
  'tfjs-backend-wasm.wasm': wasmUrl,
  'tfjs-backend-wasm-simd.wasm': simdUrl,
  'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
});

/** Milliseconds per optimizer step of the job in TensorFlow.js: LSTM(units), Dense(1), mean squared error, Adam. */
globalThis.tensorflow = async (backend, { series, steps, batchSize, windowLength, hiddenSize }) => {
  await tf.setBackend(backend);
  await tf.ready();
  const model = layers.sequential();
  model.add(layers.layers.lstm({ units: hiddenSize, inputShape: [windowLength, 1], recurrentActivation: 'sigmoid' }));
  model.add(layers.layers.dense({ units: 1 }));
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'meanSquaredError' });
  const rows = steps * batchSize;
  const windows = Array.from({ length: rows }, (_, k) => k % (series.length - windowLength));
  const x = tf.tensor3d(
    windows.flatMap((k) => series.slice(k, k + windowLength)),
    [rows, windowLength, 1],
  );
  const y = tf.tensor2d(
    windows.map((k) => series[k + windowLength]),
    [rows, 1],
  );
  const fit = () => model.fit(x, y, { batchSize, epochs: 1, shuffle: false, verbose: 0 });
  if (!warm.has(backend + batchSize)) await fit(); // compiles
  warm.add(backend + batchSize);
  const start = performance.now();
  await fit();
  const ms = performance.now() - start;
  tf.dispose([x, y]);
  model.dispose();
  return ms / steps;
};
const warm = new Set();

/**
 * Milliseconds per window of the job in brain.js LSTMTimeStep, which updates after every window too. Its loss is
 * another one: it is asked for every next value within the window, not only for the last.
 */
globalThis.brainJs = async ({ series, steps, windowLength, hiddenSize }) => {
  globalThis.brain ??= await loadScript(brainUrl, () => globalThis.brain);
  const net = new globalThis.brain.recurrent.LSTMTimeStep({
    inputSize: 1,
    hiddenLayers: [hiddenSize],
    outputSize: 1,
  });
  const windows = Array.from({ length: steps }, (_, k) => series.slice(k, k + windowLength + 1));
  net.train(windows.slice(0, 5), { iterations: 1, errorThresh: 0, learningRate: 1e-3 }); // builds its equations
  const start = performance.now();
  net.train(windows, { iterations: 1, errorThresh: 0, learningRate: 1e-3 });
  return (performance.now() - start) / steps;
};

function loadScript(src, found) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    script.onload = () => resolve(found());
    script.onerror = () => reject(new Error(`${src} did not load`));
    document.head.append(script);
  });
}
