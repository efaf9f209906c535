// The functions that the benchmark times inside Chrome; main.ts calls them by name.
import { describeDevice, type PlanName, requestDevice } from '../../src/index.ts';
import { ourFirstLoss, ourSteps } from '../ours.ts';

const device = await requestDevice();
const place = {
  name: 'Chrome',
  deviceName: describeDevice(device).name,
  device,
  freshDevice: () => requestDevice(),
};

Object.assign(globalThis, {
  deviceName: place.deviceName,
  ours: (plan: PlanName, batchSize: number, series: number[]) =>
    ourSteps(place, plan, { series: Float64Array.from(series), batchSize, plan }).sample(),
  oursFirstLoss: (plan: PlanName, series: number[]) => ourFirstLoss(place, plan, Float64Array.from(series)).sample(),
});
