//! The plan as a comment on a pull request. Untrusted text stands in code.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

use super::summary::{
    BlockedTogether, blocked_change, blocked_together, change, covered, headline, left_out, outside_administrator,
};
use crate::model::{AccountId, Resource, Target};
use crate::plan::{DesiredChange, Plan, PlanSource, SkippedTarget, Step, Summary};
use crate::report::FormatOptions;
use crate::report::account_labels::AccountLabels;
use crate::report::escape::code_span;
use crate::report::finding::{findings, label};
use crate::report::finding_table::{TableStyle, add_groups, add_list};
use crate::report::markdown::{
    LimitedMarkdown, More, cell, cell_at_most, selection_paragraph, table_cell, table_place,
};
use crate::report::messages::pluralize;
use crate::report::model::View;
use crate::report::pull_request::{NAMED, against, marker, review};
use crate::report::remediation::fix_for_reason;
use crate::report::target_group::{Place, group_by_key};
use crate::report::unread_group::{Cause, without_names};
use crate::resource::{Change, Risk};

/// The most characters of a fix: commands are to be copied whole.
const FIX_AT_MOST: usize = 3_000;

/// The changes that a section leaves out, and where they stand.
const SAVED_PLAN: More = ("change", "the saved plan lists each");

/// More rows of safe changes than these are folded.
const SAFE_ROWS_OPEN: usize = 8;

/// Writes the plan for a comment, always short enough for one: first what is destroyed or cancelled. What does not fit is counted.
/// Where the policies were held against those of a git revision, what the change does comes before the steps.
pub fn write_plan_markdown(
    plan: &Plan,
    view: &View<'_>,
    options: &FormatOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut cut = LimitedMarkdown::default();
    let accounts = AccountLabels::for_accounts(view, &named_accounts(plan, view));
    let style = TableStyle { named: NAMED, options, accounts: &accounts };
    let key = match (&options.plan_key, &plan.facts.basis) {
        (Some(set), _) => set.clone(),
        (None, PlanSource::Policies { paths, .. }) => paths.join(" "),
        (None, PlanSource::Journal { file }) => file.clone(),
    };
    // The marker by which the comment is found and edited in place.
    cut.must(&format!("<!-- driftline:plan v1 key={} -->\n## driftline plan: {}\n\n", marker(&key), headline(plan)));
    risks(plan, &mut cut);
    warnings(plan, &mut cut);
    cut.must(&selection_paragraph(covered(plan)));
    if let Some(base) = &view.base {
        against(view, base, &style, &mut cut);
    }
    steps(plan, &style, &mut cut);
    losses(plan, &style, &mut cut);
    if view.base.is_some() {
        review(view, &style, &mut cut);
    }
    blocked(plan, &style, &mut cut);
    not_planned(plan, &style, &mut cut);
    accounts.add_ids(&mut cut);
    cut.write(out)
}

/// The accounts that the tables name.
fn named_accounts(plan: &Plan, view: &View<'_>) -> BTreeSet<AccountId> {
    let targets = plan.steps.iter().map(|step| &step.target);
    let targets = targets.chain(plan.blocked.iter().map(|item| &item.target));
    let targets = targets.chain(plan.not_planned.iter().map(|item| &item.target));
    let mut accounts: BTreeSet<AccountId> = targets.map(|target| target.account).collect();
    if view.base.is_some() {
        accounts.extend(findings(view).map(|finding| finding.target.account));
    }
    accounts
}

/// Warnings about the policies.
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

/// The columns of the table of steps.
const HEADS: [&str; 4] = ["Risk", "Target", "Change", "Declared at"];

/// The calls, those that lose something first. Many safe ones are folded.
fn steps(plan: &Plan, style: &TableStyle<'_>, cut: &mut LimitedMarkdown) {
    if plan.steps.is_empty() {
        return;
    }
    let cells = |step: &Step| {
        let text = |wanted: &Change| {
            format!("{}: {}", cell(wanted.setting.key()), table_cell(&change(wanted, &step.expected)))
        };
        let changes: Vec<String> = step.changes.iter().map(text).collect();
        let origins = step.changes.iter().filter_map(|change| change.origin.as_ref());
        let mut places: Vec<String> = origins.map(|origin| table_place(origin, style.options)).collect();
        places.dedup();
        let by = if step.calling_account == step.target.account {
            "by the account itself".to_owned()
        } else {
            format!("by {}", code_span(&step.calling_account.to_string()))
        };
        vec![
            format!("{}{}", step.risk.as_str(), if step.one_way { ", one way" } else { "" }),
            format!("{}<br>{} {by}", changes.join("<br>"), step.operation.name()),
            places.join("<br>"),
        ]
    };
    let groups = |is_safe: bool| {
        group_by_key(
            plan.steps.iter().filter(|step| is_harmless(step) == is_safe),
            |step| (Reverse((step.risk, step.one_way)), cells(step)),
            |step| at(&step.target, step.account_name.as_deref()),
        )
    };
    let (harmful, safe) = (groups(false), groups(true));
    cut.must("### Changes\n\n");
    if safe.len() <= SAFE_ROWS_OPEN {
        let all: Vec<_> = harmful.into_iter().chain(safe).collect();
        add_groups(cut, &HEADS, &all, cells, (style, SAVED_PLAN));
        return;
    }
    if !harmful.is_empty() {
        add_groups(cut, &HEADS, &harmful, cells, (style, SAVED_PLAN));
    }
    let count = plan.steps.iter().filter(|step| is_harmless(step)).count();
    cut.folded(&pluralize(count, "safe change"), |cut| add_groups(cut, &HEADS, &safe, cells, (style, SAVED_PLAN)));
}

