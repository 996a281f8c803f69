//! What became of each waiver.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::TargetFinding;
use crate::model::{ENDING_WITHIN_DAYS, Origin, Waiver, WaiverMatch};
use crate::resource::Outcome;

/// A waiver with what became of the settings that it selects, each counted once per target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverUse {
    /// The waiver.
    pub waiver: Arc<Waiver>,
    /// Whether it still covers, and for how long.
    pub state: WaiverState,
    /// Drift that it covers.
    pub covered: usize,
    /// Drift that nothing covers although it selects it: its last day is past, or the live value is another.
    pub uncovered: usize,
    /// What it could cover, and is as wanted.
    pub in_sync: usize,
    /// What it could cover, and nobody knows whether there is need.
    pub unread: usize,
}

/// Whether a waiver still covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaiverState {
    /// For more than two weeks.
    Active,
    /// For so many days more; 0 is today.
    Ending(i64),
    /// No longer: its last day was so many days ago.
    Expired(i64),
}

impl WaiverState {
    fn for_waiver(waiver: &Waiver, today: Date) -> Self {
        match waiver.days_left(today) {
            left if left < 0 => Self::Expired(-left),
            left if left <= ENDING_WITHIN_DAYS => Self::Ending(left),
            _ => Self::Active,
        }
    }

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ending(_) => "ending",
            Self::Expired(_) => "expired",
        }
    }
}

impl WaiverUse {
    /// Whether it covers drift, and selects settings that need no waiver besides.
    pub fn is_wide(&self) -> bool {
        self.covered > 0 && self.in_sync > 0
    }

    /// Whether it could end today without a difference: it covers nothing, and nothing that it selects is unknown.
    pub fn is_idle(&self) -> bool {
        self.covered == 0 && self.unread == 0
    }
}

/// What became of each waiver, by place.
pub(super) fn uses<'run>(
    waivers: &[Arc<Waiver>],
    targets: impl Iterator<Item = TargetFinding<'run>>,
    today: Date,
) -> Vec<WaiverUse> {
    let unused = |waiver: &Arc<Waiver>| WaiverUse {
        waiver: Arc::clone(waiver),
        state: WaiverState::for_waiver(waiver, today),
        covered: 0,
        uncovered: 0,
        in_sync: 0,
        unread: 0,
    };
    let mut by_place: BTreeMap<&Origin, WaiverUse> =
        waivers.iter().map(|waiver| (&waiver.origin, unused(waiver))).collect();
    for setting in targets.flat_map(TargetFinding::settings) {
        let covers = |waiver: &Waiver| {
            let live = setting.live.as_ref();
            live.is_some_and(|live| waiver.cover(setting.wish.setting, live, today) == WaiverMatch::Covers)
        };
        for waiver in &setting.wish.waivers {
            let Some(used) = by_place.get_mut(&waiver.origin) else { continue };
            let count = match setting.outcome {
                Outcome::Waived if covers(waiver) => &mut used.covered,
                Outcome::Drifted => &mut used.uncovered,
                Outcome::InSync => &mut used.in_sync,
                Outcome::Unread => &mut used.unread,
                // Covered by another one, or nothing that it could be about.
                Outcome::Waived | Outcome::NotApplicable => continue,
            };
            *count += 1;
        }
    }
    by_place.into_values().collect()
}
