//! The organization of the world: its ids, its units and its accounts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::account_id::AccountId;
use crate::world::account::Account;

/// The maximum page size, which is also the default.
///
/// Source: AWS Organizations API Reference, ListAccounts, `MaxResults`.
pub(crate) const MAX_PAGE_SIZE: usize = 20;

pub(crate) const DEFAULT_ID: &str = "o-exampleorgid";

pub(crate) const DEFAULT_ROOT: &str = "r-exam";

/// An organization.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) management: AccountId,
    pub(crate) delegated_administrators: BTreeSet<AccountId>,
    /// The delegated administrator of Macie, if the file names it.
    pub(crate) macie_administrator: Option<AccountId>,
    pub(crate) trusted_access: BTreeSet<TrustedService>,
    /// The maximum page size.
    pub(crate) page_size: usize,
    /// Whether an empty page precedes each page.
    pub(crate) empty_pages: bool,
    /// Whether accounts and units have a path in answers.
    pub(crate) paths: bool,
    pub(crate) status_field: StatusField,
    /// Whether callers are throttled at the rates of AWS.
    pub(crate) limits: bool,
    pub(crate) units: Units,
}

/// The fields for the state of an account: `State`, the retired `Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusField {
    #[default]
    State,
    Status,
    Both,
    Neither,
}

/// A service that the organization trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) enum TrustedService {
    /// AWS Account Management: account:ListRegions then takes the `AccountId` of a member.
    #[serde(rename = "account.amazonaws.com")]
    AccountManagement,
}

impl Organization {
    /// An organization with defaults. A unit follows the unit that contains it.
    pub(crate) fn generated(management: AccountId, macie_administrator: Option<AccountId>, units: &[&str]) -> Self {
        let mut tree = Units::new(DEFAULT_ROOT);
        for path in units {
            let (outer, name) = path.rsplit_once('/').unwrap_or(("", path));
            let parent = tree.find(outer).map_or_else(|| DEFAULT_ROOT.to_owned(), |unit| unit.id.clone());
            tree.add(&parent, path, name, &tree.derived_id(path));
        }
        Self {
            id: DEFAULT_ID.to_owned(),
            management,
            delegated_administrators: macie_administrator.into_iter().collect(),
            macie_administrator,
            trusted_access: BTreeSet::from([TrustedService::AccountManagement]),
            page_size: MAX_PAGE_SIZE,
            empty_pages: false,
            paths: true,
            status_field: StatusField::default(),
            limits: false,
            units: tree,
        }
    }

    pub(crate) fn trusts(&self, service: TrustedService) -> bool {
        self.trusted_access.contains(&service)
    }

    /// Whether an account may describe the others.
    pub(crate) fn is_administered_by(&self, account: AccountId) -> bool {
        account == self.management || self.delegated_administrators.contains(&account)
    }
}

/// An organizational unit.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The id of the root or unit that it is in.
    pub(crate) parent: String,
    /// The ids from the root's to its own, joined by slashes.
    lineage: String,
}

/// The root with all units below it.
#[derive(Debug)]
pub(crate) struct Units {
    root: String,
    all: Vec<Unit>,
    /// The units by id, and by the path of names.
    index: BTreeMap<String, usize>,
}

impl Units {
    /// A root without units.
    pub(crate) fn new(root: &str) -> Self {
        Self { root: root.to_owned(), all: Vec::new(), index: BTreeMap::new() }
    }

    /// Adds a unit to the root or unit with the id `parent`. `path` is the path of names down to the unit.
    pub(crate) fn add(&mut self, parent: &str, path: &str, name: &str, id: &str) {
        let lineage = format!("{}/{id}", self.lineage(parent));
        self.index.extend([path, id].map(|key| (key.to_owned(), self.all.len())));
        self.all.push(Unit { id: id.to_owned(), name: name.to_owned(), parent: parent.to_owned(), lineage });
    }

