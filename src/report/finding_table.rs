//! Groups of targets that share everything but account and Region (`9 targets: 3 accounts × 3 Regions`), and tables of findings in
//! Markdown with a row for each group. Untrusted text stands in code.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::FormatOptions;
use super::escape::code_span;
use super::finding::Finding;
use super::fold::folded_list;
use super::markdown::{FULL_REPORT, LimitedMarkdown, More, cell};
use super::messages::{listed, pluralize};
use super::model::WaiverFacts;
use super::unread_group::{Cause, describe};
use crate::model::{AccountId, Origin, Resource, Severity};
use crate::resource::LastChange;

/// A column: its head, and its cell for a finding.
pub(super) type Column = (&'static str, fn(&Finding<'_>, &FormatOptions) -> String);

const SETTING: Column = ("Setting", |finding, _| cell(&finding.subject_cell()));
const WANT: Column = ("Want", |finding, _| cell(&finding.wanted()));
const IS: Column = ("Is", |finding, _| match finding.unread() {
    Some(unread) => cell(&format!("unread: {}", unread.reason.as_str())),
    None => finding.shown_live().marked(cell),
});
const SEVERITY: Column = ("Severity", |finding, _| finding.severity().to_string());
const DECLARED: Column =
    ("Declared", |finding, options| finding.origin().map_or_else(String::new, |at| place(at, options)));
const UNTIL: Column =
    ("Until", |finding, _| waiver(finding).map_or_else(String::new, |waiver| waiver.expires.to_string()));
const OWNER: Column =
    ("Owner", |finding, _| cell(waiver(finding).and_then(|waiver| waiver.owner.as_deref()).unwrap_or("")));
const REASON: Column = ("Reason", |finding, _| cell(waiver(finding).map_or("", |waiver| &waiver.reason)));
const UNREAD_REASON: Column =
    ("Unread", |finding, _| cell(finding.unread().map_or("", |unread| unread.reason.as_str())));
const WAIVED_AT: Column =
    ("Waived at", |finding, options| waiver(finding).map_or_else(String::new, |waiver| place(&waiver.origin, options)));

/// The columns for drift.
pub(super) const DRIFT: &[Column] = &[SETTING, WANT, IS, SEVERITY, DECLARED];

/// The columns for waived drift.
pub(super) const WAIVED: &[Column] = &[SETTING, WANT, IS, UNTIL, OWNER, REASON, WAIVED_AT];

/// The columns for what is unread.
pub(super) const UNREAD: &[Column] = &[
    SETTING,
    UNREAD_REASON,
    ("Message", |finding, _| cell(&finding.unread().map(describe).unwrap_or_default())),
    ("Fix", |finding, _| cell(&finding.remediation().unwrap_or_default())),
];

/// The columns for what is unread as expected.
pub(super) const EXPECTED: &[Column] = &[
    SETTING,
    UNREAD_REASON,
    ("Until", |finding, _| finding.expected().map_or_else(String::new, |it| it.expires.to_string())),
    ("Owner", |finding, _| cell(finding.expected().and_then(|it| it.owner.as_deref()).unwrap_or(""))),
    ("Reason", |finding, _| cell(finding.expected().map_or("", |it| &it.reason))),
    ("Expected at", |finding, options| finding.expected().map_or_else(String::new, |it| place(&it.origin, options))),
];

fn waiver<'f>(finding: &'f Finding<'_>) -> Option<&'f WaiverFacts<'f>> {
    finding.row()?.waiver.as_ref()
}

fn place(origin: &Origin, options: &FormatOptions) -> String {
    let name = origin.declaration.as_deref().map_or_else(String::new, |name| format!(" {}", cell(name)));
    format!("{}{name}", code_span(&format!("{}:{}", options.path(&origin.file), origin.line)))
}

/// Facts that targets in one row share. For unread targets the cause counts, since its texts name the target.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Shared<'f> {
    severity: Reverse<Severity>,
    resource: Resource,
    cause: Option<Cause<'f>>,
    cells: Vec<String>,
}

impl<'f> Shared<'f> {
    fn new(finding: &'f Finding<'_>, columns: &[Column], options: &FormatOptions) -> Self {
        let cause = finding.cause();
        let cells = match cause {
            Some(_) => {
                let state = finding.target.account_state.map_or_else(String::new, |state| state.to_string());
                vec![SETTING.1(finding, options), state]
            }
            None => columns.iter().map(|(_, cell)| cell(finding, options)).collect(),
        };
        let resource = finding.target.resource;
        Self { severity: Reverse(finding.severity()), resource, cause, cells }
    }
}

