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
globalThis.tensorflow = async (backend, job) => {
  const { series, steps, batchSize, windowLength, inputSize, hiddenSize, numLayers } = job;
  await tf.setBackend(backend);
  await tf.ready();
  const model = layers.sequential();
  for (let layer = 0; layer < numLayers; layer++)
    model.add(
      layers.layers.lstm({
        units: hiddenSize,
        inputShape: [windowLength, inputSize],
        recurrentActivation: 'sigmoid',
        returnSequences: layer < numLayers - 1,
      }),
    );
  model.add(layers.layers.dense({ units: 1 }));
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'meanSquaredError' });
  const rows = steps * batchSize;
  // windows of the series; without a series only the sizes matter, so any values work
  const value = (k) => (series.length > 0 ? series[k % series.length] : Math.sin(k));
  const x = tf.tensor3d(
    Float32Array.from({ length: rows * windowLength * inputSize }, (_, k) =>
      value(Math.floor(k / (windowLength * inputSize)) + (k % windowLength)),
    ),
    [rows, windowLength, inputSize],
  );
  const y = tf.tensor2d(
    Float32Array.from({ length: rows }, (_, k) => value(k + windowLength)),
    [rows, 1],
  );
  const fit = () => model.fit(x, y, { batchSize, epochs: 1, shuffle: false, verbose: 0 });
  const shape = JSON.stringify([backend, batchSize, windowLength, inputSize, hiddenSize, numLayers]);
  if (!warm.has(shape)) await fit(); // compiles
  warm.add(shape);
  const start = performance.now();
  await fit();
  const ms = performance.now() - start;
  tf.dispose([x, y]);
  model.dispose();
  return ms / steps;
};
const warm = new Set();

/**
 * Milliseconds per window of the job in brain.js LSTMTimeStep, which also updates after every window. Its loss is
 * different: it predicts every next value within the window, not only the last.
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
