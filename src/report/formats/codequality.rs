//! The report for GitLab's code quality.

use std::cell::RefCell;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use crate::diagnostic::write_json_document;
use crate::model::Severity;
use crate::report::FormatOptions;
use crate::report::escape::terminal;
use crate::report::finding::{Finding, findings};
use crate::report::model::View;
use crate::report::unread_group::describe;

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

/// Writes drift and unread targets as one array, which may be empty. Waived drift is left out: GitLab would show it as new.
/// Unread targets are in it, since GitLab takes what is missing for solved.
pub fn write_codequality(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let listed = findings(view).filter(|finding| !finding.is_waived());
    let entries = listed.filter_map(|finding| entry(&finding, view, options));
    write_json_document(&Entries(RefCell::new(entries)), out)
}

/// Entries that are made one by one while they are written.
struct Entries<I>(RefCell<I>);

impl<'a, I: Iterator<Item = Entry<'a>>> Serialize for Entries<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&mut *self.0.borrow_mut())
    }
}

fn entry(finding: &Finding<'_>, view: &View<'_>, options: &FormatOptions) -> Option<Entry<'static>> {
    let place = finding.location(view);
    let readings = if view.is_live() { String::new() } else { format!(" (readings: {})", view.source()) };
    Some(Entry {
        description: terminal(&(description(finding, view) + &readings)).into_owned(),
        check_name: format!("driftline/{}", finding.rule()?.id()),
        fingerprint: finding.identity()?,
        severity: match (finding.unread(), finding.severity()) {
            (Some(_), _) if view.excuse(finding).is_some() => "info",
            (Some(_), _) | (_, Severity::Medium) => "major",
            (_, Severity::Low) => "minor",
            (_, Severity::High) => "critical",
            (_, Severity::Critical) => "blocker",
        },
        location: Location { path: options.path(place.file), lines: Lines { begin: place.line } },
    })
}

/// Plain text: GitLab shows it as it is.
fn description(finding: &Finding<'_>, view: &View<'_>) -> String {
    let target = format!("[driftline] {} {} {}", finding.target.account, finding.target.region, finding.label());
    if let Some(unread) = finding.unread() {
        let said = describe(unread);
        let said = if said.is_empty() { said } else { format!(": {said}") };
        let expected = view.excuse(finding).map_or_else(String::new, |expected| {
            format!(", as expected until {}: {}", expected.expires, expected.reason)
        });
        return format!("{target}: unread ({}){said}{expected}", unread.reason.as_str());
    }
    match finding.row() {
        Some(row) => format!("{target}: {}", row.difference()),
        None => target,
    }
}
