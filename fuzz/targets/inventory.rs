//! Any text, read as a saved inventory.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::inventory::try_text(bytes));
