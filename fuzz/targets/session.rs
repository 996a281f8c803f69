//! Any answer to GetMacieSession.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driftline_fuzz::session::try_answer(bytes));
