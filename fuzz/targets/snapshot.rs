//! Any text, read as a snapshot.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::snapshot::try_text(bytes));
