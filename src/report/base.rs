//! What a change of the policies does about what is live: the policies of an earlier git revision beside those of today.

use super::Review;
use crate::drift::{BaseFacts, Comparison, SettingFinding, TargetFinding, outcome_of};
use crate::model::{DesiredSetting, DesiredState};
use crate::resource::Outcome;

/// What the policies of an earlier git revision want of the accounts of this run.
#[derive(Debug, Clone)]
pub struct BaseComparison {
    /// The revision, as it was named.
    pub revision: String,
    /// What its policies want.
    pub desired: DesiredState,
}

impl BaseComparison {
    /// What the change does about a setting of a target.
    pub(super) fn review(&self, finding: TargetFinding<'_>, setting: &SettingFinding<'_>) -> Option<Review> {
        let old = self.desired.find(&finding.desired.target());
        let old = old.and_then(|old| old.wish.settings.iter().find(|wish| wish.setting == setting.wish.setting));
        let drifted = old.is_some_and(|old| outcome_of(old, finding.reading, finding.today()) == Outcome::Drifted);
        match (drifted, setting.outcome) {
            (false, Outcome::Drifted) => Some(Review::Causes),
            (true, Outcome::Drifted) => Some(Review::Already),
            (true, Outcome::InSync | Outcome::Waived | Outcome::NotApplicable) => Some(Review::Fixes),
            _ => None,
        }
    }

    /// The revision, and what the new policies do not speak of any more.
    pub fn facts(&self, comparison: &Comparison) -> BaseFacts {
        let mut facts = BaseFacts {
            revision: self.revision.clone(),
            unmanaged: 0,
            no_longer_declared: 0,
            settings_no_longer_declared: 0,
        };
        for old in self.desired.targets() {
            let Some(finding) = comparison.find(old.account, &old.region) else {
                facts.no_longer_declared += 1;
                continue;
            };
            let is_wanted =
                |wish: &&DesiredSetting| finding.desired.wish.settings.iter().any(|now| now.setting == wish.setting);
            let dropped: Vec<&DesiredSetting> = old.wish.settings.iter().filter(|wish| !is_wanted(wish)).collect();
            facts.settings_no_longer_declared += dropped.len();
            let drifted = dropped
                .into_iter()
                .filter(|wish| outcome_of(wish, finding.reading, finding.today()) == Outcome::Drifted);
            facts.unmanaged += drifted.count();
        }
        facts
    }
}
