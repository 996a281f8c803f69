//! The outcome of a plan, as a comment. Untrusted text stands in code.

use std::io::{self, Write};

use super::summary::{cause_text, headline, outcome_words, remediation};
use crate::apply::{ApplyReport, StepOutcome, StepResult};
use crate::plan::Step;
use crate::report::escape::code_span;
use crate::report::markdown::{LimitedMarkdown, cell, selection_paragraph};
use crate::report::plan::covered;

/// Writes what came of a plan for a comment, always short enough for one. What does not fit is counted.
pub fn write_applied_markdown(applied: &ApplyReport, out: &mut dyn Write) -> io::Result<()> {
    let mut cut = LimitedMarkdown::default();
    cut.must(&format!("<!-- driftline:{} v1 -->\n", applied.command));
    cut.must(&format!("## driftline {}: {}\n\n", applied.command, headline(applied)));
    cut.must(&selection_paragraph(covered(&applied.plan)));
    for refusal in &applied.refusals {
        cut.must(&format!(
            "> [!WARNING]\n> `{}` {}; fix: {}\n\n",
            refusal.guard.as_str(),
            code_span(&refusal.reason),
            code_span(&refusal.remediation)
        ));
    }
    let results = || applied.plan.steps.iter().filter_map(|step| Some((step, applied.results.get(&step.number)?)));
    let (done, open): (Vec<_>, Vec<_>) = results().partition(|(_, result)| result.outcome == StepOutcome::Verified);
    list(&mut cut, "Not done", &open, applied.dry_run);
    list(&mut cut, "Done", &done, applied.dry_run);
    if let Some(journal) = &applied.journal {
        cut.must(&format!("Journal: {}\n", code_span(journal)));
    }
    cut.write(out)
}

fn list(cut: &mut LimitedMarkdown, title: &str, steps: &[(&Step, &StepResult)], dry_run: bool) {
    if steps.is_empty() {
        return;
    }
    cut.must(&format!("### {title} ({})\n\n", steps.len()));
    let rows = steps.iter().map(|(step, result)| (item(step, result, dry_run), 1)).collect();
    cut.rows(rows, "step", "the journal holds each");
    cut.must("\n");
}

/// A step, and in lines below it what happened and what to do. It is no row of a table, since messages are long.
fn item(step: &Step, result: &StepResult, dry_run: bool) -> String {
    let name = step.account_name.as_deref().map_or_else(String::new, |name| format!("{} ", cell(name)));
    let target = format!("{name}`{}` / {}", step.target.account, code_span(step.target.region.as_str()));
    let outcome = outcome_words(result.outcome, dry_run);
    let mut text = format!("- **{outcome}** step {} {}: {target}", step.number, step.operation.name());
    let fix = remediation(step, result, dry_run);
    for (label, line) in [("", Some(result.message.clone())), ("", cause_text(result)), ("fix: ", fix)] {
        if let Some(line) = line.filter(|line| !line.is_empty()) {
            text = format!("{text}<br>{label}{}", cell(&line));
        }
    }
    format!("{text}\n")
}
