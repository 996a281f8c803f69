//! The report for GitLab's code quality.

use std::cell::RefCell;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use crate::diagnostic::write_json_document;
use crate::model::Severity;
use crate::report::{FormatOptions, Problem, ProblemKind, View, problems, terminal};

/// An entry. The parser stops at the first invalid one and drops all after it, so every field is always there.
///
/// Sources: GitLab Docs, "Code Quality report format"; gitlabhq, code_climate.rb.
#[derive(Serialize)]
struct Entry<'a> {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes what drifts and what is unread as one array, which is empty where nothing is. What is waived is left out: GitLab
/// would show it as new. What is unread is in it, since GitLab takes what is missing for solved.
pub fn write_codequality(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let listed = problems(view).filter(|problem| !matches!(problem.what, ProblemKind::Waived(_)));
    let entries = listed.filter_map(|problem| entry(&problem, view, options));
    write_json_document(&Entries(RefCell::new(entries)), out)
}

/// Entries are made one by one while they are written: there may be hundreds of thousands.
struct Entries<I>(RefCell<I>);

impl<'a, I: Iterator<Item = Entry<'a>>> Serialize for Entries<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&mut *self.0.borrow_mut())
    }
}

fn entry(problem: &Problem<'_>, view: &View<'_>, options: &FormatOptions) -> Option<Entry<'static>> {
    let place = problem.place(view);
    let readings = if view.is_live() { String::new() } else { format!(" (readings: {})", view.source()) };
    Some(Entry {
        description: terminal(&(description(problem) + &readings)).into_owned(),
        check_name: format!("driftline/{}", problem.rule()?.id()),
        fingerprint: problem.identity()?,
        severity: match (problem.what, problem.severity()) {
            (ProblemKind::Unread, _) | (_, Severity::Medium) => "major",
            (_, Severity::Low) => "minor",
            (_, Severity::High) => "critical",
            (_, Severity::Critical) => "blocker",
        },
        location: Location { path: options.path(place.file), lines: Lines { begin: place.line } },
    })
}

/// Plain text: GitLab shows it as it is.
fn description(problem: &Problem<'_>) -> String {
    let target = format!("[driftline] {} {}", problem.target.account, problem.target.region);
    if let Some(setting) = problem.setting() {
        let live = setting.live.as_deref().unwrap_or("unknown");
        return format!("{target} {}: want {}, have {live}", setting.setting.key(), setting.wanted());
    }
    let Some(unread) = problem.unread() else { return target };
    let said = unread.describe();
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    format!("{target} session: unread ({}){said}", unread.reason.as_str())
}
