//! Calls to AWS Organizations, with the credentials that the run starts with and no more often than AWS documents.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_organizations::config::Builder;
use aws_sdk_organizations::types::{Account as SdkAccount, OrganizationalUnit, Tag};

use super::rate_limiter::Operation;
use super::request::{Page, every_page, foreign};
use super::{AwsSession, CallFailure, OrganizationError, OrganizationId};
use crate::model::{Account, AccountId, Unit};

/// The most items that a page may have.
///
/// Source: AWS Organizations API Reference, ListAccounts, `MaxResults`.
const PAGE: i32 = 20;

/// More pages than the largest organization has, most of them empty.
///
/// Source: AWS Organizations User Guide, "Quotas and service limits": 50,000 accounts.
const PAGES_AT_MOST: usize = 20_000;

impl AwsSession {
    /// The organization of the caller.
    ///
    /// # Errors
    ///
    /// Why it is unknown; among others, the account is in none.
    pub async fn organization(&self) -> Result<OrganizationId, OrganizationError> {
        let asking = self.refreshing_base(async || {
            self.organizations.limiter.wait_for(Operation::DescribeOrganization).await;
            let request = self.clients.organizations.describe_organization().customize();
            let answer = request.config_override(self.as_caller().await?).send().await;
            let answer = answer.map_err(|failure| self.call_failure(&failure))?;
            let found = answer.organization.and_then(|found| {
                Some(OrganizationId {
                    id: found.id?.into(),
                    management_account: found.master_account_id?.parse().ok()?,
                })
            });
            found.ok_or_else(|| foreign("the answer names no organization with a management account".to_owned()))
        });
        let found = asking.await.map_err(|failure| self.explain(Operation::DescribeOrganization, &failure))?;
        self.organizations.learn(found.clone());
        Ok(found)
    }

    /// One account; `None` if it is not in the organization.
    ///
    /// # Errors
    ///
    /// Any other failure.
    pub async fn organization_account(&self, account: AccountId) -> Result<Option<ListedAccount>, OrganizationError> {
        let operation = Operation::DescribeAccount;
        let asking = self.refreshing_base(async || {
            self.organizations.limiter.wait_for(operation).await;
            let request = self.clients.organizations.describe_account().account_id(account.to_string()).customize();
            let answer = request.config_override(self.as_caller().await?).send().await;
            answer.map_err(|failure| self.call_failure(&failure))
        });
        match asking.await {
            Ok(answer) => match answer.account.and_then(ListedAccount::from_sdk) {
                Some(listed) if listed.account.id == account => Ok(Some(listed)),
                _ => Err(self.nonsense(operation, "the answer is not about the account that was asked about")),
            },
            Err(failure) if failure.code.as_deref() == Some("AccountNotFoundException") => Ok(None),
            Err(failure) => Err(self.explain(operation, &failure)),
        }
    }

    /// Lists every account of the organization, in response order. `progress` receives the count after each page.
    ///
    /// # Errors
    ///
    /// Any failure of any page: a partial list would pass for the whole.
    pub async fn accounts(&self, progress: &dyn Fn(usize)) -> Result<Vec<ListedAccount>, OrganizationError> {
        let mut count = 0;
        let listed = self.list(Operation::ListAccounts, async |token| {
            let request = self.clients.organizations.list_accounts().max_results(PAGE).set_next_token(token);
            let page = request.customize().config_override(self.as_caller().await?).send().await;
            let page = page.map_err(|failure| self.call_failure(&failure))?;
            count += page.accounts().len();
            progress(count);
            Ok(Page { items: page.accounts, next: page.next_token })
        });
        let operation = Operation::ListAccounts;
        let accounts: Option<Vec<_>> = listed.await?.into_iter().map(ListedAccount::from_sdk).collect();
        match accounts {
            // The list has at least the management account.
            Some(accounts) if accounts.is_empty() => Err(self.nonsense(operation, "the answer lists no account")),
            Some(accounts) => Ok(accounts),
            None => Err(self.nonsense(operation, "the answer lists an account without an id")),
        }
    }

    /// The ids of the accounts directly in a root or unit.
    ///
    /// # Errors
    ///
    /// Any failure of any page.
    pub async fn accounts_in(&self, parent: &str) -> Result<Vec<AccountId>, OrganizationError> {
        let listed = self.list(Operation::ListAccountsForParent, async |token| {
            let request = self.clients.organizations.list_accounts_for_parent().parent_id(parent);
            let request = request.max_results(PAGE).set_next_token(token);
            let page = request.customize().config_override(self.as_caller().await?).send().await;
            let page = page.map_err(|failure| self.call_failure(&failure))?;
            Ok(Page { items: page.accounts, next: page.next_token })
        });
        let ids: Option<Vec<_>> = listed.await?.iter().map(|account| account.id()?.parse().ok()).collect();
        ids.ok_or_else(|| self.nonsense(Operation::ListAccountsForParent, "the answer lists an account without an id"))
    }

