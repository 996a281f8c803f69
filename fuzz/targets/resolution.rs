//! Sound policies, made up from bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::resolution::try_choices(bytes));
