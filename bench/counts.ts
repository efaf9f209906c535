import { Forecaster } from '../src/index.ts';

/** One line per plan: dispatches and submits per step. */
export async function dispatchCounts(device: GPUDevice, series: Float64Array): Promise<string[]> {
  const lines: string[] = [];
  for (const plan of ['resident', 'timestep'] as const) {
    const forecaster = await Forecaster.create({ device, seed: 0 });
    const { steps, dispatches, submits } = await forecaster.fit(series, { epochs: 1, plan });
    const per = (count: number) => (count / steps).toPrecision(3);
    lines.push(
      `${plan.padEnd(10)} ${per(dispatches).padStart(8)} dispatches  ${per(submits).padStart(8)} submits  (${steps} steps)`,
    );
    forecaster.dispose();
  }
  return lines;
}