/// Adds a table of findings, the most severe first. Of accounts and Regions that share a row so many are named.
pub(super) fn add_table(
    document: &mut LimitedMarkdown,
    findings: &[Finding<'_>],
    columns: &[Column],
    (named, options): (usize, &FormatOptions),
) {
    let findings = folded_list(findings);
    let groups = group_by_key(
        findings.iter(),
        |finding| Shared::new(finding, columns, options),
        |finding| (finding.target.account, finding.target.account_name.as_deref(), finding.target.region.as_str()),
    );
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).chain(["Changed"]).collect();
    let cells = |finding: &Finding<'_>| columns.iter().map(|(_, cell)| cell(finding, options)).collect();
    let of_group = |group: &TargetGroup<'_, Finding<'_>>| vec![changed(group)];
    // Of what is not unread, the cells are the key.
    let may_differ = |finding: &Finding<'_>| finding.cause().is_some();
    add_rows(document, &heads, &groups, (cells, of_group, may_differ), (named, ("target", FULL_REPORT)));
}

/// When the live values of a group were changed: the first and the last time.
fn changed(group: &TargetGroup<'_, Finding<'_>>) -> String {
    let changes: Vec<LastChange> = group.items.iter().filter_map(|finding| finding.last_change()).collect();
    LastChange::span(&changes).unwrap_or_default()
}

