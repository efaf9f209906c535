// The head's rows: it applies to the last step of each of N rows, or to each of T steps.
struct Head { N: u32, T: u32, H: u32, O: u32, every: u32 }

/// Rows of y.
fn head_rows(dims: Head) -> u32 { return select(dims.N, dims.T * dims.N, dims.every == 1); }

/// The row of h [(T+2) * N, H] that row r of y comes from: time t comes after N rows of initial states.
fn head_reads(dims: Head, r: u32, length: u32) -> u32 { return select(length * dims.N + r, dims.N + r, dims.every == 1); }
