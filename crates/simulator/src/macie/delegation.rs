//! The delegated administrator of the organization.

use std::collections::BTreeMap;

use serde_json::json;

use crate::answer::{Answer, Failure};
use crate::operation::Operation;

use super::failure::denied;
use super::page;
use super::service::Macie;

/// Source: Amazon Macie API Reference, ListOrganizationAdminAccounts, `maxResults`.
const LARGEST_PAGE: usize = 25;

impl Macie<'_> {
    /// The delegated administrators. Macie need not be enabled in the account that asks, but it must be the management
    /// account: the words of the refusal are made up.
    ///
    /// Source: Amazon Macie API Reference, ListOrganizationAdminAccounts.
    pub(super) fn list_delegated_administrators(&self, query: &BTreeMap<String, String>) -> Result<Answer, Failure> {
        let operation = Operation::ListOrganizationAdminAccounts;
        let asked = query.get("maxResults").map(|text| page::number(text)).transpose()?;
        let size = page::size(asked, LARGEST_PAGE, LARGEST_PAGE)?;
        let after = match query.get("nextToken") {
            None => None,
            Some(token) => Some(page::last(operation, "", token)?.parse().map_err(|_| page::foreign())?),
        };
        if self.world.organization().is_none_or(|organization| organization.management != self.id) {
            return Err(denied(
                "The request failed because you must be a user of the management account of an organization to perform \
                 this operation",
            ));
        }
        let administrators = self.world.macie_administrators().iter();
        let mut rest = administrators.filter(|id| after.is_none_or(|after| **id > after)).peekable();
        let page: Vec<_> = rest.by_ref().take(size).collect();
        let next = rest.peek().and(page.last()).map(|last| page::token(operation, "", &last.to_string()));
        let shown: Vec<_> = page.iter().map(|id| json!({ "accountId": id, "status": "ENABLED" })).collect();
        let mut body = json!({ "adminAccounts": shown });
        if let Some(next) = next {
            body["nextToken"] = next.into();
        }
        Ok(Answer::json(&body))
    }
}
