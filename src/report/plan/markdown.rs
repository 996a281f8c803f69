//! The plan as a comment on a pull request. Untrusted text stands in code.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::summary::{change, headline, unread_together};
use crate::model::AccountId;
use crate::plan::{BlockedChange, Plan, PlanSource, SkippedTarget, Step};
use crate::report::FormatOptions;
use crate::report::escape::{code_span, fence, fenced};
use crate::report::markdown::LimitedMarkdown;
use crate::report::model::View;
use crate::report::pull_request::review;
use crate::resource::{Change, Risk};

/// Writes the plan for a comment, always short enough for one. What does not fit is counted. Where the policies were held against
/// those of a git revision, what the change does comes first.
pub fn write_plan_markdown(
    plan: &Plan,
    view: &View<'_>,
    options: &FormatOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut cut = LimitedMarkdown::default();
    let key = match &plan.facts.basis {
        PlanSource::Policies { paths, .. } => paths.join(" "),
        PlanSource::Journal { file } => file.clone(),
    };
    // The marker by which the comment is found and edited in place; nothing in it can end the HTML comment.
    let key: String = key
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "/._ ".contains(letter) { letter } else { '_' })
        .collect();
    cut.must(&format!("<!-- driftline:plan v1 key={key} -->\n## driftline plan: {}\n\n", headline(plan)));
    if let Some(base) = &view.base {
        review(view, base, options, &mut cut);
    }
    risks(plan, &mut cut);
    steps(plan, &mut cut);
    list(&mut cut, "Drift that no call can remove", plan.blocked.iter().map(blocked).collect());
    list(
        &mut cut,
        "Not planned, since nothing is known of them",
        unread_together(&plan.not_planned).map(unread).collect(),
    );
    cut.write(out)
}

fn risks(plan: &Plan, cut: &mut LimitedMarkdown) {
    for (risk, [one, several], rest) in [
        (Risk::Destructive, ["**destroys** what", "**destroy** what"], "Macie holds (disable)"),
        (Risk::Disruptive, ["**cancels classification jobs**", "**cancel classification jobs**"], "for good (pause)"),
    ] {
        let count = plan.with_risk(risk).count();
        if count > 0 {
            let verb = if count == 1 { one } else { several };
            cut.must(&format!("> [!CAUTION]\n> {count} of these changes {verb} {rest}.\n\n"));
        }
    }
}

fn steps(plan: &Plan, cut: &mut LimitedMarkdown) {
    if plan.steps.is_empty() {
        return;
    }
    let pieces: Vec<String> = plan.steps.iter().map(lines).collect();
    let mark = fence(pieces.iter().map(String::as_str));
    cut.must(&format!("{mark}diff\n"));
    let left_out = cut.as_fit(pieces);
    cut.must(&format!("{mark}\n\n"));
    if left_out > 0 {
        cut.must(&format!("and {left_out} more changes, which stand in the saved plan.\n\n"));
    }
    if !plan.with_risk(Risk::Disruptive).chain(plan.with_risk(Risk::Destructive)).any(|_| true) {
        return;
    }
    let rows = plan.steps.iter().filter(|step| step.risk != Risk::Safe);
    let rows = rows.map(|step| format!("- {} {}\n", step.number, code_span(&step.consequence))).collect();
    list(cut, "What is lost", rows);
}

/// A step as a piece of a diff.
fn lines(step: &Step) -> String {
    let name = step.account_name.as_deref().map_or_else(String::new, |name| format!("  {}", fenced(name)));
    let mut text = format!(
        "# {} {}{name}: {} by {}, {}\n",
        step.number,
        step.target,
        step.operation.name(),
        step.calling_account,
        step.risk.as_str(),
    );
    for Change { setting, before, after, origin, .. } in &step.changes {
        if let Some(before) = before {
            let _ = writeln!(text, "- {setting}: {before}");
        }
        let place = origin.as_ref().map_or_else(String::new, |origin| format!("   {}", fenced(&origin.to_string())));
        let _ = writeln!(text, "+ {setting}: {after}{place}");
    }
    text
}

fn blocked(item: &BlockedChange) -> String {
    let change = format!("{} {}", item.change.setting, change(&item.change, None));
    format!(
        "- {} {}: {}; fix: {}\n",
        code_span(&item.target.to_string()),
        code_span(&change),
        code_span(&item.reason),
        code_span(&item.remediation)
    )
}

fn unread((account, regions, item): (AccountId, Vec<&str>, &SkippedTarget)) -> String {
    let said: Vec<&str> = [item.code.as_deref(), item.message.as_deref()].into_iter().flatten().collect();
    let said = if said.is_empty() { String::new() } else { format!(": {}", code_span(&said.join(": "))) };
    let target = code_span(&format!("{account} {}", regions.join(", ")));
    format!("- {target} {}{said}\n", code_span(item.reason.as_str()))
}

/// A folded list, of as many items as fit.
fn list(cut: &mut LimitedMarkdown, title: &str, items: Vec<String>) {
    if items.is_empty() {
        return;
    }
    cut.must(&format!("<details>\n<summary>{title} ({})</summary>\n\n", items.len()));
    let left_out = cut.as_fit(items);
    if left_out > 0 {
        cut.must(&format!("- and {left_out} more\n"));
    }
    cut.must("\n</details>\n\n");
}
