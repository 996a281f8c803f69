//! What a policy set wants of each target, and where it says so.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Accepted, AccountId, Region, Resource, SettingId, Severity, Shard, Specificity, Target, Waiver};

/// Where a declaration states a setting: what a reader opens to change it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, schemars::JsonSchema)]
pub struct Origin {
    /// The policy file, as it is shown.
    pub file: String,
    /// The line of the value, from 1.
    pub line: u32,
    /// The column of the value, from 1, counted in characters.
    pub column: u32,
    /// The name of the declaration, if it has one.
    pub declaration: Option<String>,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}", self.file, self.line)
    }
}

/// A declaration's say about one setting of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is said.
    pub origin: Arc<Origin>,
    /// The values that are fine; `apply` sets the first.
    pub accepted: Accepted,
    /// How specific the declaration is for the target.
    pub specificity: Specificity,
}

/// What is wanted of one setting of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredSetting {
    /// The setting.
    pub setting: SettingId,
    /// How much a drift matters.
    pub severity: Severity,
    /// The declaration that decides. Where several that none beats agree, the first by place.
    pub decided: Candidate,
    /// The others that none beats; they want the same.
    pub agreeing: Vec<Candidate>,
    /// Those that a more specific one beats, by place.
    pub overridden: Vec<Candidate>,
    /// The waivers that select the target and the setting, by place, expired ones too.
    pub waivers: Vec<Arc<Waiver>>,
}

/// What is wanted of a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DesiredSettings {
    /// The declared settings, in rule order. Never empty.
    pub settings: Vec<DesiredSetting>,
    /// Whether a deciding declaration names the Region, as opposed to reaching it by a pattern or by "all".
    pub region_named: bool,
}

/// A target of which something is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredTarget {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The resource.
    pub resource: Resource,
    /// What is wanted. Targets under the same declarations share it.
    pub wish: Arc<DesiredSettings>,
}

/// What a policy set wants, target by target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DesiredState {
    targets: Vec<DesiredTarget>,
    waivers: Vec<Arc<Waiver>>,
}

impl DesiredTarget {
    /// The target without what is wanted of it.
    pub fn target(&self) -> Target {
        Target { account: self.account, region: self.region.clone(), resource: self.resource }
    }

    /// What targets sort by.
    pub fn sort_key(&self) -> (AccountId, &Region, Resource) {
        (self.account, &self.region, self.resource)
    }
}

impl DesiredState {
    /// The state of these targets, sorted by account, Region, resource.
    pub fn new(mut targets: Vec<DesiredTarget>) -> Self {
        if !targets.is_sorted_by(|one, two| one.sort_key() < two.sort_key()) {
            targets.sort_by(|one, two| one.sort_key().cmp(&two.sort_key()));
        }
        Self { targets, waivers: Vec::new() }
    }

    /// Adds the waivers of the policy set.
    #[must_use]
    pub fn with_waivers(mut self, waivers: Vec<Arc<Waiver>>) -> Self {
        self.waivers = waivers;
        self
    }

    /// The same, of one part of the accounts.
    #[must_use]
    pub fn for_shard(mut self, shard: Shard) -> Self {
        self.targets.retain(|target| shard.has(target.account));
        self
    }

    /// Every waiver of the policy set, by place, whether it selects a target or not.
    pub fn waivers(&self) -> &[Arc<Waiver>] {
        &self.waivers
    }

    /// Every declared target, sorted by account, Region, resource.
    pub fn targets(&self) -> &[DesiredTarget] {
        &self.targets
    }

    /// Gives targets, sorted as before, and waivers away.
    pub fn into_parts(self) -> (Vec<DesiredTarget>, Vec<Arc<Waiver>>) {
        (self.targets, self.waivers)
    }

    /// What is wanted of one target.
    pub fn find(&self, target: &Target) -> Option<&DesiredTarget> {
        let key = (target.account, &target.region, target.resource);
        let index = self.targets.binary_search_by(|probe| probe.sort_key().cmp(&key)).ok()?;
        self.targets.get(index)
    }
}
