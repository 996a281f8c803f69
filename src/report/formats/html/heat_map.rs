//! The heat map: accounts × Regions.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::block::{MAP, as_fit, deciding_anchor, left_out};
use super::escaped::{BY_ATTENTION, account, label, sign};
use crate::drift::Ledger;
use crate::model::{AccountId, AccountState, Region, Severity};
use crate::report::messages::pluralize;
use crate::report::model::View;
use crate::resource::Outcome;

/// With more accounts than these, the accounts that are in order share one row.
const OPEN: usize = 60;

/// More Regions than AWS has; a report that was tampered with could name any number.
const REGIONS: usize = 100;

/// The targets of an account in a Region on the map: the one that asks most for attention.
struct Cell {
    outcome: Outcome,
    severity: Option<Severity>,
    anchor: Option<String>,
}

impl Cell {
    /// The greatest first: what needs attention, then the severity.
    fn rank(&self) -> impl Ord + use<> {
        (Reverse(BY_ATTENTION.iter().position(|outcome| *outcome == self.outcome)), self.severity)
    }
}

/// An account on the map, with a cell for each Region of the report.
struct Row {
    id: AccountId,
    name: Option<String>,
    state: Option<AccountState>,
    cells: Vec<Option<Cell>>,
    /// Of all its targets, also of those in Regions that have no column.
    outcomes: Vec<Outcome>,
    ledger: Ledger,
}

impl Row {
    fn is_quiet(&self) -> bool {
        self.ledger.drifted + self.ledger.unread + self.ledger.waived == 0
    }

    /// The least first: the most severe drift, then the most of it, then what is unread, then what is waived.
    fn rank(&self) -> impl Ord + use<> {
        let severity = self.cells.iter().flatten().filter_map(|cell| cell.severity).max();
        (Reverse(severity), Reverse(self.ledger.drifted), Reverse(self.ledger.unread), Reverse(self.ledger.waived))
    }
}

pub(super) fn heat_map(view: &View<'_>, anchors: &BTreeSet<String>) -> Markup {
    let mut regions: BTreeSet<Region> = view.targets.iter().map(|target| target.region.clone()).collect();
    let more_regions = regions.iter().nth(REGIONS).cloned().map_or_else(BTreeSet::new, |next| regions.split_off(&next));
    if regions.is_empty() {
        return html! {};
    }
    let mut rows = rows(view, &regions, anchors);
    let accounts = rows.len();
    rows.sort_by_key(Row::rank);
    let quiet = if accounts > OPEN { rows.split_off(rows.partition_point(|row| !row.is_quiet())) } else { Vec::new() };
    let rendered = as_fit(&rows, MAP, render);
    html! {
        section #map aria-labelledby="map-title" {
            h2 #map-title { "Accounts and Regions" }
            (legend())
            section.scroll tabindex="0" aria-label="Map of accounts and Regions" {
                table.map {
                    caption.unseen { "The outcomes of targets: accounts in rows, the worst first, and Regions in columns" }
                    thead {
                        tr {
                            td {}
                            @for head in ["drifted", "unread"] { th.sum scope="col" { span { (head) } } }
                            @for region in &regions { th scope="col" { span { (region) } } }
                        }
                    }
                    tbody { (rendered.markup) (quiet_row(&quiet, regions.len())) }
                    @if accounts > 1 { tfoot { (sums(view, &regions)) } }
                }
            }
            (left_out(rendered.left_out, "accounts"))
            (left_out(more_regions.len(), "Regions"))
        }
    }
}

fn rows(view: &View<'_>, regions: &BTreeSet<Region>, anchors: &BTreeSet<String>) -> Vec<Row> {
    let column: BTreeMap<&Region, usize> = regions.iter().enumerate().map(|(nth, region)| (region, nth)).collect();
    let mut rows: Vec<Row> = Vec::new();
    for target in view.targets.iter() {
        if rows.last().is_none_or(|row| row.id != target.account) {
            rows.push(Row {
                id: target.account,
                name: target.account_name.as_deref().map(str::to_owned),
                state: target.account_state,
                cells: regions.iter().map(|_| None).collect(),
                outcomes: Vec::new(),
                ledger: Ledger::default(),
            });
        }
        let Some(row) = rows.last_mut() else { continue };
        row.outcomes.push(target.outcome);
        let anchor = deciding_anchor(&target, anchors);
        let cell = Cell { outcome: target.outcome, severity: target.severity(), anchor };
        if let Some(place) = column.get(&target.region).and_then(|nth| row.cells.get_mut(*nth))
            && place.as_ref().is_none_or(|known| known.rank() < cell.rank())
        {
            *place = Some(cell);
        }
    }
    for row in &mut rows {
        row.ledger = row.outcomes.iter().copied().collect();
    }
    rows
}

fn render(row: &Row) -> Markup {
    html! {
        tr {
            th scope="row" { (account(&row.id.to_string(), row.name.as_deref(), row.state)) }
            (sum(row.ledger.drifted))
            (sum(row.ledger.unread))
            @for cell in &row.cells {
                @match cell {
                    None => td {},
                    Some(Cell { outcome, severity, anchor }) => td.(outcome.as_str()).(severity.map_or("", Severity::as_str))[severity.is_some()] {
                        @match anchor {
                            // Each is also in the table of findings: the keyboard is spared some thousand stops.
                            Some(anchor) => a href={ "#" (anchor) } tabindex="-1" { (sign(*outcome)) },
                            None => (sign(*outcome)),
                        }
                    },
                }
            }
        }
    }
}

fn sum(count: usize) -> Markup {
    html! { td.sum { @if count > 0 { (count) } } }
}

/// The accounts that are in order, as one row: how many of their targets are in sync in each Region.
fn quiet_row(quiet: &[Row], regions: usize) -> Markup {
    let count = |nth: usize, outcome: Outcome| {
        let cells = quiet.iter().filter_map(|row| row.cells.get(nth)?.as_ref());
        cells.filter(|cell| cell.outcome == outcome).count()
    };
    html! {
        @if !quiet.is_empty() {
            tr.quiet {
                th scope="row" { span.name { (pluralize(quiet.len(), "account")) } " " span.id { "in sync where applicable" } }
                (sum(0))
                (sum(0))
                @for nth in 0..regions {
                    @match (count(nth, Outcome::InSync), count(nth, Outcome::NotApplicable)) {
                        (0, 0) => td {},
                        (0, _) => td.not_applicable { (sign(Outcome::NotApplicable)) },
                        (count, _) => td.in_sync { (count) },
                    }
                }
            }
        }
    }
}

/// How many targets of each Region drift or are unread.
fn sums(view: &View<'_>, regions: &BTreeSet<Region>) -> Markup {
    let mut sums: BTreeMap<&Region, usize> = regions.iter().map(|region| (region, 0)).collect();
    for target in view.targets.iter().filter(|target| matches!(target.outcome, Outcome::Drifted | Outcome::Unread)) {
        if let Some(sum) = sums.get_mut(&target.region) {
            *sum += 1;
        }
    }
    html! {
        tr {
            th scope="row" { span.name { "drifted or unread" } " " span.id { "in all accounts" } }
            (sum(view.ledger.drifted))
            (sum(view.ledger.unread))
            @for count in sums.values() { (sum(*count)) }
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend {
            @for outcome in BY_ATTENTION { li { span.cell.(outcome.as_str()) { (sign(outcome)) } " " (label(outcome)) } }
            li { span.cell.drifted.high { "D" } " drifted, high" }
            li { span.cell.drifted.critical { "D" } " drifted, critical" }
            li { span.cell { } " not declared" }
        }
    }
}
