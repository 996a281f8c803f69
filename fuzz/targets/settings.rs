//! Any text, read as `driftline.toml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::settings::try_text(bytes));
