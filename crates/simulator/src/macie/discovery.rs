//! Automated sensitive data discovery of the caller and its members.

use std::collections::BTreeSet;

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account_id::AccountId;
use crate::macie::target_state::{BEGINNING, TargetState};
use crate::macie::{Macie, input};
use crate::operation::Operation;
use crate::request::Parameters;
use crate::response::{Answer, ServiceError};
use crate::world::session::{AutoEnable, FurtherSettings, SessionStatus, Toggle, is_enabled};

/// The most accounts in a request of ListAutomatedDiscoveryAccounts, and in a page of its answer.
///
/// Source: Amazon Macie API Reference, ListAutomatedDiscoveryAccounts, `accountIds`, `maxResults`.
const MAX_DISCOVERY_ACCOUNTS: usize = 50;
const MAX_DISCOVERY_PAGE: usize = 25;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiscoveryInput {
    status: Option<String>,
    auto_enable_organization_members: Option<String>,
}

#[derive(Default, Deserialize)]
struct DiscoveryAccountsInput {
    #[serde(default)]
    accounts: Vec<DiscoveryAccountInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiscoveryAccountInput {
    account_id: Option<String>,
    status: Option<String>,
}

impl Macie<'_> {
    /// Source: Amazon Macie API Reference, GetAutomatedDiscoveryConfiguration, which is for administrators and standalone
    /// accounts. AWS's answer to a member is not known: here it is refused.
    pub(crate) fn get_discovery(&self) -> Result<Answer, ServiceError> {
        let discovery = self.settings_unless_member()?.automated_discovery;
        let was_enabled = discovery.status == Toggle::Enabled || discovery.changed_at.is_some();
        let mut body = json!({
            "autoEnableOrganizationMembers": discovery.auto_enable_organization_members,
            "classificationScopeId": "0123456789abcdef0123456789abcdef",
            "lastUpdatedAt": discovery.changed_at.unwrap_or(BEGINNING),
            "sensitivityInspectionTemplateId": "fedcba9876543210fedcba9876543210",
            "status": discovery.status,
        });
        if was_enabled {
            body["firstEnabledAt"] = json!(BEGINNING);
        }
        if let Some(changed_at) = discovery.changed_at.filter(|_| discovery.status == Toggle::Disabled) {
            body["disabledAt"] = json!(changed_at);
        }
        Ok(Answer::json(&body))
    }

    /// Changes discovery. To disable it disables that of all members; ALL, which is also what a request without the word
    /// means, enables that of each whose session is not paused.
    ///
    /// Source: Amazon Macie API Reference, UpdateAutomatedDiscoveryConfiguration; Amazon Macie User Guide, "Disabling
    /// automated sensitive data discovery".
    pub(crate) fn update_discovery(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        let input: DiscoveryInput = input::json(body)?;
        let status: Toggle = input::required(input.status, "status")?;
        let key = "autoEnableOrganizationMembers";
        let members =
            input.auto_enable_organization_members.map_or(Ok(AutoEnable::All), |word| input::parse(&word, key))?;
        self.settings_unless_member()?;
        let write = self.write_call(Operation::UpdateAutomatedDiscoveryConfiguration, self.id);
        self.states.write_settings(self.world, &write, |truth, now| {
            let set = |id: AccountId, auto_enable: Option<AutoEnable>| {
                let mut settings = truth.settings(id);
                let discovery = &mut settings.automated_discovery;
                (discovery.status, discovery.changed_at) = (status, Some(now));
                discovery.auto_enable_organization_members =
                    auto_enable.unwrap_or(discovery.auto_enable_organization_members);
                (id, settings)
            };
            let follows = |state: &TargetState| match (status, members) {
                (Toggle::Disabled, _) => true,
                (Toggle::Enabled, AutoEnable::All) => is_enabled(state.session.map(|session| session.config)),
                (Toggle::Enabled, _) => false,
            };
            let others = truth.members(self.id).filter(|(_, state)| follows(state)).map(|(id, _)| set(id, None));
            Ok(std::iter::once(set(self.id, Some(members))).chain(others).collect())
        })?;
        Ok(Answer::json(&json!({})))
    }

