// An application that uses its own GPUDevice, also for other work: npm install && npm start
// In a browser, use `navigator.gpu` instead of `loadGpu()`; nothing else changes.
import { readFile } from 'node:fs/promises';
import { Forecaster, loadGpu, readSeries } from 'lstm-webgpu/node';

// Any device works, even with WebGPU's default limits and no features. The library never destroys it.
const gpu = await loadGpu();
const adapter = await gpu.requestAdapter();
const device = await adapter.requestDevice({ label: 'the application' });

const { values } = readSeries(await readFile(new URL('visitors.csv', import.meta.url), 'utf8'));
const forecaster = await Forecaster.create({ device, windowLength: 7, hiddenSize: 16, seed: 0 });

// A fit runs in short submits, so the application's own work runs between them.
const run = forecaster.fit(values, { epochs: 30 });
const doubled = [];
for await (const { epoch } of run) if (epoch % 10 === 0) doubled.push(await double(epoch));
console.log(`doubled in between: ${doubled.join(', ')}`);

const { metrics } = await forecaster.evaluate();
console.log(`RMSE ${metrics.rmse.toFixed(1)}, tomorrow = today ${metrics.naiveRmse.toFixed(1)}`);

// The device outlives the forecaster.
forecaster.dispose();
console.log(`and after it: ${await double(21)}`);
device.destroy();

/** 2 x, on the GPU. */
async function double(x) {
  const module = device.createShaderModule({
    code: `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
      @compute @workgroup_size(1) fn main() { x[0] *= 2; }`,
  });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: 4, usage });
  const result = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(buffer, 0, Float32Array.of(x));
  const layout = pipeline.getBindGroupLayout(0);
  const bindGroup = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, result, 0, 4);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(GPUMapMode.READ);
  const [value] = new Float32Array(result.getMappedRange().slice(0));
  buffer.destroy();
  result.destroy();
  return value;
}
