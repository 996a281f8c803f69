//! One declared setting of a target with what came of it: for the formats that list what is well beside what is not.

use std::borrow::Cow;

use crate::model::Severity;
use crate::report::{Basis, FormatOptions, Problem, ProblemKind, Rule, SettingResult, Target};
use crate::resource::Outcome;

/// One declared setting of a target with what came of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SettingRow<'a> {
    /// The target.
    pub(super) target: &'a Target<'a>,
    /// The setting.
    pub(super) setting: &'a SettingResult<'a>,
    place: usize,
}

impl<'a> SettingRow<'a> {
    /// Every declared setting of a target, in its order.
    pub(super) fn all_of(target: &'a Target<'a>) -> impl Iterator<Item = Self> {
        target.settings.iter().enumerate().map(move |(place, setting)| Self { target, setting, place })
    }

    /// What is checked.
    pub(super) fn check(&self) -> Rule {
        Rule::Drift(self.setting.setting)
    }

    /// What is checked, in words that fit every outcome.
    pub(super) fn title(&self) -> String {
        format!("The Macie session's {} should be as the policy wants it", self.setting.setting.key())
    }

    /// What the result is about: the setting, or the reason for which nothing is known of it.
    pub(super) fn rule(&self) -> Rule {
        self.problem().and_then(|problem| problem.rule()).unwrap_or(self.check())
    }

    /// How much it matters; `None` where all is well. Of what is unread nobody knows: at least as medium.
    pub(super) fn severity(&self) -> Option<Severity> {
        match self.setting.outcome {
            Outcome::InSync | Outcome::NotApplicable => None,
            Outcome::Drifted | Outcome::Waived => Some(self.setting.severity),
            Outcome::Unread => Some(self.setting.severity.max(Severity::Medium)),
        }
    }

    /// The result in one sentence, with what somebody else wrote in single quotes. It is not escaped for any format.
    pub(super) fn sentence(&self) -> String {
        let place = format!("Account '{}' Region '{}'", self.target.account, self.target.region);
        let (key, setting) = (self.setting.setting.key(), self.setting);
        match (self.problem(), &setting.waiver) {
            (Some(problem), Some(waiver)) => {
                format!("{} Waived up to {}: '{}'.", problem.sentence(), waiver.expires, waiver.reason)
            }
            (Some(problem), None) => problem.sentence(),
            (None, _) if setting.outcome == Outcome::NotApplicable => {
                format!("{place}: {key} does not apply{}.", self.why_not())
            }
            (None, _) => {
                let live = setting.live.as_deref().unwrap_or("unknown");
                format!("{place}: {key} is '{live}', as the policy wants.")
            }
        }
    }

    /// What a person can do about it; `None` where there is nothing to do.
    pub(super) fn remediation(&self, options: &FormatOptions) -> Option<String> {
        match self.setting.outcome {
            Outcome::InSync | Outcome::NotApplicable | Outcome::Waived => None,
            Outcome::Drifted => Some(format!(
                "Have the change planned and reviewed (driftline plan, driftline apply), or change the declaration at {}.",
                self.declared_at(options)
            )),
            Outcome::Unread => self.problem().and_then(|problem| problem.remediation()),
        }
    }

    /// The file and the line of the declaration that decides.
    pub(super) fn declared_at(&self, options: &FormatOptions) -> String {
        let origin = &self.setting.origin;
        format!("{}:{}", options.path(&origin.file), origin.line)
    }

    /// Why there is nothing that the setting could be about.
    fn why_not(&self) -> &'static str {
        match self.target.evidence.as_ref().map(|evidence| evidence.basis) {
            _ if self.target.live.is_some() => ", because Macie is not enabled",
            Some(Basis::RegionOff | Basis::RegionOffListed) => ", because the Region is off",
            Some(Basis::RegionOffInferred) => ", because the Region seems to be off",
            Some(Basis::NoMacieInRegion) => ", because there is no Macie in this Region",
            Some(Basis::Answer | Basis::Listed) | None => "",
        }
    }

    fn problem(&self) -> Option<Problem<'a>> {
        let what = match self.setting.outcome {
            Outcome::InSync | Outcome::NotApplicable => return None,
            Outcome::Drifted => ProblemKind::Drift(self.place),
            Outcome::Waived => ProblemKind::Waived(self.place),
            Outcome::Unread => ProblemKind::Unread,
        };
        Some(Problem { target: Cow::Borrowed(self.target), what })
    }
}
