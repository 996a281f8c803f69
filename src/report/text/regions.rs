//! Targets of an account in one line: their Regions, and the resources unless it is every declared one.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Resource;
use crate::report::model::Target;

/// Targets that share a line.
pub(super) struct RegionGroup {
    /// Their Regions, in a list.
    pub(super) regions: String,
    /// The number of Regions.
    pub(super) count: usize,
    /// Their resources, with a space behind; empty where the targets are all that is declared in these Regions.
    pub(super) resources: String,
}

/// The Regions of targets, those with the same resources together. `all` holds every target of the account.
pub(super) fn by_resources<'t>(
    targets: impl Iterator<Item = &'t Target<'t>>,
    all: impl Iterator<Item = &'t Target<'t>>,
) -> Vec<RegionGroup> {
    type Resources<'t> = BTreeMap<&'t str, BTreeSet<Resource>>;
    let collect = |targets: &mut dyn Iterator<Item = &'t Target<'t>>| {
        let mut resources = Resources::new();
        for target in targets {
            resources.entry(target.region.as_str()).or_default().insert(target.resource);
        }
        resources
    };
    let (mut targets, mut all) = (targets, all);
    let (found, declared) = (collect(&mut targets), collect(&mut all));
    let mut groups: BTreeMap<Option<BTreeSet<Resource>>, Vec<&str>> = BTreeMap::new();
    for (region, resources) in found {
        let is_everything = declared.get(region) == Some(&resources);
        groups.entry((!is_everything).then_some(resources)).or_default().push(region);
    }
    let group = |(resources, regions): (Option<BTreeSet<Resource>>, Vec<&str>)| {
        let nouns: Vec<&str> = resources.iter().flatten().map(|resource| resource.noun()).collect();
        let space = if nouns.is_empty() { "" } else { " " };
        RegionGroup {
            regions: regions.join(", "),
            count: regions.len(),
            resources: format!("{}{space}", nouns.join(", ")),
        }
    };
    groups.into_iter().map(group).collect()
}
