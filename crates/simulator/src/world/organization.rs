//! The organization of the world.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_yaml::Spanned;

use crate::account_id::AccountId;
use crate::identifier;

use super::account::WrittenAccount;
use super::error::Contradiction;
use super::spanned::Entries;
use super::unit::{Units, WrittenUnit};

/// The most items in a page, and what a page holds if nothing is said.
///
/// Source: AWS Organizations API Reference, ListAccounts, `MaxResults`.
pub(crate) const LARGEST_PAGE: usize = 20;

const DEFAULT_ID: &str = "o-exampleorgid";
const DEFAULT_ROOT: &str = "r-exam";

/// An organization.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) management: AccountId,
    pub(crate) delegated_administrators: BTreeSet<AccountId>,
    /// The delegated administrator of Macie, if the file names it.
    pub(crate) macie_administrator: Option<AccountId>,
    trusted_access: BTreeSet<TrustedService>,
    /// The most items in a page.
    pub(crate) page_size: usize,
    /// Whether an empty page precedes each other one.
    pub(crate) empty_pages: bool,
    /// Whether accounts and units tell their paths.
    pub(crate) paths: bool,
    pub(crate) status_field: StatusField,
    /// Whether callers are throttled as AWS does it.
    pub(crate) limits: bool,
    pub(crate) units: Units,
}

/// Which of `State` and the retired `Status` accounts tell.
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenOrganization {
    management: Spanned<AccountId>,
    id: Option<Spanned<String>>,
    root: Option<Spanned<String>>,
    #[serde(default)]
    delegated_administrators: Vec<Spanned<AccountId>>,
    macie_administrator: Option<Spanned<AccountId>>,
    trusted_access: Option<Vec<TrustedService>>,
    #[serde(default)]
    units: Entries<String, WrittenUnit>,
    page_size: Option<Spanned<usize>>,
    #[serde(default)]
    empty_pages: bool,
    paths: Option<bool>,
    #[serde(default)]
    status_field: StatusField,
    #[serde(default)]
    limits: bool,
}

impl Organization {
    /// An organization of which nothing but this is told; units come behind those that they are in.
    pub(super) fn generated(management: AccountId, macie_administrator: Option<AccountId>, units: &[&str]) -> Self {
        Self {
            id: DEFAULT_ID.to_owned(),
            management,
            delegated_administrators: macie_administrator.into_iter().collect(),
            macie_administrator,
            trusted_access: BTreeSet::from([TrustedService::AccountManagement]),
            page_size: LARGEST_PAGE,
            empty_pages: false,
            paths: true,
            status_field: StatusField::default(),
            limits: false,
            units: Units::generated(DEFAULT_ROOT, units),
        }
    }

    pub(crate) fn trusts(&self, service: TrustedService) -> bool {
        self.trusted_access.contains(&service)
    }

    /// Whether an account may ask about the others.
    pub(crate) fn is_administered_by(&self, account: AccountId) -> bool {
        account == self.management || self.delegated_administrators.contains(&account)
    }
}

impl WrittenOrganization {
    pub(super) fn check(self, accounts: &Entries<AccountId, WrittenAccount>) -> Result<Organization, Contradiction> {
        let management = member(&self.management, "the management account", accounts)?;
        let mut delegated_administrators = BTreeSet::new();
        for written in &self.delegated_administrators {
            let account = member(written, "the delegated administrator", accounts)?;
            if account == management {
                let cause = format!("{account} is the management account, which is no delegated administrator");
                return Err(Contradiction { at: written.referenced, cause });
            }
            delegated_administrators.insert(account);
        }
        let macie_administrator = match &self.macie_administrator {
            None => None,
            Some(written) => Some(member(written, "the Macie administrator", accounts)?),
        };
        let page_size = match self.page_size {
            Some(size) if !(1..=LARGEST_PAGE).contains(&size.value) => {
                let cause = format!("a page has 1 to {LARGEST_PAGE} items, not {}", size.value);
                return Err(Contradiction { at: size.referenced, cause });
            }
            size => size.map_or(LARGEST_PAGE, |size| size.value),
        };
        let root = checked(self.root, DEFAULT_ROOT, identifier::is_root, "a root")?;
        let all = || vec![TrustedService::AccountManagement];
        Ok(Organization {
            id: checked(self.id, DEFAULT_ID, identifier::is_organization, "an organization")?,
            management,
            delegated_administrators,
            macie_administrator,
            trusted_access: self.trusted_access.unwrap_or_else(all).into_iter().collect(),
            page_size,
            empty_pages: self.empty_pages,
            paths: self.paths.unwrap_or(true),
            status_field: self.status_field,
            limits: self.limits,
            units: Units::new(&root, self.units)?,
        })
    }
}

/// An account that must be in the organization.
fn member(
    id: &Spanned<AccountId>,
    role: &str,
    accounts: &Entries<AccountId, WrittenAccount>,
) -> Result<AccountId, Contradiction> {
    let account = accounts.0.iter().find(|(key, _)| key.value == id.value);
    let cause = match account {
        None => format!("{role} {} is not among the accounts", id.value),
        Some((_, account)) if !account.is_in_organization() => {
            format!("{role} {} is not in the organization, as its account says", id.value)
        }
        Some(_) => return Ok(id.value),
    };
    Err(Contradiction { at: id.referenced, cause })
}

fn checked(
    written: Option<Spanned<String>>,
    default: &str,
    is_valid: fn(&str) -> bool,
    whose: &str,
) -> Result<String, Contradiction> {
    match written {
        None => Ok(default.to_owned()),
        Some(id) if is_valid(&id.value) => Ok(id.value),
        Some(id) => {
            let cause = format!("{:?} is no id of {whose}, such as {default:?}", id.value);
            Err(Contradiction { at: id.referenced, cause })
        }
    }
}
