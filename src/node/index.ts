// The public API for Node: everything of the browser's, with a requestDevice that brings WebGPU along (Dawn).
export * from '../index.ts';
export { loadGpu, requestNodeDevice as requestDevice } from './device.ts';
