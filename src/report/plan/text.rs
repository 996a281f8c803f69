//! The plan for people: every step with what it rests on, what comes of it, and who wants it.

use std::io::{self, Write};

use super::summary::{
    BlockedTogether, UnreadTogether, blocked_change, blocked_together, change, covered, headline, left_out,
    outside_administrator, unread_together,
};
use crate::model::{Environment, Origin, Severity};
use crate::plan::{BlockedChange, Plan, PlanSource, SkippedTarget, Step};
use crate::report::approved::write_approved_text;
use crate::report::escape::terminal;
use crate::report::finding::label;
use crate::report::messages::{base_changes, pluralize};
use crate::report::text::{Detail, Paint, TextOptions, labelled, wrapped};
use crate::resource::Risk;

const INDENT: &str = "      ";

/// Writes the plan for people.
pub fn write_plan_text(plan: &Plan, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    if options.detail > Detail::Quiet {
        heading(plan, options, out)?;
        warnings(plan, options, out)?;
        let approved = plan.facts.base.as_ref().map_or(&[][..], |base| &base.findings);
        write_approved_text(approved, options, out)?;
        for step in &plan.steps {
            one(step, options, out)?;
        }
        blocked(&plan.blocked, options, out)?;
        unread(&plan.not_planned, options, out)?;
    }
    if let Some(base) = &plan.facts.base {
        let text = format!("against {}: {}", terminal(&base.revision), base_changes(&base.counts));
        labelled("Policies", &text, options, str::to_owned, out)?;
    }
    if let Some(selected) = covered(plan) {
        labelled("Scope", &terminal(&selected.to_string()), options, |part| paint.warn(part), out)?;
    }
    let summary = plan.summary();
    let risks = [
        (summary.safe, "safe"),
        (summary.disruptive, "disruptive (pause)"),
        (summary.destructive, "destructive (disable)"),
    ];
    let risks: Vec<String> = risks.iter().map(|(count, word)| format!("{count} {word}")).collect();
    labelled("Risk", &risks.join(", "), options, |part| paint.faint(part), out)?;
    let verdict = |part: &str| match (plan.has_drift(), plan.is_incomplete()) {
        (true, _) => paint.bad(part),
        (false, true) => paint.warn(part),
        (false, false) => paint.good(part),
    };
    labelled("Plan", &headline(plan), options, verdict, out)
}

fn heading(plan: &Plan, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let source = match plan.facts.source {
        Environment::Aws => "live from AWS",
        Environment::Simulation => "live from a simulated AWS",
    };
    let basis = match &plan.facts.basis {
        PlanSource::Policies { files, .. } => format!("to what {} want", pluralize(files.len(), "policy file")),
        PlanSource::Journal { file } => format!("back to what the apply of {} had found", terminal(file)),
    };
    let text = format!("Plan of {}, {basis}; {source}. Changes are shown as before → after.", plan.facts.created_at);
    for line in wrapped(&text.replace("1 policy file want", "1 policy file wants"), options.width) {
        writeln!(out, "{}", options.paint.faint(&line))?;
    }
    writeln!(out)
}

/// Warnings about the policies, before the steps.
fn warnings(plan: &Plan, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let unmatched = plan.facts.unmatched.iter();
    let unmatched = unmatched.map(|item| (format!("{}: {}", item.origin, item.message), item.remediation.as_str()));
    let left_out = left_out(plan).map(|text| (text, "plan from all policies"));
    let outside = outside_administrator(plan);
    let outside = outside.as_ref().map(|(text, fix)| (text.clone(), fix.as_str()));
    let mut is_none = true;
    for (warning, remediation) in left_out.into_iter().chain(outside).chain(unmatched) {
        is_none = false;
        let lines = wrapped(&terminal(&warning), options.width.saturating_sub(INDENT.len()));
        for (nth, line) in lines.iter().enumerate() {
            let line = options.paint.warn(line);
            if nth == 0 {
                writeln!(out, "   {}  {line}", options.paint.warn("!"))?;
            } else {
                writeln!(out, "{INDENT}{line}")?;
            }
        }
        paragraph(&format!("fix: {}", terminal(remediation)), options, str::to_owned, out)?;
    }
    if is_none { Ok(()) } else { writeln!(out) }
}

