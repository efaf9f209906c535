// Which of a slice's steps a dispatch runs, if the steps are an array: a uniform chosen by dynamic offset.
struct Position { step: u32 }
