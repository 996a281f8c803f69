//! Any text, read as JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    driftline_fuzz::document::try_text(driftline::document::Language::Json, bytes);
});