    /// The discovery of accounts, by default of the caller and its members. A member may ask about itself.
    ///
    /// Source: Amazon Macie API Reference, ListAutomatedDiscoveryAccounts. An account that the caller may not see is left out.
    pub(crate) fn list_discovery_accounts(&self, query: &Parameters) -> Result<Answer, ServiceError> {
        let operation = Operation::ListAutomatedDiscoveryAccounts;
        let asked = query.all("accountIds").map(|id| input::account(id, "accountIds"));
        let asked: BTreeSet<AccountId> = asked.collect::<Result<_, _>>()?;
        if asked.len() > MAX_DISCOVERY_ACCOUNTS {
            return Err(input::invalid(format!("accountIds has more than {MAX_DISCOVERY_ACCOUNTS} items")));
        }
        let about = asked.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let size = query.get("maxResults").map(input::parse_number).transpose()?;
        let size = input::page_size(size, MAX_DISCOVERY_PAGE, MAX_DISCOVERY_PAGE)?;
        let after: Option<AccountId> = match query.get("nextToken") {
            None => None,
            Some(token) => {
                Some(input::last_before(operation, &about, token)?.parse().map_err(|_| input::foreign_token())?)
            }
        };
        self.settings(|_| input::not_onboarded(self.id))?;
        let is_behind = |id: &&AccountId| after.is_none_or(|after| **id > after);
        let everybody = asked.is_empty().then(|| self.world.accounts_after(after)).into_iter().flatten();
        let candidates = asked.iter().filter(is_behind).copied().chain(everybody);
        let mut rest = candidates.filter(|id| self.administers(*id)).peekable();
        let page: Vec<AccountId> = rest.by_ref().take(size).collect();
        let next = rest.peek().and(page.last()).map(|last| input::page_token(operation, &about, &last.to_string()));
        let item = |id: &AccountId| {
            let settings = self.states.settings(self.world, *id, self.region);
            json!({ "accountId": id, "status": settings.automated_discovery.status })
        };
        let mut body = json!({ "items": page.iter().map(item).collect::<Vec<Value>>() });
        if let Some(next) = next {
            body["nextToken"] = next.into();
        }
        Ok(Answer::json(&body))
    }

    /// Changes the discovery of accounts one by one: those that cannot be changed are errors in a success.
    ///
    /// Source: Amazon Macie API Reference, BatchUpdateAutomatedDiscoveryAccounts.
    pub(crate) fn update_discovery_accounts(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        let accounts = input::json::<DiscoveryAccountsInput>(body)?.accounts;
        let read = |account: DiscoveryAccountInput| {
            let id = account.account_id.ok_or_else(|| input::missing("accounts.accountId"))?;
            Ok((input::account(&id, "accounts.accountId")?, input::required(account.status, "accounts.status")?))
        };
        let accounts: Vec<(AccountId, Toggle)> = accounts.into_iter().map(read).collect::<Result<_, _>>()?;
        self.settings_unless_member()?;
        if !self.world.may_administer(self.id) {
            return Err(input::not_the_organizations_administrator());
        }
        let mut errors = Vec::new();
        for (id, status) in accounts {
            let state = self.states.now(self.world, id, self.region);
            let error = match state.session.filter(|_| self.administers(id)) {
                None => Some("ACCOUNT_NOT_FOUND"),
                Some(session) if session.config.status == SessionStatus::Paused => Some("ACCOUNT_PAUSED"),
                Some(_) => None,
            };
            if let Some(error) = error {
                errors.push(json!({ "accountId": id, "errorCode": error }));
                continue;
            }
            let write = self.write_call(Operation::BatchUpdateAutomatedDiscoveryAccounts, id);
            self.states.write_settings(self.world, &write, |truth, now| {
                let mut settings = truth.settings(id);
                settings.automated_discovery.status = status;
                settings.automated_discovery.changed_at = Some(now);
                Ok(vec![(id, settings)])
            })?;
        }
        Ok(Answer::json(&json!({ "errors": errors })))
    }

    /// Enables the discovery of an account that has just become a member, unless members are left out.
    ///
    /// Source: Amazon Macie API Reference, UpdateAutomatedDiscoveryConfiguration, `autoEnableOrganizationMembers`: ALL and NEW
    /// include accounts that join later.
    pub(crate) fn enable_discovery_of_new_member(&self, id: AccountId) {
        let own = self.states.settings(self.world, self.id, self.region).automated_discovery;
        if own.status == Toggle::Enabled && own.auto_enable_organization_members != AutoEnable::None {
            self.states.follow(self.world, (id, self.region), |settings, now| {
                settings.automated_discovery.status = Toggle::Enabled;
                settings.automated_discovery.changed_at = Some(now);
            });
        }
    }

    /// Whether an account is the caller's own, or its member's.
    fn administers(&self, id: AccountId) -> bool {
        id == self.id || self.states.administrator(self.world, id, self.region) == Some(self.id)
    }

    /// The settings of the caller, who is no member.
    fn settings_unless_member(&self) -> Result<FurtherSettings, ServiceError> {
        let settings = self.settings(|_| input::not_onboarded(self.id))?;
        let is_member = self.states.administrator(self.world, self.id, self.region).is_some();
        if is_member { Err(input::not_the_organizations_administrator()) } else { Ok(settings) }
    }
}
