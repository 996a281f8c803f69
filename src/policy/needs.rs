//! Selectors that ask for more than the inventory knows.

use super::labels;
use super::load::PolicySet;
use super::selector::{AccountSelectors, Selection};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::model::{Inventory, InventoryFields};

/// Whether selectors mean nothing without knowledge that the inventory lacks; says which. That they select nothing would be
/// a guess.
pub(super) fn missing_inventory_fields(set: &PolicySet, inventory: &Inventory, out: &mut Diagnostics) -> bool {
    let InventoryFields { names, units, tags } = inventory.knowledge();
    let all = || set.selections().flat_map(Selection::all).map(|selectors| &selectors.accounts);
    let of_names = |accounts: &AccountSelectors| -> Vec<Span> {
        accounts.listed.iter().flat_map(|listed| listed.names.iter().map(|(_, span)| *span)).collect()
    };
    let of_units =
        |accounts: &AccountSelectors| -> Vec<Span> { accounts.units.iter().flatten().map(|unit| unit.span).collect() };
    let of_tags =
        |accounts: &AccountSelectors| -> Vec<Span> { accounts.tags.iter().flatten().map(|tag| tag.span).collect() };
    let lacking: [(bool, &str, Vec<Span>); 3] = [
        (names, "names", all().flat_map(of_names).collect()),
        (units, "organizational units", all().flat_map(of_units).collect()),
        (tags, "tags", all().flat_map(of_tags).collect()),
    ];
    let mut are_unmet = false;
    for (_, what, spans) in lacking.into_iter().filter(|(known, _, spans)| !known && !spans.is_empty()) {
        out.push(lacks(what, &spans));
        are_unmet = true;
    }
    are_unmet
}

fn lacks(what: &str, spans: &[Span]) -> Diagnostic {
    let count =
        if spans.len() == 1 { "a selector needs".to_owned() } else { format!("{} selectors need", spans.len()) };
    let shown = labels::shown(spans.len());
    let message = format!("{count} the {what} of accounts, which the inventory of this run does not include{shown}");
    let diagnostic = Diagnostic::error(Code::SelectorNeedsInventory, message);
    let diagnostic = labels::label(diagnostic, spans, &format!("needs {what}"));
    let tags = if what == "tags" { " --tags" } else { "" };
    diagnostic.help(format!(
        "set `[inventory] accounts` in driftline.toml to \"organization\"; or run `driftline inventory --out \
         accounts.json{tags}` once and name that file there or with --inventory"
    ))
}