/// Whether a step loses nothing and can be rolled back.
fn is_harmless(step: &Step) -> bool {
    step.risk == Risk::Safe && !step.one_way
}

fn at<'a>(target: &'a Target, name: Option<&'a str>) -> Place<'a> {
    (target.account, name, target.region.as_str())
}

/// What the steps end for good.
fn losses(plan: &Plan, style: &TableStyle<'_>, cut: &mut LimitedMarkdown) {
    let losing: Vec<&Step> = plan.steps.iter().filter(|step| step.risk != Risk::Safe).collect();
    if losing.is_empty() {
        return;
    }
    let lead = |step: &Step| format!("**{}** ", step.risk.as_str());
    let lines = |step: &Step| vec![cell(&step.consequence)];
    let key = |step: &Step| (Reverse(step.risk), without_names(&step.consequence, &step.target));
    let groups = group_by_key(losing.iter().copied(), key, |step| at(&step.target, step.account_name.as_deref()));
    cut.folded(&format!("What is lost ({})", losing.len()), |cut| {
        add_list(cut, &groups, (lead, lines, |_| Vec::new()), (style, SAVED_PLAN));
    });
}

/// The drift that no step removes.
fn blocked(plan: &Plan, style: &TableStyle<'_>, cut: &mut LimitedMarkdown) {
    if plan.blocked.is_empty() {
        return;
    }
    let changes = |item: &BlockedTogether<'_>| {
        let change =
            |change: &&DesiredChange| format!("{}: {}", cell(&label(change.setting)), cell(&blocked_change(change)));
        item.changes.iter().map(change).collect::<Vec<_>>().join("<br>")
    };
    let lead = |_: &BlockedTogether<'_>| String::new();
    let lines = |item: &BlockedTogether<'_>| {
        let because = format!("because {}", cell(&item.first.reason));
        vec![changes(item), because, format!("fix: {}", cell_at_most(&item.first.remediation, FIX_AT_MOST))]
    };
    // What differs in its values stands in a row of its own.
    let key = |item: &BlockedTogether<'_>| {
        let texts = [&item.first.reason, &item.first.remediation];
        let texts = texts.map(|text| without_names(text, &item.first.target));
        (item.first.change.setting, changes(item), texts)
    };
    let blocked = blocked_together(&plan.blocked);
    let groups = group_by_key(&blocked, key, |item| at(&item.first.target, item.first.account_name.as_deref()));
    cut.folded(&format!("Blocked drift ({})", plan.blocked.len()), |cut| {
        let more = ("target", SAVED_PLAN.1);
        add_list(cut, &groups, (lead, lines, |_| Vec::new()), (style, more));
    });
}

/// The unread targets.
fn not_planned(plan: &Plan, style: &TableStyle<'_>, cut: &mut LimitedMarkdown) {
    let lead = |_: &SkippedTarget| String::new();
    let lines = |item: &SkippedTarget| {
        let said: Vec<&str> = [item.code.as_deref(), item.message.as_deref()].into_iter().flatten().collect();
        let expected = item.expected.as_ref().map_or_else(String::new, |waiver| {
            format!(", as expected until {}: {}", waiver.expires, cell(&waiver.reason))
        });
        let resource = match item.target.resource {
            Resource::MacieSession => String::new(),
            resource => format!("{}: ", resource.noun()),
        };
        let fix = format!("fix: {}", cell(&fix_for_reason(item.reason)));
        let fix = if item.expected.is_some() { String::new() } else { fix };
        vec![format!("{resource}{}{expected}", cell(item.reason.as_str())), cell(&said.join(": ")), fix]
    };
    let (partly, whole): (Vec<_>, Vec<_>) = plan.not_planned.iter().partition(|item| item.partly);
    let sections =
        [(whole, "Not planned, since nothing is known of them"), (partly, "Planned only as far as they could be read")];
    for (items, title) in sections.into_iter().filter(|(items, _)| !items.is_empty()) {
        let groups = group_by_key(
            items.iter().copied(),
            |item| (item.target.resource, Cause::for_skipped(item)),
            |item| at(&item.target, None),
        );
        cut.folded(&format!("{title} ({})", items.len()), |cut| {
            let more = ("target", SAVED_PLAN.1);
            add_list(cut, &groups, (lead, lines, |_| Vec::new()), (style, more));
        });
    }
}