/// Adds a table with a row for each group, without columns that are empty. Where texts name their target, those of the first one
/// stand for all.
pub(super) fn add_groups<T>(
    document: &mut LimitedMarkdown,
    heads: &[&str],
    groups: &[TargetGroup<'_, T>],
    cells: impl Fn(&T) -> Vec<String>,
    more: (usize, More),
) {
    add_rows(document, heads, groups, (cells, |_: &TargetGroup<'_, T>| Vec::new(), |_: &T| true), more);
}

/// The same, with cells of the target, then cells of the group. Whether the cells of targets in a group may differ is asked of the
/// first one.
fn add_rows<T>(
    document: &mut LimitedMarkdown,
    heads: &[&str],
    groups: &[TargetGroup<'_, T>],
    (cells, of_group, may_differ): (
        impl Fn(&T) -> Vec<String>,
        impl Fn(&TargetGroup<'_, T>) -> Vec<String>,
        impl Fn(&T) -> bool,
    ),
    (named, more): (usize, More),
) {
    let mut rows: Vec<(Vec<String>, usize)> = Vec::new();
    for group in groups {
        let Some((one, others)) = group.items.split_first() else { continue };
        let first = cells(one);
        let differs = may_differ(one) && others.iter().any(|item| cells(item) != first);
        let note = if differs { "<br>texts of the first target" } else { "" };
        let targets = format!("{}{note}", group.describe(cell, named, "<br>"));
        rows.push(([targets].into_iter().chain(first).chain(of_group(group)).collect(), group.len()));
    }
    let heads: Vec<&str> = ["Targets"].into_iter().chain(heads.iter().copied()).collect();
    let is_used = |column: usize| rows.iter().any(|(cells, _)| cells.get(column).is_some_and(|cell| !cell.is_empty()));
    let used: Vec<bool> = (0..heads.len()).map(is_used).collect();
    let heads: Vec<&str> = heads.into_iter().zip(&used).filter(|(_, used)| **used).map(|(head, _)| head).collect();
    for (cells, _) in &mut rows {
        let mut used = used.iter();
        cells.retain(|_| used.next().copied().unwrap_or_default());
    }
    document.table(&heads, rows, more);
}

/// The account, its name if it is known, and the Region of a target.
pub(crate) type Place<'a> = (AccountId, Option<&'a str>, &'a str);

/// Accounts with the same Regions.
#[derive(Debug, Clone)]
pub(crate) struct TargetGroup<'a, T> {
    /// The accounts, sorted, each with its name if that is known.
    pub(crate) accounts: Vec<(AccountId, Option<&'a str>)>,
    /// The Regions, sorted.
    pub(crate) regions: Vec<&'a str>,
    /// Findings of each target: at least one.
    pub(crate) items: Vec<&'a T>,
}

/// Groups items that share a key, by key, then by accounts with the same Regions, the largest first.
pub(crate) fn group_by_key<'a, T, K: Ord>(
    items: impl IntoIterator<Item = &'a T>,
    key: impl Fn(&'a T) -> K,
    place: impl Fn(&'a T) -> Place<'a>,
) -> Vec<TargetGroup<'a, T>> {
    let mut keys: BTreeMap<K, Vec<&T>> = BTreeMap::new();
    for item in items {
        keys.entry(key(item)).or_default().push(item);
    }
    keys.into_values().flat_map(|items| group_targets(items, &place)).collect()
}

/// Groups items, one about each target, by accounts with the same Regions, the largest first.
pub(crate) fn group_targets<'a, T>(
    items: impl IntoIterator<Item = &'a T>,
    place: impl Fn(&'a T) -> Place<'a>,
) -> Vec<TargetGroup<'a, T>> {
    type Account<'a, T> = (Option<&'a str>, BTreeMap<&'a str, &'a T>);
    let mut accounts: BTreeMap<AccountId, Account<'_, T>> = BTreeMap::new();
    for item in items {
        let (account, name, region) = place(item);
        accounts.entry(account).or_insert((name, BTreeMap::new())).1.insert(region, item);
    }
    let mut groups: BTreeMap<Vec<&str>, TargetGroup<'_, T>> = BTreeMap::new();
    for (account, (name, targets)) in accounts {
        let regions: Vec<&str> = targets.keys().copied().collect();
        let group =
            groups.entry(regions.clone()).or_insert(TargetGroup { accounts: Vec::new(), regions, items: Vec::new() });
        group.accounts.push((account, name));
        group.items.extend(targets.into_values());
    }
    let mut groups: Vec<TargetGroup<'_, T>> = groups.into_values().collect();
    groups.sort_by(|one, two| two.len().cmp(&one.len()).then_with(|| one.accounts.cmp(&two.accounts)));
    groups
}

impl<'a, T> TargetGroup<'a, T> {
    /// The number of targets.
    pub(crate) fn len(&self) -> usize {
        self.accounts.len() * self.regions.len()
    }

    /// The first item, which stands for all.
    pub(crate) fn first(&self) -> Option<&'a T> {
        self.items.first().copied()
    }

    /// The accounts and Regions in one text, of each at most `named`. Of several targets their number comes first, in a line of
    /// its own if `between` is a line break.
    pub(crate) fn describe(&self, quoted: fn(&str) -> String, named: usize, between: &str) -> String {
        let account = |(id, name): &(AccountId, Option<&str>)| {
            let name = name.map_or_else(String::new, |name| format!(" {}", quoted(name)));
            format!("{}{name}", quoted(&id.to_string()))
        };
        let accounts = listed(&self.accounts.iter().map(account).collect::<Vec<_>>(), named);
        let regions = listed(&self.regions.iter().map(|region| quoted(region)).collect::<Vec<_>>(), named);
        if self.len() == 1 {
            return format!("{accounts} {regions}");
        }
        let (whole, of) = (pluralize(self.len(), "target"), pluralize(self.accounts.len(), "account"));
        format!("{whole}: {of} × {}{between}{accounts} in {regions}", pluralize(self.regions.len(), "Region"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_with_the_same_regions_are_one_group_and_no_target_is_lost() {
        let id = |text: &str| text.parse::<AccountId>().expect("an id");
        let (one, two, three) = (id("111122223333"), id("222233334444"), id("333344445555"));
        let items = [(one, "a"), (one, "b"), (two, "b"), (two, "a"), (three, "a")];
        let groups = group_targets(&items, |(account, region)| (*account, (*account == one).then_some("x"), region));
        let texts: Vec<String> = groups.iter().map(|group| group.describe(str::to_owned, 1, "; ")).collect();
        assert_eq!(
            texts,
            ["4 targets: 2 accounts × 2 Regions; 111122223333 x, 222233334444 in a, b", "333344445555 a"]
        );
        assert_eq!(groups.iter().map(TargetGroup::len).sum::<usize>(), items.len());
        let keys = group_by_key(&items, |(_, region)| *region, |(account, region)| (*account, None, region));
        let texts: Vec<String> = keys.iter().map(|group| group.describe(str::to_owned, 1, "; ")).collect();
        let many = "3 targets: 3 accounts × 1 Region; 111122223333, … and 2 more in a";
        assert_eq!(texts, [many, "2 targets: 2 accounts × 1 Region; 111122223333, 222233334444 in b"]);
    }
}
