//! Any text, read as the world of a simulated AWS.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::world::try_text(bytes));
