//! The summary of a job: Markdown for the file that `GITHUB_STEP_SUMMARY` names.

use std::fmt::Write as _;

use crate::drift::Verdict;
use crate::report::FormatOptions;
use crate::report::escape::code_span;
use crate::report::finding::{Finding, findings, worst_first};
use crate::report::messages::{self, pluralize, unmanaged};
use crate::report::model::View;
use crate::report::unread_group::describe;

/// The most bytes that the file may come to. Of one over 1 MiB nothing at all is shown.
///
/// Source: actions/runner, FileCommandManager.cs.
const AT_MOST: u64 = 900 * 1024;

/// The room for the lines that name what was cut.
const RESERVE: usize = 2 * 1024;

/// The most characters of what AWS said in a table.
const SAID_AT_MOST: usize = 300;

/// A growing text that takes whole rows, as many as fit.
struct Summary {
    text: String,
    room: usize,
}

/// The summary, for a file that holds so many bytes already; empty where there is no room left for one.
///
/// All that others wrote stands in code spans, so that nothing of it is a link, an image, a mention or HTML.
pub fn github_summary(view: &View<'_>, options: &FormatOptions, bytes_there: u64) -> String {
    let room = usize::try_from(AT_MOST.saturating_sub(bytes_there)).unwrap_or(usize::MAX);
    if room < 2 * RESERVE {
        return String::new();
    }
    let mut summary = Summary { text: String::new(), room: room - RESERVE };
    summary.text.push_str(&head(view));
    summary.text.push_str(&base(view));
    let worst = worst_first(view);
    let drift = worst.iter().filter(|finding| finding.unread().is_none());
    summary.table("### Drift", &DRIFT, "", drift.map(|finding| drift_row(finding, options)));
    let unread = worst.iter().filter(|finding| finding.unread().is_some());
    summary.table("### Unread", &UNREAD, "", unread.map(unread_row));
    let waived: Vec<Finding<'_>> = findings(view).filter(|finding| finding.is_waived()).collect();
    let opening = format!("<details>\n<summary>{} waived</summary>", pluralize(waived.len(), "setting"));
    summary.table(&opening, &WAIVED, "\n</details>\n", waived.iter().map(|finding| waived_row(finding, options)));
    summary.text
}

const DRIFT: [&str; 7] = ["Severity", "Account", "Region", "Setting", "Wanted", "Live", "Declared at"];
const UNREAD: [&str; 5] = ["Account", "Region", "Reason", "What was said", "Fix"];
const WAIVED: [&str; 8] = ["Account", "Region", "Setting", "Wanted", "Live", "Until", "Reason", "Waived at"];

/// The verdict and the ledger.
fn head(view: &View<'_>) -> String {
    let verdict = match view.verdict {
        Verdict::InSync => "in sync; everything was read",
        Verdict::Drift => "drift; everything was read",
        Verdict::Incomplete => "no drift in what was read, and not everything was",
        Verdict::DriftAndIncomplete => "drift, and not everything was read",
    };
    let ledger = view.ledger;
    let partly = match messages::partly_unread(&ledger, "") {
        none if none.is_empty() => none,
        partly => format!("\n{} of {} drifted, {partly}.\n", ledger.drifted, pluralize(ledger.declared, "target")),
    };
    let source = if view.is_live() { String::new() } else { format!("\nReadings: {}.\n", code_span(&view.source())) };
    format!(
        "## driftline: {verdict}\n\n\
         | Declared | In sync | Drifted | Waived | Not applicable | Unread |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: |\n\
         | {} | {} | {} | {} | {} | {} |\n{partly}{source}",
        ledger.declared, ledger.in_sync, ledger.drifted, ledger.waived, ledger.not_applicable, ledger.unread
    )
}

/// What a change of the policies takes out of management, where it does.
fn base(view: &View<'_>) -> String {
    let Some(base) = &view.base else { return String::new() };
    let parts = unmanaged(base);
    if parts.is_empty() {
        return String::new();
    }
    format!("\nAgainst {}: {}.\n", code_span(&base.revision), parts.join("; "))
}

