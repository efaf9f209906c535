/** The step uniform, shaders/shared/step.wgsl. */
export interface Step {
  first: number;
  rows: number;
  slot: number;
  number: number;
  lr: number;
  step_size: number;
  bias_correction2_sqrt: number;
  decay: number;
}
