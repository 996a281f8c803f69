//! An account of the world.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_yaml::{Location, Spanned};

use crate::model::{AccountId, Region};
use crate::simulator::operation::Operation;
use crate::simulator::regions;

use super::denial::{Denial, WrittenDenial};
use super::mistake::Contradiction;
use super::session::{SessionPlace, SessionStart, WrittenSession};
use super::written::{Entries, OptInRegion};

/// An account.
#[derive(Debug)]
pub(in crate::simulator) struct Account {
    /// The roles that may be assumed, with their paths but without a leading slash; `None` is any.
    roles: Option<BTreeSet<String>>,
    external_id: Option<String>,
    suspended: bool,
    regions_on: BTreeSet<Region>,
    /// The Macie administrator of which the account is a member.
    pub(in crate::simulator) administrator: Option<AccountId>,
    sessions: BTreeMap<Region, Option<SessionStart>>,
    session_elsewhere: Option<SessionStart>,
    denials: Vec<Denial>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAccount {
    /// For the reader of the file: no simulated answer tells names.
    #[serde(rename = "name")]
    _name: Option<String>,
    roles: Option<Vec<String>>,
    external_id: Option<String>,
    #[serde(default)]
    suspended: bool,
    #[serde(default)]
    regions_on: Vec<OptInRegion>,
    #[serde(default)]
    list_regions: ListRegions,
    administrator: Option<Spanned<AccountId>>,
    #[serde(default)]
    sessions: Entries<SessionPlace, WrittenSession>,
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
    /// Whether a Region is on: opt-in Regions are off until somebody opts in.
    pub(in crate::simulator) fn is_on(&self, region: &Region) -> bool {
        !regions::table().is_opt_in(region) || self.regions_on.contains(region)
    }

    /// Whether AssumeRole succeeds for a role, given with its path but without a leading slash.
    ///
    /// An external id is compared only where the trust policy asks for one, as IAM conditions do.
    pub(in crate::simulator) fn trusts(&self, role: &str, external_id: Option<&str>) -> bool {
        !self.suspended
            && self.roles.as_ref().is_none_or(|roles| roles.contains(role))
            && (self.external_id.is_none() || self.external_id.as_deref() == external_id)
    }

    /// The session that the world starts with in a Region.
    pub(in crate::simulator) fn session_at_start(&self, region: &Region) -> Option<SessionStart> {
        self.sessions.get(region).copied().unwrap_or(self.session_elsewhere)
    }

    /// The policy that denies an operation in a Region, if one does.
    pub(in crate::simulator) fn denial(&self, operation: Operation, region: &Region) -> Option<&Denial> {
        self.denials.iter().find(|denial| denial.denies(operation, region))
    }
}

impl WrittenAccount {
    pub(super) fn check(self, id: AccountId) -> Result<Account, Contradiction> {
        let contradiction = |at: Location, cause: String| Err(Contradiction { at, cause });
        if let Some(administrator) = self.administrator.as_ref().filter(|administrator| administrator.value == id) {
            return contradiction(administrator.referenced, "an account is no member of its own".to_owned());
        }
        let mut account = Account {
            roles: self.roles.map(|roles| roles.iter().map(|role| role.trim_start_matches('/').to_owned()).collect()),
            external_id: self.external_id,
            suspended: self.suspended,
            regions_on: self.regions_on.into_iter().map(|OptInRegion(region)| region).collect(),
            administrator: self.administrator.map(|administrator| administrator.value),
            sessions: BTreeMap::new(),
            session_elsewhere: None,
            denials: Vec::new(),
        };
        for (place, WrittenSession(session)) in self.sessions.0 {
            match place.value {
                SessionPlace::Everywhere => account.session_elsewhere = session,
                SessionPlace::In(region) if session.is_some() && !account.is_on(&region) => {
                    let cause = format!("{region} is off in account {id}: name it in regions_on, or drop the session");
                    return contradiction(place.referenced, cause);
                }
                SessionPlace::In(region) => {
                    account.sessions.insert(region, session);
                }
            }
        }
        if self.list_regions == ListRegions::Denied {
            account.denials.push(Denial::of(Operation::ListRegions));
        }
        for denial in self.denials {
            account.denials.push(denial.check()?);
        }
        Ok(account)
    }
}
