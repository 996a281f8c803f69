//! World files: YAML with the place of every value, checked into a [`World`](crate::world::World).

mod account;
mod fault;
mod organization;
mod session;
pub(crate) mod values;

use std::collections::BTreeMap;
use std::time::Duration;

use account::{AccountContext, WrittenAccount};
use fault::WrittenFault;
use hyper::StatusCode;
use organization::WrittenOrganization;
use serde::Deserialize;
use serde_yaml::{Budget, Spanned};
use session::{WrittenChange, concurrent_changes};
use values::{ClockOffset, Contradiction, Count, Entries, Pause, WorldError};

use crate::account_id::AccountId;
use crate::world::organization::MemberIndex;
use crate::world::{World, delegated_administrators};

impl World {
    /// Parses a world file. Errors call the file `name`.
    pub fn parse(text: &str, name: &str) -> Result<Self, WorldError> {
        let options = serde_yaml::options! { with_snippet: false, budget: Some(budget()) };
        let written: WrittenWorld =
            serde_yaml::from_str_with_options(text, options).map_err(|error| WorldError::malformed(name, &error))?;
        written.check().map_err(|contradiction| WorldError::contradictory(name, contradiction))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWorld {
    version: Spanned<u64>,
    caller: Spanned<AccountId>,
    organization: Option<WrittenOrganization>,
    accounts: Entries<AccountId, WrittenAccount>,
    #[serde(default)]
    visibility: Count,
    #[serde(default)]
    meanwhile: Vec<WrittenChange>,
    #[serde(default)]
    faults: Vec<WrittenFault>,
    #[serde(default)]
    limits: bool,
    latency: Option<Pause>,
    credentials_last: Option<Pause>,
    #[serde(default)]
    clock: ClockOffset,
    not_enabled_http_status: Option<Spanned<u16>>,
}

/// A parser budget for ten thousand accounts, each with a session in every Region.
fn budget() -> Budget {
    let mut budget = Budget::default();
    budget.max_events = 20_000_000;
    budget.max_nodes = 10_000_000;
    budget
}

impl WrittenWorld {
    fn check(self) -> Result<World, Contradiction> {
        if self.version.value != 1 {
            let cause = format!("version {} of the world file is not known; this one is 1", self.version.value);
            return Err(Contradiction { at: self.version.referenced, cause });
        }
        let organization = self.organization.map(|written| written.check(&self.accounts)).transpose()?;
        let known = self.accounts.0.iter().map(|(id, account)| (id.value, account.is_in_organization())).collect();
        let context = AccountContext { organization: organization.as_ref(), accounts: &known };
        let mut accounts = BTreeMap::new();
        for (id, account) in self.accounts.0 {
            // The parser takes a number and the same in quotes for two keys.
            if accounts.insert(id.value, account.check(id.value, &context)?).is_some() {
                let cause = format!("account {} is in the file twice", id.value);
                return Err(Contradiction { at: id.referenced, cause });
            }
        }
        if !accounts.contains_key(&self.caller.value) {
            let cause = format!("the caller's account {} is not among the accounts", self.caller.value);
            return Err(Contradiction { at: self.caller.referenced, cause });
        }
        let not_enabled_status = match self.not_enabled_http_status {
            None => StatusCode::FORBIDDEN,
            Some(status) if status.value == 403 => StatusCode::FORBIDDEN,
            Some(status) if status.value == 401 => StatusCode::UNAUTHORIZED,
            Some(status) => {
                let cause = format!("not_enabled_http_status is 403 or 401, not {}", status.value);
                return Err(Contradiction { at: status.referenced, cause });
            }
        };
        let in_organization = accounts.values().filter(|account| account.parent.is_some());
        let administrations = in_organization.filter_map(|account| account.administration.as_ref());
        let macie_administrators = delegated_administrators(organization.as_ref(), administrations);
        let named = accounts.values().filter_map(|account| Some(account.administration?.administrator));
        Ok(World {
            caller: self.caller.value,
            members: MemberIndex::new(&accounts),
            administrators: named.chain(macie_administrators.iter().copied()).collect(),
            macie_administrators,
            organization,
            visibility: self.visibility.0,
            concurrent_changes: concurrent_changes(self.meanwhile, &accounts)?,
            accounts,
            faults: self.faults.into_iter().map(WrittenFault::check).collect::<Result<_, _>>()?,
            limits: self.limits,
            latency: self.latency.map_or(Duration::ZERO, |Pause(length)| length),
            credentials_last: self.credentials_last.map(|Pause(length)| length),
            clock: self.clock.0,
            not_enabled_status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::world::session::{SessionConfig, SessionStatus};

    #[test]
    fn the_example_of_the_documentation_is_a_world() {
        let world = World::parse(include_str!("../example.yaml"), "../example.yaml").expect("a valid world");
        assert_eq!(world.caller().to_string(), "999988887777");
        let account = world.account("111122223333".parse().expect("an id")).expect("the account");
        let region = |code: &str| code.parse().expect("a Region");
        let status = |code: &str| account.session_at_start(region(code)).map(|session: SessionConfig| session.status);
        assert_eq!(status("eu-west-1"), Some(SessionStatus::Paused));
        assert_eq!(status("eu-west-2"), Some(SessionStatus::Enabled));
        assert_eq!(status("us-west-2"), None);
        assert!(account.is_on(region("me-south-1")) && !account.is_on(region("af-south-1")));
        assert!(account.trusts("audit/DriftlineApply", Some("migration-7")));
        assert!(!account.trusts("DriftlineApply", Some("migration-7")), "a path is part of the role");
        assert!(!account.trusts("DriftlineRead", None));
        assert_eq!(
            ["eu-central-1", "eu-west-2", "us-west-2"].map(|code| {
                let region = region(code);
                account.jobs_at_start(region, account.session_at_start(region))
            }),
            [3, 1, 0]
        );
        assert!(account.permissions.allow("DriftlineRead", "account:ListRegions"));
        assert!(!account.permissions.allow("DriftlineRead", "macie2:EnableMacie"));
        assert!(account.permissions.allow("audit/DriftlineApply", "macie2:EnableMacie"), "it is not listed");
        assert_eq!(world.macie_administrators().iter().map(ToString::to_string).collect::<Vec<_>>(), ["999988887777"]);
    }

    #[test]
    fn an_account_id_without_quotes_keeps_its_leading_zero() {
        let world = World::parse("version: 1\ncaller: 012345678901\naccounts: {012345678901: {}}", "w.yaml");
        assert_eq!(world.expect("a valid world").caller().to_string(), "012345678901");
    }

    #[test]
    fn ten_thousand_accounts_fit_in() {
        let roles = ["Reader"; 25].join(", ");
        let accounts = (0..10_000_u64).map(|number| format!("'{}': {{roles: [{roles}]}}", 100_000_000_000 + number));
        let accounts = accounts.collect::<Vec<_>>().join(", ");
        let text = format!("{{version: 1, caller: '100000000000', accounts: {{{accounts}}}}}");
        let world = World::parse(&text, "w.yaml").expect("more nodes than the parser allows by default");
        assert_eq!(world.accounts.len(), 10_000);
    }
}
