/** What the card of the device says. */
export const deviceEn = {
  title: 'Device and speed',
  adapter: 'Adapter',
  software: 'A software adapter: the CPU does the work of a GPU. The numbers are right, but training is slow.',
  features: 'Features in use',
  noFeatures: 'none',
  maxBufferSize: 'Largest buffer',
  maxStorageBufferBindingSize: 'Largest tensor in a kernel',
  maxComputeInvocationsPerWorkgroup: 'Invocations per workgroup',
  maxComputeWorkgroupStorageSize: 'Workgroup memory',
  ceiling: 'Ceiling, measured',
  ceilingNote: 'Multiply-adds and nothing else, on the whole device.',
  plan: 'Plan',
  whyNotResident: 'Not resident:',
  dispatchesPerStep: 'Dispatches per step',
  achieved: 'Achieved in training',
  achievedNote: 'Gate matmuls forward and backward, by the clock on the wall.',
  shareOfCeiling: (percent: string) => `${percent} of the ceiling`,
};

export type DeviceTexts = typeof deviceEn;

export const devicePt: DeviceTexts = {
  title: 'Dispositivo e velocidade',
  adapter: 'Adaptador',
  software: 'Adaptador por software: a CPU faz o papel da GPU. Os números são corretos, mas o treino é lento.',
  features: 'Recursos em uso',
  noFeatures: 'nenhum',
  maxBufferSize: 'Maior buffer',
  maxStorageBufferBindingSize: 'Maior tensor em um kernel',
  maxComputeInvocationsPerWorkgroup: 'Invocações por workgroup',
  maxComputeWorkgroupStorageSize: 'Memória do workgroup',
  ceiling: 'Teto, medido',
  ceilingNote: 'Só multiplicações com soma (FMA), no dispositivo inteiro.',
  plan: 'Plano',
  whyNotResident: 'Não é resident:',
  dispatchesPerStep: 'Dispatches por passo',
  achieved: 'Alcançado no treino',
  achievedNote: 'Matmuls das portas, forward e backward, pelo tempo de relógio.',
  shareOfCeiling: (percent: string) => `${percent} do teto`,
};
