//! Accounts of a world file.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_yaml::{Location, Spanned};

use super::session::{RegionKey, WrittenSession, WrittenSessionManager, jobs_at_start, sessions};
use super::values::{Contradiction, Count, Entries, Moment, Operations, OptInRegion};
use crate::account_id::AccountId;
use crate::operation::{Operation, OperationPattern};
use crate::region::Region;
use crate::world::account::{Account, Administration, Membership, Profile, State};
use crate::world::organization::Organization;
use crate::world::policy::{ActionPattern, Denial, Layer, Permissions};
use crate::world::session::Sessions;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenAccount {
    name: Option<String>,
    email: Option<String>,
    unit: Option<Spanned<String>>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    state: Option<State>,
    joined: Option<Moment>,
    in_organization: Option<Spanned<bool>>,
    roles: Option<Vec<String>>,
    external_id: Option<String>,
    suspended: Option<Spanned<bool>>,
    #[serde(default)]
    regions_on: Vec<OptInRegion>,
    #[serde(default)]
    list_regions: ListRegions,
    administrator: Option<Spanned<AccountId>>,
    membership: Option<Spanned<Membership>>,
    #[serde(default)]
    sessions: Entries<RegionKey, WrittenSession>,
    #[serde(default)]
    classification_jobs: Entries<RegionKey, Count>,
    #[serde(default)]
    session_manager: WrittenSessionManager,
    #[serde(default)]
    permissions: Entries<String, Vec<ActionPattern>>,
    #[serde(default)]
    denials: Vec<WrittenDenial>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ListRegions {
    #[default]
    Allowed,
    Denied,
}

impl WrittenAccount {
    /// Whether the account is in the organization, if there is one.
    pub(crate) fn is_in_organization(&self) -> bool {
        self.in_organization.as_ref().is_none_or(|is_in| is_in.value)
    }

    pub(crate) fn check(self, id: AccountId, context: &AccountContext<'_>) -> Result<Account, Contradiction> {
        let parent = self.parent(context.organization)?;
        let profile = WrittenProfile {
            name: self.name,
            email: self.email,
            tags: self.tags,
            state: self.state,
            suspended: self.suspended,
            joined: self.joined.map(|Moment(joined)| joined),
        };
        let regions_on = self.regions_on.into_iter().map(|OptInRegion(region)| region).collect();
        let mut account = Account::new(profile.check(id)?, regions_on, Sessions::Listed(Box::default()));
        account.roles =
            self.roles.map(|roles| roles.iter().map(|role| role.trim_start_matches('/').to_owned()).collect());
        account.external_id = self.external_id;
        account.parent = parent;
        account.administration = administration(id, self.administrator, self.membership, context)?;
        account.sessions = Sessions::Listed(Box::new(sessions(id, self.sessions, |region| account.is_on(region))?));
        account.session_manager = self.session_manager.check(id, |region| account.is_on(region))?;
        account.jobs = jobs_at_start(id, self.classification_jobs, |region| account.session_at_start(region))?;
        account.permissions = permissions(self.permissions, |role| account.has_role(role))?;
        if self.list_regions == ListRegions::Denied {
            account.denials.push(Denial::for_operation(Operation::ListRegions));
        }
        for denial in self.denials {
            account.denials.push(denial.check()?);
        }
        Ok(account)
    }

    /// The id of the root or unit that the account is directly in.
    fn parent(&self, organization: Option<&Organization>) -> Result<Option<String>, Contradiction> {
        let contradiction = |at: Location, cause: &str| Err(Contradiction { at, cause: cause.to_owned() });
        let Some(Organization { units, .. }) = organization else {
            return match (&self.unit, &self.in_organization) {
                (Some(unit), _) => contradiction(unit.referenced, "this world has no organization with units"),
                (None, Some(is_in)) if is_in.value => {
                    contradiction(is_in.referenced, "this world has no organization to be in")
                }
                (None, _) => Ok(None),
            };
        };
        match &self.unit {
            Some(unit) if !self.is_in_organization() => {
                contradiction(unit.referenced, "an account outside the organization is in none of its units")
            }
            Some(unit) => match units.find(&unit.value) {
                Some(found) => Ok(Some(found.id.clone())),
                None => contradiction(
                    unit.referenced,
                    &format!("the organization has no unit with the path or id {:?}", unit.value),
                ),
            },
            None => Ok(self.is_in_organization().then(|| units.root().to_owned())),
        }
    }
}

/// The keys of an account that make up its profile.
pub(crate) struct WrittenProfile {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) state: Option<State>,
    /// The older key for one of the states.
    pub(crate) suspended: Option<Spanned<bool>>,
    pub(crate) joined: Option<Timestamp>,
}

