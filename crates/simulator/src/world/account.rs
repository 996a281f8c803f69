//! An account of the world.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_yaml::{Location, Spanned};

use crate::account_id::AccountId;
use crate::operation::Operation;
use crate::region::Region;

use super::denial::{Denial, WrittenDenial};
use super::error::Contradiction;
use super::jobs::JobsAtStart;
use super::membership::{self, Administration, Membership, Surroundings};
use super::organization::Organization;
use super::permission::{ActionPattern, Permissions};
use super::profile::{Profile, State, WrittenProfile};
use super::session::{SessionPlace, SessionStart, WrittenSession};
use super::sessions::{Listed, Sessions};
use super::spanned::{Count, Entries, Moment, OptInRegion};

/// An account.
#[derive(Debug)]
pub(crate) struct Account {
    /// The roles that may be assumed, with their paths but without a leading slash; `None` is any.
    roles: Option<BTreeSet<String>>,
    external_id: Option<String>,
    pub(crate) profile: Profile,
    /// The id of the root or unit that it is directly in; none outside the organization.
    pub(crate) parent: Option<String>,
    regions_on: BTreeSet<Region>,
    /// The Macie administrator of which the account is a member, and how.
    pub(crate) administration: Option<Administration>,
    sessions: Sessions,
    jobs: JobsAtStart,
    pub(crate) permissions: Permissions,
    denials: Vec<Denial>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAccount {
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
    sessions: Entries<SessionPlace, WrittenSession>,
    #[serde(default)]
    classification_jobs: Entries<SessionPlace, Count>,
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

impl Account {
    /// An account outside of every organization, where any role may be assumed and do everything.
    pub(super) fn new(profile: Profile, regions_on: BTreeSet<Region>, sessions: Sessions) -> Self {
        Self {
            roles: None,
            external_id: None,
            profile,
            parent: None,
            regions_on,
            administration: None,
            sessions,
            jobs: JobsAtStart::default(),
            permissions: Permissions::default(),
            denials: Vec::new(),
        }
    }

    /// Whether a Region is on: opt-in Regions are off until somebody opts in.
    pub(crate) fn is_on(&self, region: Region) -> bool {
        !region.is_opt_in() || self.regions_on.contains(&region)
    }

    /// Whether AssumeRole succeeds for a role, given with its path but without a leading slash.
    ///
    /// An external id is compared only where the trust policy asks for one, as IAM conditions do.
    pub(crate) fn trusts(&self, role: &str, external_id: Option<&str>) -> bool {
        self.profile.state.is_usable()
            && self.has_role(role)
            && (self.external_id.is_none() || self.external_id.as_deref() == external_id)
    }

    fn has_role(&self, role: &str) -> bool {
        self.roles.as_ref().is_none_or(|roles| roles.contains(role))
    }

    /// The session that the world starts with in a Region.
    pub(crate) fn session_at_start(&self, region: Region) -> Option<SessionStart> {
        if !self.is_on(region) || !region.has_macie() {
            return None;
        }
        self.sessions.session(region)
    }

    /// Whether the world starts with a session in any Region.
    pub(crate) fn has_session_at_start(&self) -> bool {
        self.sessions.has_any()
    }

    /// How many classification jobs are not finished in a Region when the world starts there with this session.
    pub(crate) fn jobs_at_start(&self, region: Region, session: Option<SessionStart>) -> u32 {
        self.jobs.count(region, session)
    }

    /// The policy that denies an operation in a Region, if one does.
    pub(crate) fn denial(&self, operation: Operation, region: Region) -> Option<&Denial> {
        self.denials.iter().find(|denial| denial.denies(operation, region))
    }
}

impl WrittenAccount {
    /// Whether the account is in the organization, if there is one.
    pub(super) fn is_in_organization(&self) -> bool {
        self.in_organization.as_ref().is_none_or(|is_in| is_in.value)
    }

    pub(super) fn check(self, id: AccountId, surroundings: &Surroundings<'_>) -> Result<Account, Contradiction> {
        let contradiction = |at: Location, cause: String| Err(Contradiction { at, cause });
        let parent = self.parent(surroundings.organization)?;
        let profile = WrittenProfile {
            name: self.name,
            email: self.email,
            tags: self.tags,
            state: self.state,
            suspended: self.suspended,
            joined: self.joined.map(|Moment(joined)| joined),
        };
        let regions_on = self.regions_on.into_iter().map(|OptInRegion(region)| region).collect();
        let mut account = Account::new(profile.check(id)?, regions_on, Sessions::Listed(Listed::default()));
        account.roles =
            self.roles.map(|roles| roles.iter().map(|role| role.trim_start_matches('/').to_owned()).collect());
        account.external_id = self.external_id;
        account.parent = parent;
        account.administration = membership::check(id, self.administrator, self.membership, surroundings)?;
        let mut sessions = Listed::default();
        for (place, WrittenSession(session)) in self.sessions.0 {
            match place.value {
                SessionPlace::Everywhere => sessions.elsewhere = session,
                SessionPlace::In(region) if session.is_some() && !account.is_on(region) => {
                    let cause = format!("{region} is off in account {id}: name it in regions_on, or drop the session");
                    return contradiction(place.referenced, cause);
                }
                SessionPlace::In(region) => {
                    sessions.named.insert(region, session);
                }
            }
        }
        account.sessions = Sessions::Listed(sessions);
        account.jobs = JobsAtStart::check(id, self.classification_jobs, |region| account.session_at_start(region))?;
        account.permissions = Permissions::check(self.permissions, |role| account.has_role(role))?;
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
