//! The plan as a comment on a pull request. Untrusted text stands in code.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::summary::{
    BlockedTogether, blocked_change, blocked_together, change, covered, headline, left_out, outside_administrator,
};
use crate::model::{Resource, Target};
use crate::plan::{DesiredChange, Plan, PlanSource, SkippedTarget, Step, Summary};
use crate::report::FormatOptions;
use crate::report::escape::code_span;
use crate::report::finding::label;
use crate::report::finding_table::add_groups;
use crate::report::finding_table::{Place, group_by_key};
use crate::report::markdown::{LimitedMarkdown, More, cell, cell_at_most, selection_paragraph};
use crate::report::model::View;
use crate::report::pull_request::{NAMED, review};
use crate::report::unread_group::{Cause, without_names};
use crate::resource::Risk;

/// The most characters of a fix: commands are to be copied whole.
const FIX_AT_MOST: usize = 3_000;

/// The changes that a section leaves out, and where they stand.
const SAVED_PLAN: More = ("change", "the saved plan lists each");

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
    cut.must(&selection_paragraph(covered(plan)));
    warnings(plan, &mut cut);
    risks(plan, &mut cut);
    if let Some(base) = &view.base {
        review(view, base, (NAMED, options), &mut cut);
    }
    steps(plan, &mut cut);
    losses(plan, &mut cut);
    blocked(plan, &mut cut);
    not_planned(plan, &mut cut);
    cut.write(out)
}

/// Warnings about the policies, before all else.
fn warnings(plan: &Plan, cut: &mut LimitedMarkdown) {
    const SHOWN: usize = 10;
    if let Some(text) = left_out(plan) {
        cut.must(&format!("> [!WARNING]\n> {}\n\n", code_span(&text)));
    }
    if let Some((text, fix)) = outside_administrator(plan) {
        cut.must(&format!("> [!WARNING]\n> {text}; fix: {fix}\n\n"));
    }
    let unmatched = &plan.facts.unmatched;
    if unmatched.is_empty() {
        return;
    }
    cut.must(
        "> [!WARNING]\n> Waivers or selectors match nothing, so targets may change that were meant to be exempt:\n",
    );
    for item in unmatched.iter().take(SHOWN) {
        cut.must(&format!("> - {} {}\n", cell(&item.origin.to_string()), cell(&item.message)));
    }
    if unmatched.len() > SHOWN {
        cut.must(&format!("> - and {} more\n", unmatched.len() - SHOWN));
    }
    cut.must("\n");
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
    let Summary { steps, one_way, .. } = plan.summary();
    if one_way > 0 {
        cut.must(&format!("> [!WARNING]\n> {one_way} of {steps} cannot be rolled back (one way).\n\n"));
    }
}

/// The calls, those that lose something first.
fn steps(plan: &Plan, cut: &mut LimitedMarkdown) {
    if plan.steps.is_empty() {
        return;
    }
    let cells = |step: &Step| {
        let changes = step
            .changes
            .iter()
            .map(|wanted| format!("{} {}", cell(wanted.setting.key()), cell(&change(wanted, &step.expected))));
        let changes: Vec<String> = changes.collect();
        let mut places: Vec<String> =
            step.changes.iter().filter_map(|change| Some(cell(&change.origin.as_ref()?.to_string()))).collect();
        places.dedup();
        let by = if step.calling_account == step.target.account {
            "by the account itself".to_owned()
        } else {
            format!("by {}", code_span(&step.calling_account.to_string()))
        };
        vec![
            format!("{} {by}", step.operation.name()),
            changes.join("<br>"),
            format!("{}{}", step.risk.as_str(), if step.one_way { ", one way" } else { "" }),
            places.join("<br>"),
        ]
    };
    cut.must("### Changes\n\n");
    let groups = group_by_key(
        &plan.steps,
        |step| (Reverse((step.risk, step.one_way)), cells(step)),
        |step| place(&step.target, step.account_name.as_deref()),
    );
    add_groups(cut, &["Call", "Change", "Risk", "Declared"], &groups, cells, (NAMED, SAVED_PLAN));
}

