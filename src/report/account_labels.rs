//! Accounts as tables in Markdown write them: a name with a short id, which fits a narrow column.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::escape::shortened;
use super::finding::places;
use super::markdown::{FULL_REPORT, LimitedMarkdown, Row, cell, table_cell};
use super::model::{Target, View};
use crate::model::AccountId;

/// The most characters of a name; AWS allows 50.
///
/// Source: AWS Account Management API Reference, `AccountName`.
const NAME_AT_MOST: usize = 60;

/// The names of accounts. The id of an account without a name, or of two that would look the same, stands in full.
#[derive(Debug, Default)]
pub(super) struct AccountLabels {
    names: BTreeMap<AccountId, String>,
    /// The accounts whose short form another account has, too.
    ambiguous: BTreeSet<AccountId>,
}

impl AccountLabels {
    /// The labels for the accounts of a report that have findings.
    pub(super) fn for_findings(view: &View<'_>) -> Self {
        Self::for_targets(view, |target| places(target).next().is_some())
    }

    /// The labels for some accounts of a report.
    pub(super) fn for_accounts(view: &View<'_>, accounts: &BTreeSet<AccountId>) -> Self {
        Self::for_targets(view, |target| accounts.contains(&target.account))
    }

    fn for_targets(view: &View<'_>, is_meant: impl Fn(&Target<'_>) -> bool) -> Self {
        let mut names = BTreeMap::new();
        for target in view.targets.iter().filter(|target| is_meant(target)) {
            add(&mut names, target.account, target.account_name.as_deref());
        }
        Self::new(names)
    }

    /// The labels for accounts with these names.
    pub(super) fn new(names: BTreeMap<AccountId, String>) -> Self {
        let mut forms: BTreeMap<(Cow<'_, str>, String), Vec<AccountId>> = BTreeMap::new();
        for (account, name) in &names {
            forms.entry((shown(name), short(*account))).or_default().push(*account);
        }
        let ambiguous = forms.into_values().filter(|same| same.len() > 1).flatten().collect();
        Self { names, ambiguous }
    }

    /// `payments-prod` `1111…3333`, each in code.
    pub(super) fn label(&self, account: AccountId) -> String {
        match self.names.get(&account) {
            Some(name) if self.is_short(account) => format!("{} `{}`", table_cell(&shown(name)), short(account)),
            Some(name) => format!("{} `{account}`", table_cell(&shown(name))),
            None => format!("`{account}`"),
        }
    }

    fn is_short(&self, account: AccountId) -> bool {
        self.names.contains_key(&account) && !self.ambiguous.contains(&account)
    }

    /// Adds the full ids of the accounts whose short ones stand in the tables, folded; nothing if there are none.
    pub(super) fn add_ids(&self, document: &mut LimitedMarkdown) {
        let row = |(account, name): (&AccountId, &String)| (format!("- `{account}` {}\n", cell(name)), 1);
        let rows: Vec<Row> = self.names.iter().filter(|(account, _)| self.is_short(**account)).map(row).collect();
        if !rows.is_empty() {
            document.folded(&format!("Account ids ({})", rows.len()), |document| {
                document.rows(rows, "account", FULL_REPORT);
                document.must("\n");
            });
        }
    }
}

fn add(names: &mut BTreeMap<AccountId, String>, account: AccountId, name: Option<&str>) {
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        names.entry(account).or_insert_with(|| name.to_owned());
    }
}

/// A name as tables show it.
fn shown(name: &str) -> Cow<'_, str> {
    shortened(name, NAME_AT_MOST)
}

/// `1111…3333`.
fn short(account: AccountId) -> String {
    let id = account.to_string();
    match (id.get(..4), id.get(8..)) {
        (Some(first), Some(last)) => format!("{first}…{last}"),
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_id_never_stands_for_two_accounts() {
        let id = |text: &str| text.parse::<AccountId>().expect("an id");
        let names =
            [("111122223333", "shop"), ("111144443333", "shop"), ("111155553333", "data"), ("222233334444", "shop")];
        let labels = AccountLabels::new(names.map(|(account, name)| (id(account), name.to_owned())).into());
        assert_eq!(labels.label(id("111122223333")), "`shop` `111122223333`");
        assert_eq!(labels.label(id("111155553333")), "`data` `1111…3333`");
        assert_eq!(labels.label(id("222233334444")), "`shop` `2222…4444`");
        assert_eq!(labels.label(id("333344445555")), "`333344445555`", "no name");
        let mut document = LimitedMarkdown::default();
        labels.add_ids(&mut document);
        let text = document.text();
        assert!(text.contains("- `111155553333` `data`\n- `222233334444` `shop`\n") && text.contains("(2)"), "{text}");
    }
}
