/** The texts of the device's card. */
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
  ceiling: 'Measured peak',
  ceilingNote: 'Peak multiply-add rate measured on this device.',
  plan: 'Plan',
  dispatchesPerStep: 'Dispatches per step',
  achieved: 'Achieved in training',
  achievedNote: 'Gate matrix products, forward and backward, wall-clock time.',
  shareOfCeiling: (percent: string) => `${percent} of the peak`,
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
  ceiling: 'Pico medido',
  ceilingNote: 'Taxa máxima de multiplicações com soma (FMA) medida neste dispositivo.',
  plan: 'Plano',
  dispatchesPerStep: 'Dispatches por passo',
  achieved: 'Alcançado no treino',
  achievedNote: 'Produtos de matrizes das portas, ida e volta, em tempo de relógio.',
  shareOfCeiling: (percent: string) => `${percent} do pico`,
};