impl WrittenProfile {
    pub(crate) fn check(self, id: AccountId) -> Result<Profile, Contradiction> {
        let state = match (self.state, self.suspended) {
            (Some(state), Some(suspended)) if suspended.value != (state == State::Suspended) => {
                let cause = format!("suspended: {} contradicts state: {}", suspended.value, state.as_str());
                return Err(Contradiction { at: suspended.referenced, cause });
            }
            (Some(state), _) => state,
            (None, Some(suspended)) if suspended.value => State::Suspended,
            (None, _) => State::default(),
        };
        let Profile { name, email, tags, joined, .. } = Profile::new(id, self.tags);
        Ok(Profile {
            name: self.name.unwrap_or(name),
            email: self.email.unwrap_or(email),
            tags,
            state,
            joined: self.joined.unwrap_or(joined),
        })
    }
}

/// The context in which an account is checked.
pub(crate) struct AccountContext<'a> {
    pub(crate) organization: Option<&'a Organization>,
    /// The accounts of the file, with whether each is in the organization.
    pub(crate) accounts: &'a BTreeMap<AccountId, bool>,
}

/// The administration of an account, from the keys `administrator` and `membership`.
fn administration(
    id: AccountId,
    administrator: Option<Spanned<AccountId>>,
    membership: Option<Spanned<Membership>>,
    context: &AccountContext<'_>,
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
    let AccountContext { organization, accounts } = context;
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenDenial {
    actions: Vec<Spanned<Operations>>,
    regions: Option<Vec<Region>>,
    #[serde(default)]
    layer: Layer,
    #[serde(default)]
    explicit: bool,
    policy_arn: Option<Spanned<String>>,
}

impl WrittenDenial {
    pub(crate) fn check(self) -> Result<Denial, Contradiction> {
        if let Some(arn) = self.policy_arn.as_ref().filter(|_| !self.explicit) {
            let cause = "AWS tells the policy_arn only of an explicit denial: add \"explicit: true\"".to_owned();
            return Err(Contradiction { at: arn.referenced, cause });
        }
        for action in &self.actions {
            if action.value.0 == OperationPattern::One(Operation::GetCallerIdentity) {
                let cause = "sts:GetCallerIdentity cannot be denied: it needs no permission".to_owned();
                return Err(Contradiction { at: action.referenced, cause });
            }
        }
        Ok(Denial {
            actions: self.actions.into_iter().map(|action| action.value.0).collect(),
            regions: self.regions.map(BTreeSet::from_iter),
            layer: self.layer,
            explicit: self.explicit,
            policy_arn: self.policy_arn.map(|arn| arn.value),
        })
    }
}

/// The permissions of an account, whose roles `is_role` knows.
fn permissions(
    written: Entries<String, Vec<ActionPattern>>,
    is_role: impl Fn(&str) -> bool,
) -> Result<Permissions, Contradiction> {
    let mut permissions = BTreeMap::new();
    for (key, actions) in written.0 {
        let role = key.value.trim_start_matches('/').to_owned();
        let contradiction = |cause: String| Err(Contradiction { at: key.referenced, cause });
        if !is_role(&role) {
            return contradiction(format!("{role:?} is none of the account's roles"));
        }
        if permissions.contains_key(&role) {
            return contradiction(format!("the permissions of {role:?} are in the account twice"));
        }
        permissions.insert(role, actions);
    }
    Ok(Permissions(permissions))
}
