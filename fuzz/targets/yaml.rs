//! Any text, read as YAML.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    driftline_fuzz::document::try_text(driftline::document::Language::Yaml, bytes);
});
