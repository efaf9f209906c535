// The sizes of a resident model, where its parameters are in an arena, and Adam's constants.
struct ResidentModel {
  models: u32, T: u32, H: u32,
  arena: u32, weight_ih: u32, weight_hh: u32, bias_ih: u32, bias_hh: u32, fc_weight: u32, fc_bias: u32,
  beta1: f32, one_minus_beta1: f32, beta2: f32, one_minus_beta2: f32, eps: f32,
}
