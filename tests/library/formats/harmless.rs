//! What no text of others may do, whatever the format.

use driftline::diagnostic::is_harmful;

/// That the text moves no terminal, reorders nothing, and that the runner of a CI system obeys nothing in it, whole lines of
/// driftline's own aside.
#[track_caller]
pub(crate) fn to_a_log(text: &str, own: impl Fn(&str) -> bool) {
    to_a_terminal(text);
    for mark in ["##[", "##vso[", "##teamcity[", "##octopus[", "section_start:", "section_end:", "travis_fold:"] {
        assert!(!text.contains(mark), "{text}");
    }
    for line in text.lines().filter(|line| !own(line)) {
        assert!(!line.trim_start().starts_with("::"), "{line}");
    }
}

/// That the text moves no terminal, reorders nothing and hides nothing.
#[track_caller]
pub(crate) fn to_a_terminal(text: &str) {
    assert!(!text.contains(|letter| is_harmful(letter) || letter == '\t'), "{text:?}");
}
