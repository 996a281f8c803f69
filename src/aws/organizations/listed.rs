//! What AWS Organizations says, in the words of this program.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_organizations::types::{Account as SdkAccount, OrganizationalUnit, Tag};

use crate::model::{Account, AccountId, Unit};

/// Which organization it is, and who manages it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationId {
    /// Its id, such as `o-a1b2c3d4e5`.
    pub id: Box<str>,
    /// Its management account.
    pub management_account: AccountId,
}

/// An account as ListAccounts tells it: without its units' names, and without its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAccount {
    /// The account.
    pub account: Account,
    /// The ids of what holds it, from the root downwards; `None` if the answer does not say.
    pub path: Option<Vec<Box<str>>>,
}

impl ListedAccount {
    /// `None` if it has no id, which AWS would not do.
    pub(super) fn from_sdk(listed: SdkAccount) -> Option<Self> {
        let id: AccountId = listed.id()?.parse().ok()?;
        // The retired `Status` is looked at only where there is no `State`: beside a word that nobody knows yet it would be
        // a guess.
        let word = listed.state().map(|state| state.as_str()).or_else(|| listed.status().map(|status| status.as_str()));
        let account = Account {
            id,
            state: word.and_then(|word| word.parse().ok()),
            name: listed.name.map(Into::into),
            email: listed.email.map(Into::into),
            units: Arc::default(),
            tags: BTreeMap::new(),
        };
        let path = match listed.paths.unwrap_or_default().as_slice() {
            [path] => path_above(path, id),
            _ => None,
        };
        Some(Self { account, path })
    }
}

/// The ids of root and units in a path such as `o-1/r-1/ou-1-a/ou-1-b/111122223333/`.
///
/// Source: AWS Organizations API Reference, Account, `Paths`; IAM User Guide, `aws:PrincipalOrgPaths`, for the form.
fn path_above(path: &str, account: AccountId) -> Option<Vec<Box<str>>> {
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let [organization, root, units @ .., last] = parts.as_slice() else { return None };
    let fits = organization.starts_with("o-")
        && root.starts_with("r-")
        && units.iter().all(|unit| unit.starts_with("ou-"))
        && last.parse() == Ok(account);
    fits.then(|| [root].into_iter().chain(units).map(|part| (*part).into()).collect())
}

/// `None` if it lacks id or name, which AWS would not do.
pub(super) fn unit(listed: OrganizationalUnit) -> Option<Unit> {
    Some(Unit { id: listed.id?.into(), name: listed.name?.into() })
}

pub(super) fn tags(listed: Vec<Tag>) -> BTreeMap<Box<str>, Box<str>> {
    listed.into_iter().map(|tag| (tag.key.into(), tag.value.into())).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::types::{AccountState as SdkState, AccountStatus};

    use super::*;
    use crate::model::AccountState;

    const ID: &str = "111122223333";

    fn listed(state: Option<&str>, status: Option<&str>) -> Option<AccountState> {
        let account = SdkAccount::builder()
            .id(ID)
            .set_state(state.map(SdkState::from))
            .set_status(status.map(AccountStatus::from))
            .build();
        ListedAccount::from_sdk(account).expect("an account").account.state
    }

    #[test]
    fn state_counts_before_status_and_what_nobody_knows_is_not_known() {
        for state in AccountState::ALL {
            assert_eq!(listed(Some(state.as_str()), Some("ACTIVE")), Some(state));
        }
        assert_eq!(listed(None, Some("SUSPENDED")), Some(AccountState::Suspended));
        assert_eq!(listed(None, Some("PENDING_CLOSURE")), Some(AccountState::PendingClosure));
        assert_eq!(listed(None, None), None);
        assert_eq!(listed(Some("FROZEN"), Some("ACTIVE")), None, "a new word is not passed over");
        assert_eq!(listed(None, Some("FROZEN")), None);
    }

    #[test]
    fn a_path_is_taken_apart_or_not_taken() {
        let account: AccountId = ID.parse().expect("an id");
        let path = |text: &str| path_above(text, account).map(|path| path.join(" "));
        assert_eq!(path("o-1/r-1/ou-1-a/ou-1-b/111122223333/").as_deref(), Some("r-1 ou-1-a ou-1-b"));
        assert_eq!(path("o-1/r-1/111122223333").as_deref(), Some("r-1"));
        for strange in
            ["", "/", "o-1/r-1/", "o-1/r-1/ou-1-a/444455556666/", "r-1/ou-1-a/111122223333/", "o-1/ou-1/x/111122223333"]
        {
            assert_eq!(path(strange), None, "{strange}");
        }
        let with = |paths: &[&str]| {
            let paths = paths.iter().map(|path| (*path).to_owned()).collect();
            ListedAccount::from_sdk(SdkAccount::builder().id(ID).set_paths(Some(paths)).build())
                .expect("an account")
                .path
        };
        assert!(with(&["o-1/r-1/111122223333/"]).is_some());
        assert_eq!(with(&["o-1/r-1/111122223333/", "o-1/r-1/ou-1-a/111122223333/"]), None, "two places are none");
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn an_account_without_an_id_is_none() {
        assert_eq!(ListedAccount::from_sdk(SdkAccount::builder().name("x").build()), None);
        assert_eq!(ListedAccount::from_sdk(SdkAccount::builder().id("12").build()), None);
    }
}
