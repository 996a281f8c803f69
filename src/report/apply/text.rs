//! What came of a plan, for people. The plan itself was printed before.

use std::io::{self, Write};

use super::summary::{cause_text, headline, outcome_words, remediation};
use crate::apply::{ApplyReport, Refusal, StepOutcome, StepResult};
use crate::plan::Step;
use crate::report::escape::terminal;
use crate::report::plan::covered;
use crate::report::text::{Detail, Paint, TextOptions, labelled, wrapped};

const INDENT: &str = "      ";

/// Writes what came of a plan.
pub fn write_applied_text(applied: &ApplyReport, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    if options.detail > Detail::Quiet {
        // Where a guard refused everything, there is nothing to say of each step that the plan has not said.
        let stopped = applied.refusals.iter().any(|refusal| refusal.guard.stops_everything());
        for step in applied.plan.steps.iter().filter(|_| !stopped) {
            if let Some(result) = applied.results.get(&step.number) {
                one(step, result, applied.dry_run, options, out)?;
            }
        }
        if !applied.plan.steps.is_empty() && !stopped {
            writeln!(out)?;
        }
        write_refusals_text(&applied.refusals, options, out)?;
    }
    if let Some(selected) = covered(&applied.plan) {
        labelled("Scope", &terminal(&selected.to_string()), options, |part| paint.warn(part), out)?;
    }
    let totals = applied.totals();
    let parts = StepOutcome::ALL
        .map(|outcome| format!("{} {}", totals.count(outcome), outcome_words(outcome, applied.dry_run)));
    let noun = if totals.steps == 1 { "step" } else { "steps" };
    let line = format!("{} {noun} = {}", totals.steps, parts.join(" + "));
    labelled("Steps", &line, options, str::to_owned, out)?;
    if let Some(journal) = &applied.journal {
        labelled("Journal", &terminal(journal), options, |part| paint.faint(part), out)?;
    }
    if let Some(failure) = &applied.journal_failure {
        let text =
            format!("the journal could not be written any more: {}; nothing was begun after that", terminal(failure));
        labelled("", &text, options, |part| paint.bad(part), out)?;
    }
    let verdict = |part: &str| if applied.is_done() { paint.good(part) } else { paint.bad(part) };
    labelled("Result", &headline(applied), options, verdict, out)
}

/// Writes which guards refuse, and what to do about it.
pub fn write_refusals_text(refusals: &[Refusal], options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    for refusal in refusals {
        let mark = if refusal.guard.stops_everything() { paint.bad("✗") } else { paint.warn("?") };
        let text = format!("refused ({}): {}", refusal.guard.as_str(), terminal(&refusal.reason));
        for (nth, line) in wrapped(&text, options.width.saturating_sub(INDENT.len())).iter().enumerate() {
            let line = paint.strong(line);
            if nth == 0 { writeln!(out, "   {mark}  {line}")? } else { writeln!(out, "{INDENT}{line}")? }
        }
        paragraph(&format!("fix: {}", terminal(&refusal.remediation)), options, str::to_owned, out)?;
    }
    if refusals.is_empty() { Ok(()) } else { writeln!(out) }
}

fn one(step: &Step, result: &StepResult, dry_run: bool, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint: Paint = options.paint;
    let word = outcome_words(result.outcome, dry_run);
    let word = match result.outcome {
        StepOutcome::Verified => paint.good(word),
        StepOutcome::NotTried if dry_run => paint.faint(word),
        StepOutcome::NotTried => paint.warn(word),
        _ => paint.bad(word),
    };
    let name = step.account_name.as_deref().map_or_else(String::new, |name| format!("  {}", terminal(name)));
    writeln!(
        out,
        "{:>4}  {}{name}  {}: {word}",
        step.number,
        paint.strong(&step.target.to_string()),
        step.operation.name()
    )?;
    paragraph(&terminal(&result.message), options, |line| paint.faint(line), out)?;
    if let Some(said) = cause_text(result) {
        paragraph(&terminal(&said), options, |line| paint.faint(line), out)?;
    }
    if let Some(remediation) = remediation(step, result, dry_run) {
        paragraph(&format!("fix: {}", terminal(&remediation)), options, str::to_owned, out)?;
    }
    Ok(())
}

fn paragraph(text: &str, options: TextOptions, paint: impl Fn(&str) -> String, out: &mut dyn Write) -> io::Result<()> {
    for line in wrapped(text, options.width.saturating_sub(INDENT.len())) {
        writeln!(out, "{INDENT}{}", paint(&line))?;
    }
    Ok(())
}
