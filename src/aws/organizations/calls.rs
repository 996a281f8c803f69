//! The calls about an organization, each signed with the credentials that the run starts with.

use std::collections::BTreeMap;

use aws_sdk_organizations::config::Builder;

use super::listed::{tags, unit};
use super::rate_limiter::Operation;
use super::{ListedAccount, OrganizationError, OrganizationId};
use crate::aws::pages::{Page, every_page, foreign};
use crate::aws::request::call_failure;
use crate::aws::{AwsSession, CallFailure};
use crate::model::{AccountId, Unit};

/// The most items that a page may have.
///
/// Source: AWS Organizations API Reference, ListAccounts, `MaxResults`.
const PAGE: i32 = 20;

/// More pages than the largest organization has, even if most of them are empty.
///
/// Source: AWS Organizations User Guide, "Quotas and service limits": 50,000 accounts.
const PAGES_AT_MOST: usize = 20_000;

impl AwsSession {
    /// Asks which organization the caller's account belongs to.
    ///
    /// # Errors
    ///
    /// Why it is not known, among them that the account belongs to none.
    pub async fn organization(&self) -> Result<OrganizationId, OrganizationError> {
        let asking = self.refreshing_base(async || {
            self.standing.pace.wait_for(Operation::DescribeOrganization).await;
            let request = self.clients.organizations.describe_organization().customize();
            let answer = request.config_override(self.as_caller().await?).send().await;
            let answer = answer.map_err(|failure| call_failure(&self.meter, &failure))?;
            let found = answer.organization.and_then(|found| {
                Some(OrganizationId {
                    id: found.id?.into(),
                    management_account: found.master_account_id?.parse().ok()?,
                })
            });
            found.ok_or_else(|| foreign("the answer names no organization with a management account".to_owned()))
        });
        let found = asking.await.map_err(|failure| self.explain(Operation::DescribeOrganization, &failure))?;
        self.standing.learn(found.clone());
        Ok(found)
    }

    /// Asks about one account: `None` if it is not in the organization.
    ///
    /// # Errors
    ///
    /// Any other failure.
    pub async fn organization_account(&self, account: AccountId) -> Result<Option<ListedAccount>, OrganizationError> {
        let operation = Operation::DescribeAccount;
        let asking = self.refreshing_base(async || {
            self.standing.pace.wait_for(operation).await;
            let request = self.clients.organizations.describe_account().account_id(account.to_string()).customize();
            let answer = request.config_override(self.as_caller().await?).send().await;
            answer.map_err(|failure| call_failure(&self.meter, &failure))
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

    /// Lists every account of the organization, in the order of the answers. `progress` is told after each page how many there
    /// are so far.
    ///
    /// # Errors
    ///
    /// Any failure of any page: a part of the accounts would pass for all of them.
    pub async fn accounts(&self, progress: &dyn Fn(usize)) -> Result<Vec<ListedAccount>, OrganizationError> {
        let mut count = 0;
        let listed = self.list(Operation::ListAccounts, async |token| {
            let request = self.clients.organizations.list_accounts().max_results(PAGE).set_next_token(token);
            let page = request.customize().config_override(self.as_caller().await?).send().await;
            let page = page.map_err(|failure| call_failure(&self.meter, &failure))?;
            count += page.accounts().len();
            progress(count);
            Ok(Page { items: page.accounts, next: page.next_token })
        });
        let operation = Operation::ListAccounts;
        let accounts: Option<Vec<_>> = listed.await?.into_iter().map(ListedAccount::from_sdk).collect();
        match accounts {
            // The management account at least is one.
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
            let page = page.map_err(|failure| call_failure(&self.meter, &failure))?;
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
            let page = page.map_err(|failure| call_failure(&self.meter, &failure))?;
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
            let page = page.map_err(|failure| call_failure(&self.meter, &failure))?;
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
            let page = page.map_err(|failure| call_failure(&self.meter, &failure))?;
            Ok(Page { items: page.tags, next: page.next_token })
        });
        Ok(tags(listed.await?))
    }

    /// Every page, each asked for when AWS's limits allow it.
    async fn list<T>(
        &self,
        operation: Operation,
        mut ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, CallFailure>,
    ) -> Result<Vec<T>, OrganizationError> {
        let pages = every_page(operation.action(), PAGES_AT_MOST, async |token| {
            let page = self.refreshing_base(async || {
                self.standing.pace.wait_for(operation).await;
                ask(token.clone()).await
            });
            page.await
        });
        pages.await.map_err(|failure| self.explain(operation, &failure))
    }

    async fn as_caller(&self) -> Result<Builder, CallFailure> {
        let lease = self.base.lease().await?;
        Ok(Builder::new().credentials_provider(lease.credentials).retry_partition(self.standing.budget.clone()))
    }

    pub(super) fn explain(&self, operation: Operation, failure: &CallFailure) -> OrganizationError {
        let management = self.standing.organization().map(|organization| organization.management_account);
        OrganizationError::from_failure(operation.action(), failure, self.caller(), management)
    }

    /// That the tree of units is none that AWS has.
    pub fn explain_units(&self, what: &str) -> OrganizationError {
        self.nonsense(Operation::ListOrganizationalUnitsForParent, what)
    }

    fn nonsense(&self, operation: Operation, what: &str) -> OrganizationError {
        self.explain(operation, &foreign(what.to_owned()))
    }
}
