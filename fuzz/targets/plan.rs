//! Any text, read as a plan; and a plan, altered.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::plan::try_bytes(bytes));
