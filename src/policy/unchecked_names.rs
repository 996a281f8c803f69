//! Names in selectors that cannot be compared with the accounts, which are unknown.

use std::collections::BTreeMap;
use std::fmt;

use super::load::PolicySet;
use super::selector::{NameKind, Selection};
use super::unmatched::{label_first, label_limit_note};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};

/// The distinct names in selectors, by kind, each with its first place.
fn names(set: &PolicySet) -> BTreeMap<NameKind, BTreeMap<String, Span>> {
    let mut names: BTreeMap<NameKind, BTreeMap<String, Span>> = BTreeMap::new();
    for selectors in set.selections().flat_map(Selection::all) {
        for (kind, name, span) in selectors.accounts.names() {
            names.entry(kind).or_default().entry(name).or_insert(span);
        }
    }
    names
}

/// Names in selectors that were not compared with the accounts, counted. Nothing if there are none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UncheckedNames {
    counts: BTreeMap<NameKind, usize>,
}

impl UncheckedNames {
    /// The number of names of a kind.
    pub fn count(&self, kind: NameKind) -> usize {
        self.counts.get(&kind).copied().unwrap_or_default()
    }
}

impl fmt::Display for UncheckedNames {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: usize = self.counts.values().sum();
        let parts: Vec<String> = self
            .counts
            .iter()
            .map(|(kind, count)| {
                let noun = match kind {
                    NameKind::Account => "account name",
                    NameKind::Unit => "organizational unit",
                    NameKind::Tag => "tag",
                };
                format!("{count} {noun}{}", if *count == 1 { "" } else { "s" })
            })
            .collect();
        let were = if total == 1 { "name was" } else { "names were" };
        write!(out, "{total} {were} not checked ({})", parts.join(", "))
    }
}

/// Warns of names in selectors that cannot be checked because the accounts are unknown.
pub fn report_unchecked_names(set: &PolicySet, out: &mut Diagnostics) -> Option<UncheckedNames> {
    let names = names(set);
    if names.is_empty() {
        return None;
    }
    let spans: Vec<Span> = names.values().flat_map(BTreeMap::values).copied().collect();
    let unchecked = UncheckedNames { counts: names.iter().map(|(kind, names)| (*kind, names.len())).collect() };
    let what = format!("{unchecked}: the accounts of the organization are unknown{}", label_limit_note(spans.len()));
    let tags = if names.contains_key(&NameKind::Tag) { " --tags" } else { "" };
    out.push(label_first(Diagnostic::warning(Code::NamesNotChecked, what), &spans, "not checked").help(format!(
        "save them with `driftline inventory --out accounts.json{tags}`, and set offline = \"accounts.json\" under \
         `[inventory]` in driftline.toml, or use --inventory accounts.json"
    )));
    Some(unchecked)
}