    /// The id of the root.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// The unit with an id.
    pub(crate) fn by_id(&self, id: &str) -> Option<&Unit> {
        self.find(id).filter(|unit| unit.id == id)
    }

    /// The units directly in the root or a unit, in the order of the file.
    pub(crate) fn directly_in(&self, parent: &str) -> impl Iterator<Item = &Unit> {
        self.all.iter().filter(move |unit| unit.parent == parent)
    }

    /// The ids from the root's to that of the root or a unit, joined by slashes.
    pub(crate) fn lineage<'a>(&'a self, id: &'a str) -> &'a str {
        self.by_id(id).map_or(id, |unit| &unit.lineage)
    }

    /// The unit with an id or a path of names.
    pub(crate) fn find(&self, id_or_path: &str) -> Option<&Unit> {
        self.index.get(id_or_path).and_then(|index| self.all.get(*index))
    }

    /// The id of a unit without one in the file: a digest of its path, so that it does not depend on other units.
    pub(crate) fn derived_id(&self, path: &str) -> String {
        let digest = Sha256::digest(path);
        digest.iter().take(4).fold(self.id_prefix(), |id, byte| format!("{id}{byte:02x}"))
    }

    /// The first part of every id of a unit, which comes from the id of the root.
    pub(crate) fn id_prefix(&self) -> String {
        format!("ou-{}-", self.root.trim_start_matches("r-"))
    }
}

/// Whether a text is the id of an organization, such as `o-exampleorgid`.
pub(crate) fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|rest| is_word(rest, 10))
}

/// Whether a text is the id of a root, such as `r-exam`.
pub(crate) fn is_root(text: &str) -> bool {
    text.strip_prefix("r-").is_some_and(|rest| is_word(rest, 4))
}

/// Whether a text is the id of an organizational unit, such as `ou-exam-11111111`.
pub(crate) fn is_unit(text: &str) -> bool {
    let words = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    words.is_some_and(|(root, own)| is_word(root, 4) && is_word(own, 8))
}

fn is_word(text: &str, shortest: usize) -> bool {
    (shortest..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// An index of the accounts of the organization, by id. It finds each page of a list at once.
#[derive(Debug, Default)]
pub(crate) struct MemberIndex {
    all: Vec<AccountId>,
    /// By the id of the root or unit that they are directly in.
    by_parent: BTreeMap<String, Vec<AccountId>>,
}

impl MemberIndex {
    pub(crate) fn new(accounts: &BTreeMap<AccountId, Account>) -> Self {
        let mut index = Self::default();
        for (id, account) in accounts {
            let Some(parent) = &account.parent else { continue };
            index.all.push(*id);
            match index.by_parent.get_mut(parent) {
                Some(ids) => ids.push(*id),
                None => drop(index.by_parent.insert(parent.clone(), vec![*id])),
            }
        }
        index
    }

    /// The accounts after the first `count`.
    pub(crate) fn behind(&self, count: usize) -> &[AccountId] {
        self.all.get(count..).unwrap_or_default()
    }

    /// The accounts directly in a root or unit, after the first `count`.
    pub(crate) fn directly_in(&self, parent: &str, count: usize) -> &[AccountId] {
        self.by_parent.get(parent).and_then(|ids| ids.get(count..)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_form() {
        assert!(is_organization("o-exampleorgid") && is_root("r-exam") && is_unit("ou-exam-11111111"));
        for text in ["", "o-short", "o-ExampleOrgId", "o-0123456789-", "r-exampleorgid"] {
            assert!(!is_organization(text), "{text}");
        }
        for text in ["", "r-exa", "r-Exam", "ou-exam-11111111"] {
            assert!(!is_root(text), "{text}");
        }
        for text in ["", "r-exam", "ou-exam", "ou-exam-1111111", "ou-exa-11111111", "ou-exam-11111111-1"] {
            assert!(!is_unit(text), "{text}");
        }
    }
}
