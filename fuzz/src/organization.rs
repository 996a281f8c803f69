//! The organization that policies are resolved against: every selector can reach something in it, and miss.

use driftline::model::{Account, Inventory, InventoryFields, Unit};

/// Id, name, path of units, tags.
type Row = (&'static str, &'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const ACCOUNTS: [Row; 5] = [
    ("012345678901", "ledger", &["Workloads", "Prod"], &[("env", "prod"), ("team", "ledger")]),
    ("111122223333", "payments-prod", &["Workloads", "Prod"], &[("env", "prod"), ("team", "payments")]),
    ("222233334444", "payments-test", &["Workloads", "Test"], &[("env", "test")]),
    ("444455556666", "sandbox", &["Sandbox"], &[]),
    ("999988887777", "management", &[], &[("env", "prod")]),
];

const REGIONS: [&str; 4] = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"];

/// The organization, as far as `knowledge` goes.
pub(crate) fn inventory(knowledge: InventoryFields) -> Inventory {
    let unit = |name: &&str| Unit { id: format!("ou-root-{:0>8}", name.to_lowercase()).into(), name: (*name).into() };
    let account = |(id, name, units, tags): Row| Account {
        name: knowledge.names.then(|| name.into()),
        units: units.iter().filter(|_| knowledge.units).map(unit).collect(),
        tags: tags.iter().filter(|_| knowledge.tags).map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        ..Account::from_id(id.parse().expect("an id"))
    };
    let regions = REGIONS.iter().map(|region| region.parse().expect("a Region")).collect();
    Inventory::new(ACCOUNTS.into_iter().map(account).collect(), knowledge, regions)
}
