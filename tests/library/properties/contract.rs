//! The contract, read anew: what is wanted, and what is waived, without a look at how the program finds it.

use std::collections::{BTreeMap, BTreeSet};

use driftline::model::{Resource, SettingId};
use driftline::resource::settings;

use super::declared::{Declared, Policy, Selection, Waived};
use super::organization::{ACCOUNTS, Known, REGIONS};

/// What is wanted of one setting, told without places and in no order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) accepted: Vec<String>,
    pub(crate) severity: &'static str,
    pub(crate) standing: BTreeSet<String>,
    pub(crate) beaten: BTreeSet<String>,
    /// Of the target: whether a deciding declaration names the Region.
    pub(crate) region_named: bool,
    /// The reasons of the waivers that select it.
    pub(crate) waivers: BTreeSet<String>,
}

/// Account, Region and setting.
pub(crate) type Key = (String, String, SettingId);

pub(crate) type Wishes = BTreeMap<Key, Wish>;

/// Two names and a setting.
pub(crate) type Dispute = (String, String, SettingId);

/// A declaration, its values for a setting, and how closely it points at a target.
type Claim<'a> = (&'a Declared, &'a Vec<&'static str>, (u8, u8));

/// How closely a selection points at a Region that it names.
const NAMED: u8 = 2;

/// How closely a selection points at a target: (accounts, Regions).
fn reach(selection: &Selection, account: &Known, region: &str) -> Option<(u8, u8)> {
    // Everyone, then units by their depth, then tags and names, then ids.
    let (attribute, id) = (10, 11);
    let mut closest = 0;
    if let Some(items) = &selection.accounts {
        let reach = |item: &&str| match *item {
            "*" => Some(attribute),
            "*-prod" => account.name.ends_with("-prod").then_some(attribute),
            "beta-*" => account.name.starts_with("beta-").then_some(attribute),
            "gamma" => (account.name == "gamma").then_some(attribute),
            "delta-*" => None,
            other => (other == account.id).then_some(id),
        };
        closest = closest.max(items.iter().filter_map(reach).max()?);
    }
    if let Some(items) = &selection.units {
        let path: Vec<&str> = account.units.iter().map(|(_, name)| *name).collect();
        let reach = |item: &&str| match *item {
            "Work" | "ou-root-00000001" => path.starts_with(&["Work"]).then_some(1),
            "Lab" => path.starts_with(&["Lab"]).then_some(1),
            "Work/Prod" | "ou-root-00000002" => path.starts_with(&["Work", "Prod"]).then_some(2),
            "Work/Test" => path.starts_with(&["Work", "Test"]).then_some(2),
            _ => None,
        };
        closest = closest.max(items.iter().filter_map(reach).max()?);
    }
    if let Some(items) = selection.tags {
        let has =
            |(key, values): &(&str, &[&str])| account.tags.iter().any(|tag| tag.0 == *key && values.contains(&tag.1));
        if !items.iter().all(has) {
            return None;
        }
        closest = closest.max(attribute);
    }
    let item = |item: &&str| match *item {
        "eu-*" => region.starts_with("eu-").then_some(1),
        "us-*" => region.starts_with("us-").then_some(1),
        "*-1" => region.ends_with("-1").then_some(1),
        "eu-west-?" => region.starts_with("eu-west-").then_some(1),
        "ap-*" => None,
        name => (name == region).then_some(NAMED),
    };
    let regions = match &selection.regions {
        None => 0,
        Some(items) => items.iter().filter_map(item).max()?,
    };
    Some((closest, regions))
}

/// The same, but for what is excepted.
fn selected(selection: &Selection, except: Option<&Selection>, account: &Known, region: &str) -> Option<(u8, u8)> {
    let excepted = except.is_some_and(|except| reach(except, account, region).is_some());
    reach(selection, account, region).filter(|_| !excepted)
}

fn beats(one: (u8, u8), two: (u8, u8)) -> bool {
    one.0 >= two.0 && one.1 >= two.1 && one != two
}

fn is_for(waived: &Waived, setting: SettingId) -> bool {
    match (&waived.settings, &waived.while_live) {
        (Some(settings), _) => settings.contains(&setting.key()),
        (None, Some(values)) => values.iter().any(|word| setting.spec().kind.words().contains(word)),
        (None, None) => true,
    }
}

/// The waivers that select a setting of a target.
pub(crate) fn waivers<'a>(policy: &'a Policy, account: &str, region: &str, setting: SettingId) -> Vec<&'a Waived> {
    let account = ACCOUNTS.iter().find(|known| known.id == account).expect("an account");
    let selects = |waived: &&Waived| {
        is_for(waived, setting) && selected(&waived.selection, waived.except.as_ref(), account, region).is_some()
    };
    policy.waivers.iter().filter(selects).collect()
}

/// Whether a waiver covers a drift towards that value, as on 31 March 2027.
pub(crate) fn covers(waived: &Waived, live: &str) -> bool {
    // Days of this form sort as texts.
    waived.expires >= "2027-03-31" && waived.while_live.as_ref().is_none_or(|values| values.contains(&live))
}

/// What is wanted, and which pairs stand against each other.
pub(crate) fn expected(policy: &Policy) -> (Wishes, BTreeSet<Dispute>) {
    let (mut declared, mut disputes, mut by_name) = (Wishes::new(), BTreeSet::new(), BTreeSet::new());
    for (account, region) in ACCOUNTS.iter().flat_map(|account| REGIONS.map(|region| (account, region))) {
        for setting in settings().for_resource(Resource::MacieSession) {
            let claims: Vec<Claim<'_>> = policy
                .declarations
                .iter()
                .filter_map(|declared| {
                    let values = match setting.key() {
                        "status" => declared.status.as_ref()?,
                        "finding_publishing_frequency" => declared.frequency.as_ref()?,
                        _ => return None,
                    };
                    let reach = selected(&declared.selection, declared.except.as_ref(), account, region)?;
                    Some((declared, values, reach))
                })
                .collect();
            let is_beaten = |reach: (u8, u8)| claims.iter().any(|(_, _, other)| beats(*other, reach));
            let (beaten, standing): (Vec<_>, Vec<_>) = claims.iter().partition(|(_, _, reach)| is_beaten(*reach));
            for (one, values, _) in &standing {
                for (two, others, _) in &standing {
                    if values != others && one.name < two.name {
                        disputes.insert((one.name.clone(), two.name.clone(), setting));
                    }
                }
            }
            let Some((_, values, _)) = standing.first() else { continue };
            let severities = ["low", "medium", "high", "critical"];
            let severity = severities.into_iter().rfind(|word| standing.iter().any(|(it, _, _)| it.severity == *word));
            let names = |claims: &[Claim<'_>]| claims.iter().map(|(it, _, _)| it.name.clone()).collect();
            let waivers = waivers(policy, account.id, region, setting).into_iter();
            let desired = Wish {
                accepted: values.iter().map(ToString::to_string).collect(),
                severity: severity.expect("one of them"),
                standing: names(&standing),
                beaten: names(&beaten),
                region_named: false,
                waivers: waivers.map(|waived| waived.reason.clone()).collect(),
            };
            if standing.iter().any(|(_, _, reach)| reach.1 == NAMED) {
                by_name.insert((account.id.to_owned(), region.to_owned()));
            }
            declared.insert((account.id.to_owned(), region.to_owned(), setting), desired);
        }
    }
    for ((account, region, _), desired) in &mut declared {
        desired.region_named = by_name.contains(&(account.clone(), region.clone()));
    }
    (declared, disputes)
}
