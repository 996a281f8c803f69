//! The organization that laws are tried on: small enough that any two selectors are likely to meet.

use driftline::model::{Account, Inventory, InventoryFields, Unit};

/// An account of the organization.
pub(crate) struct Known {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// Ids and names, from below the root downwards.
    pub(crate) units: &'static [(&'static str, &'static str)],
    pub(crate) tags: &'static [(&'static str, &'static str)],
}

const WORK: (&str, &str) = ("ou-root-00000001", "Work");
const PROD: (&str, &str) = ("ou-root-00000002", "Prod");
const TEST: (&str, &str) = ("ou-root-00000003", "Test");
const LAB: (&str, &str) = ("ou-root-00000004", "Lab");

/// The accounts, sorted by id.
pub(crate) const ACCOUNTS: [Known; 4] = [
    Known { id: "000000000001", name: "alpha-prod", units: &[WORK, PROD], tags: &[("env", "prod")] },
    Known { id: "111122223333", name: "beta-prod", units: &[WORK, TEST], tags: &[("env", "test"), ("team", "a")] },
    Known { id: "222233334444", name: "gamma", units: &[LAB], tags: &[] },
    Known { id: "999988887777", name: "beta-lab", units: &[], tags: &[("team", "b")] },
];

/// An id beyond the organization.
pub(crate) const STRANGER: &str = "555555555555";

/// The Regions of the inventory.
pub(crate) const REGIONS: [&str; 4] = ["eu-central-1", "eu-west-1", "eu-west-2", "us-east-1"];

/// What may select accounts by id or name; the last two reach nobody.
pub(crate) const ACCOUNT_ITEMS: [&str; 10] = [
    ACCOUNTS[0].id,
    ACCOUNTS[1].id,
    ACCOUNTS[2].id,
    ACCOUNTS[3].id,
    "*-prod",
    "beta-*",
    "gamma",
    "*",
    STRANGER,
    "delta-*",
];

/// What may select units; the last reaches nobody.
pub(crate) const UNIT_ITEMS: [&str; 7] =
    ["Work", "Work/Prod", "Work/Test", "ou-root-00000002", "ou-root-00000001", "Lab", "Nowhere"];

/// What may select tags; the last reaches nobody.
pub(crate) const TAG_ITEMS: [&[(&str, &[&str])]; 6] = [
    &[("env", &["prod"])],
    &[("env", &["prod", "test"])],
    &[("team", &["a", "b"])],
    &[("env", &["test"]), ("team", &["a"])],
    &[("env", &["prod"]), ("team", &["a"])],
    &[("stage", &["live"])],
];

/// What may select Regions; the last reaches none.
pub(crate) const REGION_ITEMS: [&str; 8] =
    ["eu-central-1", "eu-west-1", "us-east-1", "eu-*", "*-1", "us-*", "eu-west-?", "ap-*"];

/// The inventory.
pub(crate) fn inventory() -> Inventory {
    let account = |known: &Known| Account {
        name: Some(known.name.into()),
        units: known.units.iter().map(|(id, name)| Unit { id: (*id).into(), name: (*name).into() }).collect(),
        tags: known.tags.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        ..Account::from_id(known.id.parse().expect("an id"))
    };
    let regions = REGIONS.iter().map(|region| region.parse().expect("a Region")).collect();
    Inventory::new(
        ACCOUNTS.iter().map(account).collect(),
        InventoryFields { names: true, units: true, tags: true },
        regions,
    )
}
