//! An account's Macie administrator, and the way in which the account is its member.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_yaml::Spanned;

use crate::account_id::AccountId;

use super::error::Contradiction;
use super::organization::Organization;

/// How an account became the member of an administrator.
///
/// Source: Amazon Macie User Guide, "Administrator and member account relationships".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Membership {
    /// Through AWS Organizations: the administrator alone decides on the status.
    #[default]
    Organization,
    /// By an invitation that it accepted: it may change its own status.
    Invitation,
}

/// That an account is the member of an administrator, from the start and wherever both have a session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Administration {
    pub(crate) administrator: AccountId,
    pub(crate) membership: Membership,
}

/// What the administration of an account is checked against.
pub(super) struct Surroundings<'a> {
    pub(super) organization: Option<&'a Organization>,
    /// The accounts of the file, with whether each is in the organization.
    pub(super) accounts: &'a BTreeMap<AccountId, bool>,
}

/// The administration of an account, as its two keys say.
pub(super) fn check(
    id: AccountId,
    administrator: Option<Spanned<AccountId>>,
    membership: Option<Spanned<Membership>>,
    surroundings: &Surroundings<'_>,
) -> Result<Option<Administration>, Contradiction> {
    let Some(administrator) = administrator else {
        return match membership {
            None => Ok(None),
            Some(alone) => {
                let cause = "a membership is that of an administrator: name it, or drop the membership".to_owned();
                Err(Contradiction { at: alone.referenced, cause })
            }
        };
    };
    let contradiction = |cause: String| Err(Contradiction { at: administrator.referenced, cause });
    let Surroundings { organization, accounts } = surroundings;
    let is_in_organization = |account: AccountId| accounts.get(&account).copied().unwrap_or(false);
    let membership = membership.map(|membership| membership.value).unwrap_or_default();
    let administrator = administrator.value;
    if administrator == id {
        return contradiction("an account is no member of its own".to_owned());
    }
    if !accounts.contains_key(&administrator) {
        return contradiction(format!("the administrator {administrator} is not among the accounts"));
    }
    if let (Membership::Organization, Some(organization)) = (membership, organization) {
        let outside = [id, administrator].into_iter().find(|account| !is_in_organization(*account));
        if let Some(outside) = outside {
            return contradiction(format!(
                "account {outside} is not in the organization, so that this is a \"membership: invitation\""
            ));
        }
        if let Some(delegated) = organization.macie_administrator.filter(|delegated| *delegated != administrator) {
            return contradiction(format!(
                "the organization's macie_administrator is {delegated}: a member of another is a \"membership: invitation\""
            ));
        }
    }
    Ok(Some(Administration { administrator, membership }))
}

/// The delegated Macie administrators of an organization: the one that it names, else those of its members.
pub(super) fn delegated<'a>(
    organization: Option<&Organization>,
    members: impl Iterator<Item = &'a Administration>,
) -> BTreeSet<AccountId> {
    match organization {
        None => BTreeSet::new(),
        Some(Organization { macie_administrator: Some(named), .. }) => BTreeSet::from([*named]),
        Some(_) => members
            .filter(|administration| administration.membership == Membership::Organization)
            .map(|administration| administration.administrator)
            .collect(),
    }
}