fn one(step: &Step, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    let name = named(step.account_name.as_deref());
    writeln!(out, "{:>4}  {}{name}", step.number, paint.strong(&step.target.to_string()))?;
    let by = if step.calling_account == step.target.account {
        "by the account itself".to_owned()
    } else {
        format!("by its administrator {}", step.calling_account)
    };
    let needs: Vec<String> = step.after.iter().map(ToString::to_string).collect();
    let needs = if needs.is_empty() { String::new() } else { format!(", after step {}", needs.join(" and ")) };
    let risk = match step.risk {
        Risk::Safe => paint.good(step.risk.as_str()),
        Risk::Disruptive | Risk::Destructive => paint.bad(step.risk.as_str()),
    };
    let one_way = if step.one_way { format!(" · {}", paint.bad("one way")) } else { String::new() };
    writeln!(out, "{INDENT}{risk}{one_way} · {} {by}{needs}", step.operation.name())?;
    for wanted in &step.changes {
        let text = format!("{}  {}", label(wanted.setting), change(wanted, &step.expected));
        changed(&text, (wanted.severity, wanted.origin.as_ref()), options, out)?;
    }
    paragraph(&terminal(&step.consequence), options, str::to_owned, out)?;
    if options.detail == Detail::Verbose {
        let since = step.session_updated_at.map_or_else(String::new, |moment| format!(", last changed {moment}"));
        paragraph(&format!("rests on: {}{since}", step.expected), options, |line| paint.faint(line), out)?;
    }
    writeln!(out)
}

/// The severity of a change, and the declaration behind it.
type Author<'a> = (Option<Severity>, Option<&'a Origin>);

fn changed(text: &str, author: Author<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint: Paint = options.paint;
    paragraph(&terminal(text), options, |line| paint.strong(line), out)?;
    paragraph(&format!("  {}", origin(author)), options, |line| paint.faint(line), out)
}

/// Who wants it: `high · policies/a.yaml:3 (every account)`.
fn origin((severity, origin): Author<'_>) -> String {
    let Some(origin) = origin else { return "no declaration says; AWS has to be told something".to_owned() };
    let name = origin.declaration.as_ref().map_or_else(String::new, |name| format!(" ({})", terminal(name)));
    let severity = severity.map_or_else(String::new, |severity| format!("{severity} · "));
    format!("{severity}{}{name}", terminal(&origin.to_string()))
}

fn blocked(list: &[BlockedChange], options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    for BlockedTogether { first: item, changes } in blocked_together(list) {
        let name = named(item.account_name.as_deref());
        writeln!(out, "   {}  {}{name}", paint.bad("✗"), paint.strong(&item.target.to_string()))?;
        for change in changes {
            let text = format!("{}  {}", label(change.setting), blocked_change(change));
            changed(&text, (change.severity, change.origin.as_ref()), options, out)?;
        }
        paragraph(&format!("blocked: {}", terminal(&item.reason)), options, |line| paint.warn(line), out)?;
        paragraph(&format!("fix: {}", terminal(&item.remediation)), options, str::to_owned, out)?;
        writeln!(out)?;
    }
    Ok(())
}

fn unread(list: &[SkippedTarget], options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    for UnreadTogether { first: item, regions, resource } in unread_together(list) {
        let mark = if item.expected.is_some() { paint.faint("?") } else { paint.warn("?") };
        writeln!(out, "   {mark}  {}", paint.strong(&item.target.account.to_string()))?;
        let expected = item.expected.as_ref().map_or_else(String::new, |waiver| {
            format!(", as expected until {}: {}", waiver.expires, terminal(&waiver.reason))
        });
        let (regions, reason) = (regions.join(", "), item.reason.as_str());
        let planned = if item.partly { "planned only in part" } else { "not planned" };
        let text = format!("{regions}  {planned}: {resource}unread, {reason}{expected}");
        paragraph(&text, options, str::to_owned, out)?;
        let said: Vec<&str> = [item.code.as_deref(), item.message.as_deref()].into_iter().flatten().collect();
        paragraph(&terminal(&said.join(": ")), options, |line| paint.faint(line), out)?;
    }
    if list.is_empty() { Ok(()) } else { writeln!(out) }
}

fn named(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("  {}", terminal(name)))
}

fn paragraph(text: &str, options: TextOptions, paint: impl Fn(&str) -> String, out: &mut dyn Write) -> io::Result<()> {
    for line in wrapped(text, options.width.saturating_sub(INDENT.len())) {
        writeln!(out, "{INDENT}{}", paint(&line))?;
    }
    Ok(())
}
