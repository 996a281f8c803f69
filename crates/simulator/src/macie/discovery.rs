//! Automated sensitive data discovery.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::account_id::AccountId;
use crate::macie::target_state::{BEGINNING, Session};
use crate::macie::{Macie, input};
use crate::response::{Answer, ServiceError};

impl Macie<'_> {
    /// Source: Amazon Macie API Reference, GetAutomatedDiscoveryConfiguration, which is for administrators and standalone
    /// accounts. AWS's answer to a member is not known: here it is refused.
    pub(crate) fn get_discovery_configuration(&self) -> Result<Answer, ServiceError> {
        let (session, state) = self.own()?;
        if state.member_of().is_some() {
            return Err(input::not_the_organizations_administrator());
        }
        Ok(Answer::json(&json!({
            "autoEnableOrganizationMembers": "NONE",
            "classificationScopeId": "0123456789abcdef0123456789abcdef",
            "firstEnabledAt": BEGINNING,
            "lastUpdatedAt": BEGINNING,
            "sensitivityInspectionTemplateId": "fedcba9876543210fedcba9876543210",
            "status": session.config.discovery.as_str(),
        })))
    }

    /// Source: Amazon Macie API Reference, ListAutomatedDiscoveryAccounts: an administrator asks about its members, a member about
    /// itself. Here a request is about one account, the caller's own by default.
    pub(crate) fn list_discovery_accounts(&self, query: &BTreeMap<String, String>) -> Result<Answer, ServiceError> {
        let (own, _) = self.own()?;
        let id = query.get("accountIds").map_or(Ok(self.id), |id| input::account(id, "accountIds"))?;
        let session = if id == self.id { Some(own) } else { self.session_of_member(id) };
        let item = session.map(|session| json!({ "accountId": id, "status": session.config.discovery.as_str() }));
        let items: Vec<Value> = item.into_iter().collect();
        Ok(Answer::json(&json!({ "items": items })))
    }

    fn session_of_member(&self, id: AccountId) -> Option<Session> {
        let state = self.states.now(self.world, id, self.region);
        let is_member = state.member_of().is_some_and(|association| association.administrator == self.id);
        state.session.filter(|_| is_member)
    }
}
