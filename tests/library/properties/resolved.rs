//! What the program makes of some files.

use std::collections::BTreeSet;

use driftline::diagnostic::{Code, Diagnostic, Diagnostics, Level, Sources, Span};
use driftline::model::{Candidate, DesiredState, RegionTable};
use driftline::policy::{load, resolve};
use driftline::resource::{catalog, settings};

use super::contract::{Dispute, Wish, Wishes};
use super::organization::inventory;

/// What came of some files.
pub(crate) struct Resolved {
    pub(crate) desired: DesiredState,
    told: Diagnostics,
    sources: Sources,
}

impl Resolved {
    /// The errors, by place.
    pub(crate) fn errors(&self) -> Vec<&Diagnostic> {
        self.of_level(Level::Error)
    }

    fn of_level(&self, level: Level) -> Vec<&Diagnostic> {
        self.told.sorted(&self.sources).into_iter().filter(|diagnostic| diagnostic.level == level).collect()
    }

    /// The doubts without their places, sorted.
    pub(crate) fn doubts(&self) -> Vec<(Code, String)> {
        let doubts = self.of_level(Level::Warning).into_iter();
        let mut doubts: Vec<_> = doubts.map(|doubt| (doubt.code, doubt.message.clone())).collect();
        doubts.sort();
        doubts
    }

    /// The disputes that are told, each with the target that stands for all where there is one.
    pub(crate) fn disputes(&self) -> BTreeSet<(Dispute, String)> {
        let dispute = |error: &Diagnostic| {
            let mut names: Vec<String> = error.labels.iter().map(|label| self.declaration_at(label.span)).collect();
            names.sort();
            let [one, two] = names.try_into().expect("two places");
            let setting = settings().iter().find(|setting| error.message.contains(&format!("`{setting}`")));
            let target = error.message.split(" in ").nth(1).and_then(|rest| rest.split(',').next()).expect("a target");
            ((one, two, setting.expect("a setting")), target.to_owned())
        };
        self.errors().into_iter().map(dispute).collect()
    }

    /// The name of the declaration at a place.
    fn declaration_at(&self, span: Span) -> String {
        let before = self.sources.get(span.source).slice(0, span.start);
        let name = &before[before.rfind("declaration ").expect("a name before the setting")..];
        name.chars().take_while(|letter| *letter != '"').collect()
    }

    /// What is wanted, told without places and in no order.
    pub(crate) fn declared(&self) -> Wishes {
        let name = |candidate: &Candidate| candidate.origin.declaration.clone().expect("every declaration has a name");
        let mut declared = Wishes::new();
        for target in self.desired.targets() {
            for desired in &target.declared.settings {
                let key = (target.account.to_string(), target.region.to_string(), desired.setting);
                let told = Wish {
                    accepted: desired.decided.accepted.texts().map(|text| text.into_owned()).collect(),
                    severity: desired.severity.as_str(),
                    standing: desired.agreeing.iter().chain([&desired.decided]).map(name).collect(),
                    beaten: desired.overridden.iter().map(name).collect(),
                    region_named: target.declared.region_named,
                    waivers: desired.waivers.iter().map(|waiver| waiver.reason.to_string()).collect(),
                };
                assert!(declared.insert(key, told).is_none(), "each target and setting once");
            }
        }
        declared
    }

    /// The waivers without their places, sorted: reason, owner, last day, live values.
    pub(crate) fn waivers(&self) -> Vec<String> {
        let told = self.desired.waivers().iter().map(|waiver| {
            let values: Vec<_> = waiver.while_live.iter().map(|(_, value)| value.text()).collect();
            format!("{} {:?} {} {values:?}", waiver.reason, waiver.owner, waiver.expires)
        });
        let mut told: Vec<String> = told.collect();
        told.sort();
        told
    }
}

/// What comes of these files in the organization.
pub(crate) fn resolved(files: &[(&str, String)]) -> Resolved {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let (table, mut sources, mut told) = (RegionTable::bundled(), Sources::default(), Diagnostics::default());
    let set = load(&[folder.path().to_owned()], folder.path(), catalog(&table), &mut sources, &mut told);
    assert!(!told.has_errors(), "{files:?}: {:?}", told.sorted(&sources));
    let desired = resolve(&set, &inventory(), &mut told);
    Resolved { desired, told, sources }
}
