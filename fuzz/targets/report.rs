//! Any text, read as a report.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::report::try_text(bytes));
