//! The organization of these tests, and what a policy comes to in it.
//!
//! ```text
//! root ── management
//! ├── Workloads (ou-root-aaaaaaaa)
//! │   ├── Prod (ou-root-bbbbbbbb) ── payments-prod, ledger-prod
//! │   └── Test (ou-root-cccccccc) ── payments-test
//! └── Sandbox (ou-root-dddddddd) ── sandbox-anna
//! ```

use driftline::diagnostic::{Code, Diagnostic, Diagnostics, Level, Rendering, Sources, render};
use driftline::model::{Account, DesiredState, DesiredTarget, Inventory, InventoryFields, RegionTable, Unit};
use driftline::policy::{load, resolve};
use driftline::resource::catalog;

const WORKLOADS: (&str, &str) = ("ou-root-aaaaaaaa", "Workloads");
const PROD: (&str, &str) = ("ou-root-bbbbbbbb", "Prod");
const TEST: (&str, &str) = ("ou-root-cccccccc", "Test");
const SANDBOX: (&str, &str) = ("ou-root-dddddddd", "Sandbox");

/// Id, name, units, tags.
type Row =
    (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

const ACCOUNTS: [Row; 5] = [
    ("111111111111", "payments-prod", &[WORKLOADS, PROD], &[("env", "prod"), ("team", "payments")]),
    ("222222222222", "ledger-prod", &[WORKLOADS, PROD], &[("env", "prod"), ("team", "ledger")]),
    ("333333333333", "payments-test", &[WORKLOADS, TEST], &[("env", "test"), ("team", "payments")]),
    ("444444444444", "sandbox-anna", &[SANDBOX], &[]),
    ("555555555555", "management", &[], &[("team", "")]),
];

/// The Regions of the inventory.
pub(crate) const REGIONS: [&str; 2] = ["eu-central-1", "us-east-1"];

/// Everything that an inventory can know.
pub(crate) const ALL: InventoryFields = InventoryFields { names: true, units: true, tags: true };

/// The organization, as far as `knowledge` goes.
pub(crate) fn organization(knowledge: InventoryFields) -> Inventory {
    let account = |(id, name, units, tags): Row| Account {
        name: knowledge.names.then(|| name.into()),
        units: units
            .iter()
            .filter(|_| knowledge.units)
            .map(|(id, name)| Unit { id: (*id).into(), name: (*name).into() })
            .collect(),
        tags: tags.iter().filter(|_| knowledge.tags).map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        ..Account::from_id(id.parse().expect("an id"))
    };
    let regions = REGIONS.iter().map(|region| region.parse().expect("a Region")).collect();
    Inventory::new(ACCOUNTS.into_iter().map(account).collect(), knowledge, regions)
}

/// What a policy comes to.
pub(crate) struct Outcome {
    pub(crate) desired: DesiredState,
    told: Diagnostics,
    sources: Sources,
}

impl Outcome {
    /// Everything that is told, as a person reads it.
    pub(crate) fn text(&self) -> String {
        render(&self.told, &self.sources, Rendering { colour: false, width: 300 })
    }

    /// Everything that is told, by place.
    pub(crate) fn reported(&self) -> Vec<&Diagnostic> {
        self.told.sorted(&self.sources)
    }

    /// The codes of what is told, by place.
    pub(crate) fn codes(&self) -> Vec<Code> {
        self.reported().into_iter().map(|diagnostic| diagnostic.code).collect()
    }

    /// What stands in the file at the places of a diagnostic.
    pub(crate) fn marked(&self, diagnostic: &Diagnostic) -> Vec<&str> {
        let text = |label: &driftline::diagnostic::Label| {
            self.sources.get(label.span.source).slice(label.span.start, label.span.end)
        };
        diagnostic.labels.iter().map(text).collect()
    }

    /// That nothing at all is told.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        assert!(self.told.is_empty(), "{}", self.text());
    }

    /// The errors.
    pub(crate) fn errors(&self) -> Vec<&Diagnostic> {
        self.reported().into_iter().filter(|diagnostic| diagnostic.level == Level::Error).collect()
    }

    /// The target in Frankfurt of the account of that name.
    pub(crate) fn in_frankfurt(&self, name: &str) -> Option<&DesiredTarget> {
        let (id, ..) = ACCOUNTS.into_iter().find(|row| row.1 == name).expect("an account");
        let found = self.desired.targets().iter();
        found.into_iter().find(|target| target.account.to_string() == id && target.region.as_str() == REGIONS[0])
    }

    /// The names of the accounts that are targets in a Region.
    pub(crate) fn accounts_in(&self, region: &str) -> Vec<&'static str> {
        let targets: Vec<String> = self
            .desired
            .targets()
            .iter()
            .filter(|target| target.region.as_str() == region)
            .map(|target| target.account.to_string())
            .collect();
        ACCOUNTS.into_iter().filter(|(id, ..)| targets.iter().any(|target| target == id)).map(|row| row.1).collect()
    }
}

/// What a policy, without its version, comes to in an inventory.
pub(crate) fn resolved_in(inventory: &Inventory, policy: &str) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("policy.yaml"), format!("version: 1\n{policy}\n")).expect("a file");
    let (table, mut sources, mut told) = (RegionTable::bundled(), Sources::default(), Diagnostics::default());
    let set = load(&[folder.path().to_owned()], folder.path(), catalog(&table), &mut sources, &mut told);
    assert!(!told.has_errors(), "{policy}\n{}", render(&told, &sources, Rendering { colour: false, width: 200 }));
    let desired = resolve(&set, inventory, &mut told);
    Outcome { desired, told, sources }
}

/// What declarations come to in the whole organization; each is the inside of a table in YAML's flow style.
pub(crate) fn declared(declarations: &[&str]) -> Outcome {
    resolved_in(&organization(ALL), &sessions(declarations))
}

/// Declarations as a policy, without its version.
pub(crate) fn sessions(declarations: &[&str]) -> String {
    let lines: Vec<String> = declarations.iter().map(|declaration| format!("  - {{{declaration}}}\n")).collect();
    format!("macie_sessions:\n{}", lines.concat())
}
