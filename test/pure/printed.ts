/** The output of a downloaded script: epoch losses, the model's RMSE, the naive one, and the forecast. */
export function printed(stdout: string): { losses: number[]; rmse: number; naiveRmse: number; future: number[] } {
  const after = (label: string) => Number(new RegExp(`^${label}: (.*)$`, 'm').exec(stdout)?.[1]);
  return {
    losses: [...stdout.matchAll(/^Epoch \d+: loss (.*)$/gm)].map(([, loss]) => Number(loss)),
    rmse: after('RMSE of the model'),
    naiveRmse: after('RMSE of tomorrow = today'),
    future: /^Beyond the end: (.*)$/m.exec(stdout)?.[1]?.split(', ').map(Number) ?? [],
  };
}