fn place<'a>(target: &'a Target, name: Option<&'a str>) -> Place<'a> {
    (target.account, name, target.region.as_str())
}

/// What the steps end for good.
fn losses(plan: &Plan, cut: &mut LimitedMarkdown) {
    let losing: Vec<&Step> = plan.steps.iter().filter(|step| step.risk != Risk::Safe).collect();
    if losing.is_empty() {
        return;
    }
    let cells = |step: &Step| vec![step.risk.as_str().to_owned(), cell(&step.consequence)];
    let key = |step: &Step| (Reverse(step.risk), without_names(&step.consequence, &step.target));
    let groups = group_by_key(losing.iter().copied(), key, |step| place(&step.target, step.account_name.as_deref()));
    cut.folded(&format!("What is lost ({})", losing.len()), |cut| {
        add_groups(cut, &["Risk", "Consequence"], &groups, cells, (NAMED, SAVED_PLAN));
    });
}

/// The drift that no step removes.
fn blocked(plan: &Plan, cut: &mut LimitedMarkdown) {
    if plan.blocked.is_empty() {
        return;
    }
    let changes = |item: &BlockedTogether<'_>| {
        let change =
            |change: &&DesiredChange| format!("{} {}", cell(&label(change.setting)), cell(&blocked_change(change)));
        item.changes.iter().map(change).collect::<Vec<_>>().join("<br>")
    };
    let cells = |item: &BlockedTogether<'_>| {
        vec![changes(item), cell(&item.first.reason), cell_at_most(&item.first.remediation, FIX_AT_MOST)]
    };
    // What differs in its values stands in a row of its own.
    let key = |item: &BlockedTogether<'_>| {
        let texts = [&item.first.reason, &item.first.remediation];
        let texts = texts.map(|text| without_names(text, &item.first.target));
        (item.first.change.setting, changes(item), texts)
    };
    let blocked = blocked_together(&plan.blocked);
    let groups = group_by_key(&blocked, key, |item| place(&item.first.target, item.first.account_name.as_deref()));
    cut.folded(&format!("Blocked drift ({})", plan.blocked.len()), |cut| {
        let more = ("target", SAVED_PLAN.1);
        add_groups(cut, &["Change", "Blocked, because", "Fix"], &groups, cells, (NAMED, more));
    });
}

/// The unread targets.
fn not_planned(plan: &Plan, cut: &mut LimitedMarkdown) {
    let cells = |item: &SkippedTarget| {
        let said: Vec<&str> = [item.code.as_deref(), item.message.as_deref()].into_iter().flatten().collect();
        let expected = item.expected.as_ref().map_or_else(String::new, |waiver| {
            format!(", as expected until {}: {}", waiver.expires, cell(&waiver.reason))
        });
        let resource = match item.target.resource {
            Resource::MacieSession => String::new(),
            resource => format!("{}: ", resource.noun()),
        };
        vec![format!("{resource}{}{expected}", cell(item.reason.as_str())), cell(&said.join(": "))]
    };
    let (partly, whole): (Vec<_>, Vec<_>) = plan.not_planned.iter().partition(|item| item.partly);
    let sections =
        [(whole, "Not planned, since nothing is known of them"), (partly, "Planned only as far as they could be read")];
    for (items, title) in sections.into_iter().filter(|(items, _)| !items.is_empty()) {
        let groups = group_by_key(
            items.iter().copied(),
            |item| (item.target.resource, Cause::for_skipped(item)),
            |item| place(&item.target, None),
        );
        cut.folded(&format!("{title} ({})", items.len()), |cut| {
            let more = ("target", SAVED_PLAN.1);
            add_groups(cut, &["Unread", "Message"], &groups, cells, (NAMED, more));
        });
    }
}
