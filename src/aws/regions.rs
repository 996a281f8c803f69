//! Which Regions are on for an account.

use std::collections::BTreeMap;

use aws_sdk_account::types::{Region as ListedRegion, RegionOptStatus};

use crate::model::Region;

/// Whether a Region is on for an account.
///
/// Source: AWS Account Management API Reference, ListRegions, `RegionOptStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionState {
    /// `ENABLED` or `ENABLED_BY_DEFAULT`.
    On,
    /// `ENABLING` or `DISABLING`: it may take hours until every service does or does not take the account's tokens.
    Changing,
    /// `DISABLED`.
    Off,
}

/// What account:ListRegions says of an account. A Region that is not in it, or whose status is an unknown word, has no state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegionStates(BTreeMap<Region, RegionState>);

impl RegionStates {
    /// The state of a Region, where there is one.
    pub fn get(&self, region: &Region) -> Option<RegionState> {
        self.0.get(region).copied()
    }

    /// The Regions that have a state, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&Region, RegionState)> {
        self.0.iter().map(|(region, state)| (region, *state))
    }

    pub(super) fn from_listing(listed: &[ListedRegion]) -> Self {
        let states = listed.iter().filter_map(|listed| {
            let state = match listed.region_opt_status()? {
                RegionOptStatus::Enabled | RegionOptStatus::EnabledByDefault => RegionState::On,
                RegionOptStatus::Enabling | RegionOptStatus::Disabling => RegionState::Changing,
                RegionOptStatus::Disabled => RegionState::Off,
                _ => return None,
            };
            Some((listed.region_name()?.parse().ok()?, state))
        });
        Self(states.collect())
    }
}
