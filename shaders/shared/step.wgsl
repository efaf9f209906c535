// What differs from one optimizer step to the next: a uniform chosen by dynamic offset, so that the commands of every
// step are the same and are built once; or an array, if one dispatch runs many steps.
struct Step {
  first: u32,                   // position of the batch's first sample in the epoch's order
  rows: u32,                    // samples in this batch, <= N (the last batch of an epoch may be short)
  slot: u32,                    // index of this step's loss
  number: u32,                  // optimizer steps taken before this one: t - 1
  lr: f32,
  step_size: f32,               // Adam's lr / (1 - beta1^t)
  bias_correction2_sqrt: f32,   // Adam's sqrt(1 - beta2^t)
  decay: f32,                   // AdamW's 1 - lr * weight_decay
}
