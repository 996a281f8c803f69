//! What AWS, or something in its place, answers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::attempts::{Seed, files_below, kept, try_all};
use super::{calls, session};

/// As much of the fixtures of `tests/library/answers.rs` as makes an answer.
#[derive(Deserialize)]
struct Fixture {
    answer: Told,
}

#[derive(Deserialize)]
struct Told {
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

/// The answers that each earn a reading, as bytes.
fn fixtures() -> Vec<Seed> {
    let files = files_below("tests/answers").into_iter();
    let answers = files.filter_map(|path| {
        let text = std::fs::read_to_string(&path).expect("a fixture");
        let told = serde_yaml::from_str::<Fixture>(&text).expect("a fixture").answer;
        let headers: Vec<String> = told.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        Some((path, format!("{}\n{}\n{}", told.status?, headers.concat(), told.body).into_bytes()))
    });
    answers.collect()
}

#[test]
fn no_answer_is_read_as_what_it_does_not_say() {
    let mut seeds = fixtures();
    assert!(seeds.len() > 50, "the fixtures are found");
    seeds.extend(kept("session"));
    try_all("session", &seeds, &session::try_answer);
}

#[test]
fn nothing_is_taken_from_answers_that_they_do_not_say() {
    let mut seeds: Vec<Seed> = kept("calls");
    assert!(seeds.len() > 5, "some for each call");
    // Failures have one form for all of them.
    for call in ["i", "a", "r", "o", "m"] {
        let failures = fixtures().into_iter().step_by(8);
        seeds.extend(failures.map(|(path, bytes)| (path, [call.as_bytes(), &bytes].concat())));
    }
    seeds.push((PathBuf::from("nothing"), b"m".to_vec()));
    try_all("calls", &seeds, &calls::try_answers);
}