impl Summary {
    /// Adds a table of as many rows as fit, and says how many did not; nothing where there are none.
    fn table(&mut self, opening: &str, columns: &[&str], closing: &str, rows: impl Iterator<Item = Vec<String>>) {
        let mut rows = rows.map(|cells| format!("| {} |\n", cells.join(" | "))).peekable();
        if rows.peek().is_none() {
            return;
        }
        let _ = write!(self.text, "\n{opening}\n\n");
        let head = format!("| {} |\n|{}\n", columns.join(" | "), " --- |".repeat(columns.len()));
        let mut listed = 0;
        while let Some(row) = rows.next_if(|row| self.text.len() + head.len() + row.len() <= self.room) {
            if listed == 0 {
                self.text.push_str(&head);
            }
            self.text.push_str(&row);
            listed += 1;
        }
        let more = rows.count();
        if more > 0 {
            // Nothing smaller may follow what did not fit: the worst come first.
            self.room = 0;
            let break_before = if listed > 0 { "\n" } else { "" };
            let _ = writeln!(
                self.text,
                "{break_before}{} left out here; the other reports hold all.",
                pluralize(more, "row")
            );
        }
        self.text.push_str(closing);
    }
}

/// An account by id, and by name where that is known.
fn account(finding: &Finding<'_>) -> String {
    let target = &finding.target;
    let name = target.account_name.as_deref().map_or_else(String::new, |name| format!(" {}", code_span(name)));
    format!("{}{name}", code_span(&target.account.to_string()))
}

/// Setting, desired and live value.
fn values(finding: &Finding<'_>) -> [String; 3] {
    finding.row().map_or_else(Default::default, |row| {
        [code_span(row.setting.key()), code_span(&row.wanted()), code_span(row.live())]
    })
}

fn drift_row(finding: &Finding<'_>, options: &FormatOptions) -> Vec<String> {
    let origin = finding.origin();
    let declared = origin.map_or_else(String::new, |origin| {
        let name = origin.declaration.as_deref().map_or_else(String::new, |name| format!(" {}", code_span(name)));
        format!("{}{name}", code_span(&format!("{}:{}", options.path(&origin.file), origin.line)))
    });
    let [setting, wanted, live] = values(finding);
    let region = code_span(finding.target.region.as_str());
    vec![finding.severity().to_string(), account(finding), region, setting, wanted, live, declared]
}

fn unread_row(finding: &Finding<'_>) -> Vec<String> {
    let (reason, said) =
        finding.unread().map_or_else(Default::default, |unread| (code_span(unread.reason.as_str()), describe(unread)));
    let reason = match finding.row() {
        Some(row) => format!("{} {reason}", code_span(row.setting.key())),
        None => reason,
    };
    let said = if said.chars().count() > SAID_AT_MOST {
        said.chars().take(SAID_AT_MOST).chain(['…']).collect()
    } else {
        said
    };
    let said = if said.is_empty() { said } else { code_span(&said) };
    let remediation = finding.remediation().map(|fix| code_span(&fix)).unwrap_or_default();
    vec![account(finding), code_span(finding.target.region.as_str()), reason, said, remediation]
}

fn waived_row(finding: &Finding<'_>, options: &FormatOptions) -> Vec<String> {
    let [setting, wanted, live] = values(finding);
    let waiver = finding.row().and_then(|row| row.waiver.as_ref());
    let [until, reason, at] = waiver.map_or_else(Default::default, |waiver| {
        let at = format!("{}:{}", options.path(&waiver.origin.file), waiver.origin.line);
        [waiver.expires.to_string(), code_span(&waiver.reason), code_span(&at)]
    });
    vec![account(finding), code_span(finding.target.region.as_str()), setting, wanted, live, until, reason, at]
}
