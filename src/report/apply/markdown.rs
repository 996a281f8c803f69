//! The outcome of a plan, as a comment. Untrusted text stands in code.

use std::io::{self, Write};

use super::summary::{cause_text, headline, remediation, words};
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
    table(&mut cut, "Not done", &open, applied.dry_run);
    table(&mut cut, "Done", &done, applied.dry_run);
    if let Some(journal) = &applied.journal {
        cut.must(&format!("Journal: {}\n", code_span(journal)));
    }
    cut.write(out)
}

fn table(cut: &mut LimitedMarkdown, title: &str, steps: &[(&Step, &StepResult)], dry_run: bool) {
    if steps.is_empty() {
        return;
    }
    cut.must(&format!("### {title} ({})\n\n", steps.len()));
    let rows = steps.iter().map(|(step, result)| (row(step, result, dry_run), 1)).collect();
    cut.table(&["Step", "Target", "Operation", "Outcome", "What happened"], rows, ("step", "the journal holds each"));
}

fn row(step: &Step, result: &StepResult, dry_run: bool) -> Vec<String> {
    let mut what = cell(&result.message);
    for (label, text) in [("", cause_text(result)), ("fix: ", remediation(step, result, dry_run))] {
        if let Some(text) = text {
            what = format!("{what} {label}{}", cell(&text));
        }
    }
    vec![
        step.number.to_string(),
        code_span(&step.target.to_string()),
        step.operation.name().to_owned(),
        words(result.outcome).to_owned(),
        what,
    ]
}
