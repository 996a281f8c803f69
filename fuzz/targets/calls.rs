//! Any answers to the other calls that read.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::calls::try_answers(bytes));
