// Sizes of the kernels with quads, in front of everything that uses them: naga (Firefox, Deno) ends the process for an override that
// is declared after a workgroup's array whose size is another one.
override LANES: u32 = 128;  // 4 UNITS
override UNITS: u32 = 32;  // H rounded up to a multiple of 4; the weights of those beyond H are zero, and so are their states
override I: u32 = 1;
override O: u32 = 1;
override C: u32 = 1;
override KEPT: u32 = 1920;  // 6 UNITS T values, or 1 if STORED
override STORED: u32 = 0;
override COLUMNS: u32 = 8;  // of W_hh that are transposed at a time, a multiple of 4: as many as fit in the workgroup's memory
override SHARES: u32 = 1;  // workgroups of a model
override CELL: u32 = 0;  // 0: LSTM, 1: GRU, 2: RNN with tanh, 3: RNN with relu

// What backward needs of a time step: the gates, c before it, tanh of c after it or of what else follows from the gates.
struct TimeStep { gates: vec4f, c: f32, last_tanh: f32 }
