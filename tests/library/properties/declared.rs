//! Any declarations and waivers, each valid by itself.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::organization::{ACCOUNT_ITEMS, REGION_ITEMS, TAG_ITEMS, UNIT_ITEMS};

/// What selects tags: keys, each with its values.
pub(crate) type Tags = &'static [(&'static str, &'static [&'static str])];

/// Selectors; `None` is none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) accounts: Option<Vec<&'static str>>,
    pub(crate) units: Option<Vec<&'static str>>,
    pub(crate) tags: Option<Tags>,
    pub(crate) regions: Option<Vec<&'static str>>,
}

/// A declaration.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) selection: Selection,
    pub(crate) except: Option<Selection>,
    pub(crate) status: Option<Vec<&'static str>>,
    pub(crate) frequency: Option<Vec<&'static str>>,
    pub(crate) severity: &'static str,
}

/// A waiver.
#[derive(Debug, Clone)]
pub(crate) struct Waived {
    /// Each has one of its own, by which it is told from the others.
    pub(crate) reason: String,
    pub(crate) selection: Selection,
    pub(crate) except: Option<Selection>,
    pub(crate) settings: Option<Vec<&'static str>>,
    pub(crate) while_live: Option<Vec<&'static str>>,
    pub(crate) expires: &'static str,
    pub(crate) owner: Option<&'static str>,
}

/// What one file or several hold.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) declarations: Vec<Declared>,
    pub(crate) waivers: Vec<Waived>,
}

/// The words of the settings.
pub(crate) const SETTINGS: [(&str, &[&str]); 2] = [
    ("status", &["ENABLED", "PAUSED", "NOT_ENABLED"]),
    ("finding_publishing_frequency", &["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"]),
];

/// Last days before, on and after 31 March 2027.
const DAYS: [&str; 5] = ["2026-12-31", "2027-03-30", "2027-03-31", "2027-04-01", "2030-01-01"];

impl Selection {
    fn is_empty(&self) -> bool {
        self.accounts.is_none() && self.units.is_none() && self.tags.is_none() && self.regions.is_none()
    }
}

fn selection() -> impl Strategy<Value = Selection> {
    (
        prop::option::weighted(0.5, subsequence(ACCOUNT_ITEMS.as_slice(), 1..=2)),
        prop::option::weighted(0.3, subsequence(UNIT_ITEMS.as_slice(), 1..=2)),
        prop::option::weighted(0.25, select(TAG_ITEMS.to_vec())),
        prop::option::weighted(0.5, subsequence(REGION_ITEMS.as_slice(), 1..=2)),
    )
        .prop_map(|(accounts, units, tags, regions)| Selection { accounts, units, tags, regions })
}

fn except() -> impl Strategy<Value = Option<Selection>> {
    let some = selection().prop_filter("an except selects something", |except| !except.is_empty());
    prop::option::weighted(0.3, some)
}

fn some_of(words: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(words, 1..=2).prop_shuffle()
}

fn declaration() -> impl Strategy<Value = Declared> {
    let settings = (prop::option::of(some_of(SETTINGS[0].1)), prop::option::of(some_of(SETTINGS[1].1)));
    let settings = settings.prop_filter("a declaration declares, and no frequency where there is no session", |it| {
        let never_on = it.0.as_ref().is_some_and(|status| status.iter().all(|word| *word == "NOT_ENABLED"));
        (it.0.is_some() || it.1.is_some()) && !(never_on && it.1.is_some())
    });
    (selection(), except(), settings, select(vec!["low", "medium", "high", "critical"])).prop_map(
        |(selection, except, (status, frequency), severity)| Declared {
            name: String::new(),
            selection,
            except,
            status,
            frequency,
            severity,
        },
    )
}

fn waiver() -> impl Strategy<Value = Waived> {
    let values = (some_of(SETTINGS[0].1), some_of(SETTINGS[1].1));
    let cover = (subsequence(vec![0, 1], 1..=2), any::<bool>(), any::<bool>(), values);
    let cover =
        cover.prop_map(|(settings, names_settings, names_values, (statuses, frequencies)): (Vec<usize>, _, _, _)| {
            let values = settings.iter().flat_map(|nth| if *nth == 0 { statuses.clone() } else { frequencies.clone() });
            (
                names_settings.then(|| settings.iter().map(|nth| SETTINGS[*nth].0).collect()),
                names_values.then(|| values.collect()),
            )
        });
    let owner = prop::option::of(Just("security@example.com"));
    (selection(), except(), cover, select(DAYS.to_vec()), owner).prop_map(
        |(selection, except, (settings, while_live), expires, owner)| Waived {
            reason: String::new(),
            selection,
            except,
            settings,
            while_live,
            expires,
            owner,
        },
    )
}

/// Up to six declarations and four waivers, each with a name of its own.
pub(crate) fn policies() -> impl Strategy<Value = Policy> {
    (prop::collection::vec(declaration(), 1..=6), prop::collection::vec(waiver(), 0..=4)).prop_map(
        |(mut declarations, mut waivers)| {
            for (nth, declaration) in declarations.iter_mut().enumerate() {
                declaration.name = format!("declaration {nth}");
            }
            for (nth, waiver) in waivers.iter_mut().enumerate() {
                waiver.reason = format!("waiver {nth}");
            }
            Policy { declarations, waivers }
        },
    )
}
