//! Any files, loaded and resolved.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::policy::try_files(bytes));
