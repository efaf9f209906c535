// node tools/run.mjs bench/builds.ts OTHER/dist/node/index.js: this build and another one, in turn in one process.
import { resolve } from 'node:path';
import type * as library from '../src/node/index.ts';
import { compareInPlans, stepsPerSecond } from './plans.ts';

const [other] = process.argv.slice(2);
if (!other) throw new Error('Give the path of the other build: its dist/node/index.js.');

async function load(name: string, path: string) {
  const build = (await import(/* @vite-ignore */ resolve(path))) as typeof library;
  const methods = build.Forecaster.prototype as { dispose?: () => void; destroy?: () => void };
  if (methods.destroy) methods.dispose ??= methods.destroy; // its name in earlier builds
  return { name, build, device: await build.requestDevice() };
}

const builds = [await load('other', other), await load('this one', 'dist/node/index.js')];
await compareInPlans('Builds', 'the other', (fit) =>
  builds.map(({ name, build, device }) => {
    const sample = () => stepsPerSecond(build, device, fit);
    return { name, device: build.describeDevice(device).name, prepare: async () => void (await sample()), sample };
  }),
);
process.exit(0); // Dawn keeps the process alive