    /// The ids of the organization's roots, of which there is one today.
    ///
    /// # Errors
    ///
    /// Any failure of any page.
    pub async fn roots(&self) -> Result<Vec<Box<str>>, OrganizationError> {
        let listed = self.list(Operation::ListRoots, async |token| {
            let request = self.clients.organizations.list_roots().max_results(PAGE).set_next_token(token);
            let page = request.customize().config_override(self.as_caller().await?).send().await;
            let page = page.map_err(|failure| self.call_failure(&failure))?;
            Ok(Page { items: page.roots, next: page.next_token })
        });
        let roots: Option<Vec<_>> = listed.await?.into_iter().map(|root| root.id.map(Into::into)).collect();
        roots.ok_or_else(|| self.nonsense(Operation::ListRoots, "the answer lists a root without an id"))
    }

    /// The organizational units directly in a root or unit.
    ///
    /// # Errors
    ///
    /// Any failure of any page.
    pub async fn units_in(&self, parent: &str) -> Result<Vec<Unit>, OrganizationError> {
        let operation = Operation::ListOrganizationalUnitsForParent;
        let listed = self.list(operation, async |token| {
            let request = self.clients.organizations.list_organizational_units_for_parent().parent_id(parent);
            let request = request.max_results(PAGE).set_next_token(token);
            let page = request.customize().config_override(self.as_caller().await?).send().await;
            let page = page.map_err(|failure| self.call_failure(&failure))?;
            Ok(Page { items: page.organizational_units, next: page.next_token })
        });
        let units: Option<Vec<_>> = listed.await?.into_iter().map(unit).collect();
        units.ok_or_else(|| self.nonsense(operation, "the answer lists a unit without id or name"))
    }

    /// The tags of an account.
    ///
    /// # Errors
    ///
    /// Any failure of any page.
    pub async fn account_tags(&self, account: AccountId) -> Result<BTreeMap<Box<str>, Box<str>>, OrganizationError> {
        let listed = self.list(Operation::ListTagsForResource, async |token| {
            let request = self.clients.organizations.list_tags_for_resource();
            let request = request.resource_id(account.to_string()).set_next_token(token);
            let page = request.customize().config_override(self.as_caller().await?).send().await;
            let page = page.map_err(|failure| self.call_failure(&failure))?;
            Ok(Page { items: page.tags, next: page.next_token })
        });
        Ok(tags(listed.await?))
    }

    /// Reads every page, within the rate limits of AWS.
    async fn list<T>(
        &self,
        operation: Operation,
        mut ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, CallFailure>,
    ) -> Result<Vec<T>, OrganizationError> {
        let pages = every_page(operation.action(), PAGES_AT_MOST, async |token| {
            let page = self.refreshing_base(async || {
                self.organizations.limiter.wait_for(operation).await;
                ask(token.clone()).await
            });
            page.await
        });
        pages.await.map_err(|failure| self.explain(operation, &failure))
    }

    async fn as_caller(&self) -> Result<Builder, CallFailure> {
        let lease = self.base.lease().await?;
        Ok(Builder::new().credentials_provider(lease.credentials).retry_partition(self.organizations.budget.clone()))
    }

    pub(super) fn explain(&self, operation: Operation, failure: &CallFailure) -> OrganizationError {
        let management = self.organizations.organization().map(|organization| organization.management_account);
        OrganizationError::from_failure(operation.action(), failure, self.caller(), management)
    }

    /// Error for an impossible tree of units.
    pub fn explain_units(&self, what: &str) -> OrganizationError {
        self.nonsense(Operation::ListOrganizationalUnitsForParent, what)
    }

    fn nonsense(&self, operation: Operation, what: &str) -> OrganizationError {
        self.explain(operation, &foreign(what.to_owned()))
    }
}

/// An account in ListAccounts: without the names of its units, and without tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAccount {
    /// The account.
    pub account: Account,
    /// The ids above it, from the root downwards; `None` if the response has no path.
    pub path: Option<Vec<Box<str>>>,
}

impl ListedAccount {
    /// `None` without an id, which AWS always gives.
    pub(super) fn from_sdk(listed: SdkAccount) -> Option<Self> {
        let id: AccountId = listed.id()?.parse().ok()?;
        // The deprecated `Status` counts only without a `State`: beside an unknown word it would be a guess.
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

/// Parses the ids of root and units in a path such as `o-1/r-1/ou-1-a/ou-1-b/111122223333/`.
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

/// `None` without id or name, which AWS always gives.
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
