//! Any files of a policy set, from text to what is wanted of each target.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use driftline::diagnostic::{Code, Diagnostics, Level, Sources};
use driftline::drift::Comparison;
use driftline::model::{DesiredState, Inventory, InventoryFields, RegionTable};
use driftline::policy::{PolicySet, check_expiry, load, resolve};
use driftline::resource::catalog;
use tempfile::TempDir;

use super::organization::inventory;
use super::told::can_be_read;

/// Stands between two files in the bytes.
const BETWEEN: u8 = 0xff;

thread_local! {
    /// Where the files are for as long as they are read.
    static FOLDER: TempDir = tempfile::tempdir().expect("a folder");
}

static TABLE: LazyLock<RegionTable> = LazyLock::new(RegionTable::bundled);

/// What came of some files.
pub(crate) struct Resolved {
    pub(crate) set: PolicySet,
    pub(crate) desired: DesiredState,
    pub(crate) told: Diagnostics,
    pub(crate) sources: Sources,
}

/// What is tried of up to four files. The first byte says in which languages they are and what the inventory knows.
pub fn try_files(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let know = |bit: u8| choice & bit == 0;
    let knowledge = InventoryFields { names: know(1), units: know(2), tags: know(4) };
    let languages = ["yaml", "toml", "json", "yml"];
    let files: Vec<(String, &[u8])> = rest
        .split(|byte| *byte == BETWEEN)
        .take(4)
        .enumerate()
        .map(|(nth, text)| (format!("{nth}.{}", languages[(usize::from(choice >> 3) + nth) % 4]), text))
        .collect();
    holds(&files, &inventory(knowledge));
}

/// Loads and resolves the files, and looks at everything that comes of it. What is wanted is looked at only if nothing is
/// wrong.
pub(crate) fn holds(files: &[(String, &[u8])], inventory: &Inventory) -> Resolved {
    let (mut sources, mut told) = (Sources::default(), Diagnostics::default());
    let set = FOLDER.with(|folder| {
        let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
        for (path, (_, text)) in paths.iter().zip(files) {
            std::fs::write(path, text).expect("a file");
        }
        let set = load(&[folder.path().to_owned()], folder.path(), catalog(&TABLE), &mut sources, &mut told);
        for path in paths {
            std::fs::remove_file(path).expect("a file");
        }
        set
    });
    let is_valid = !told.has_errors();
    let mut desired = DesiredState::default();
    if is_valid {
        assert!(!set.declarations.is_empty(), "a green run over nothing");
        check_expiry(&set, jiff::civil::date(2027, 3, 31), &mut told);
        desired = resolve(&set, inventory, &mut told);
    }
    can_be_read(&told, &sources);
    if is_valid {
        let codes: BTreeSet<Code> = of_level(&told, &sources, Level::Error);
        assert!(codes.is_subset(&[Code::AmbiguousDeclarations, Code::SelectorNeedsInventory].into()), "{codes:?}");
        is_sound(&desired, inventory, codes.is_empty());
    }
    Resolved { set, desired, told, sources }
}

fn of_level(told: &Diagnostics, sources: &Sources, level: Level) -> BTreeSet<Code> {
    told.sorted(sources).into_iter().filter(|diagnostic| diagnostic.level == level).map(|it| it.code).collect()
}

/// Each target once and sorted, every setting decided by what nothing beats, and the ledger adds up.
fn is_sound(desired: &DesiredState, inventory: &Inventory, without_dispute: bool) {
    let targets: Vec<_> = desired.targets().iter().map(|target| target.target()).collect();
    assert!(targets.windows(2).all(|pair| pair[0] < pair[1]), "{targets:?}");
    for target in desired.targets() {
        assert!(inventory.account(target.account).is_some() && inventory.regions().contains(&target.region));
        assert!(!target.declared.settings.is_empty());
        for desired in &target.declared.settings {
            assert!(!desired.decided.accepted.items().is_empty());
            assert!(!desired.decided.accepted.has_placeholders());
            for other in &desired.agreeing {
                assert!(!other.specificity.overrides(desired.decided.specificity));
                assert!(!without_dispute || other.accepted == desired.decided.accepted);
            }
            for beaten in &desired.overridden {
                let mut standing = std::iter::once(&desired.decided).chain(&desired.agreeing);
                assert!(standing.any(|one| one.specificity.overrides(beaten.specificity)));
            }
        }
    }
    let count = targets.len();
    let comparison = Comparison::new(desired.clone(), Vec::new(), jiff::civil::date(2027, 3, 31));
    assert_eq!((comparison.ledger().declared, comparison.ledger().unread), (count, count), "without a reading, unread");
    assert_eq!(comparison.waivers().len(), desired.waivers().len());
}
