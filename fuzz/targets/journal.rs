//! Any bytes, read as a journal.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::journal::try_bytes(bytes));
