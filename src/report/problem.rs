//! What a report has to say of a target beyond that all is well: the items that every format lists.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::remediation::advice;
use super::{ChangeMark, Rule, SettingResult, Target, UnreadResult, View};
use crate::model::{Origin, Severity};
use crate::resource::Outcome;

/// One problem: a setting of a target that drifts, waived or not, or a target that could not be read.
#[derive(Debug, Clone)]
pub struct Problem<'a> {
    /// The target.
    pub target: Cow<'a, Target<'a>>,
    /// What is wrong.
    pub what: ProblemKind,
}

/// Where to look: a file, and a line and columns in it, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProblemLocation<'a> {
    /// The policy file, as the report names it.
    pub file: &'a str,
    /// The line.
    pub line: u32,
    /// The column, counted in characters.
    pub column: u32,
    /// The column after the last one. How long a value is in the file is not known: where one word is accepted it is taken
    /// for what stands there, and a list shows its beginning.
    pub end_column: u32,
}

/// What is wrong, by its place in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The setting at this place drifts, and nothing covers that.
    Drift(usize),
    /// The setting at this place drifts, and a waiver covers that.
    Waived(usize),
    /// Nothing is known of the target.
    Unread,
}

/// Every problem of a report, by account, Region and setting.
pub fn problems<'a>(view: &'a View<'_>) -> impl Iterator<Item = Problem<'a>> {
    view.targets.iter().flat_map(|target| {
        let found: Vec<ProblemKind> = Problem::all_of(&target).collect();
        found.into_iter().map(move |what| Problem { target: target.clone(), what })
    })
}

impl Problem<'_> {
    /// What is wrong with a target: that it is unread, or each setting that drifts.
    pub(super) fn all_of<'t>(target: &'t Target<'_>) -> impl Iterator<Item = ProblemKind> + 't {
        let unread = target.unread.is_some().then_some(ProblemKind::Unread);
        let of_setting = |(place, setting): (usize, &SettingResult<'_>)| match setting.outcome {
            Outcome::Drifted => Some(ProblemKind::Drift(place)),
            Outcome::Waived => Some(ProblemKind::Waived(place)),
            Outcome::InSync | Outcome::NotApplicable | Outcome::Unread => None,
        };
        unread.into_iter().chain(target.settings.iter().enumerate().filter_map(of_setting))
    }

    /// What has become of it since an earlier report, where one was compared with.
    pub fn mark(&self) -> Option<ChangeMark> {
        match (self.setting(), self.unread()) {
            (Some(setting), _) => setting.mark,
            (None, unread) => unread.and_then(|unread| unread.mark),
        }
    }

    /// Since when it has been there, where that is known.
    pub fn since(&self) -> Option<&str> {
        match (self.setting(), self.unread()) {
            (Some(setting), _) => setting.since.as_deref(),
            (None, unread) => unread.and_then(|unread| unread.since.as_deref()),
        }
    }
}

/// The problems that count, the most severe first, else by account, Region and setting: for the formats that can hold only so
/// many. What is waived does not count.
pub fn worst_first<'a>(view: &'a View<'_>) -> Vec<Problem<'a>> {
    let mut problems: Vec<Problem<'a>> =
        problems(view).filter(|problem| !matches!(problem.what, ProblemKind::Waived(_))).collect();
    problems.sort_by_key(|problem| Reverse(problem.severity()));
    problems
}

impl Problem<'_> {
    /// The setting that it is about; `None` where nothing is known of the whole target.
    pub fn setting(&self) -> Option<&SettingResult<'_>> {
        match self.what {
            ProblemKind::Drift(place) | ProblemKind::Waived(place) => self.target.settings.get(place),
            ProblemKind::Unread => None,
        }
    }

    /// Why nothing is known; `None` where something is.
    pub fn unread(&self) -> Option<&UnreadResult<'_>> {
        self.target.unread.as_ref().filter(|_| self.what == ProblemKind::Unread)
    }

    /// What it is about.
    pub fn rule(&self) -> Option<Rule> {
        match self.what {
            ProblemKind::Drift(_) | ProblemKind::Waived(_) => {
                self.setting().map(|setting| Rule::Drift(setting.setting))
            }
            ProblemKind::Unread => self.unread().map(|unread| Rule::Unread(unread.reason)),
        }
    }

    /// How much it matters. Of what is unread nobody knows; it counts as the declarations about the target do, the greatest
    /// first, and at least as medium.
    pub fn severity(&self) -> Severity {
        match self.setting() {
            Some(setting) => setting.severity,
            None => self
                .target
                .settings
                .iter()
                .map(|setting| setting.severity)
                .max()
                .unwrap_or_default()
                .max(Severity::Medium),
        }
    }

    /// The declaration to look at: that of the setting, or the first one about the target.
    pub fn origin(&self) -> Option<&Origin> {
        let setting = self.setting().or_else(|| self.target.settings.first())?;
        Some(&setting.origin)
    }

    /// Where to look; the beginning of the first policy file where no declaration is known.
    pub fn place<'p>(&'p self, view: &'p View<'_>) -> ProblemLocation<'p> {
        let Some(setting) = self.setting().or_else(|| self.target.settings.first()) else {
            return ProblemLocation::beginning(view);
        };
        let origin = &setting.origin;
        let length = match setting.desired.as_slice() {
            [word] => u32::try_from(word.chars().count()).unwrap_or(1).max(1),
            _ => 1,
        };
        let column = origin.column.max(1);
        ProblemLocation {
            file: &origin.file,
            line: origin.line.max(1),
            column,
            end_column: column.saturating_add(length),
        }
    }

    /// The identity of the result, in hexadecimal digits.
    pub fn identity(&self) -> Option<String> {
        self.rule().map(|rule| rule.identity(self.target.account, &self.target.region))
    }

    /// The problem in one sentence, with what somebody else wrote in single quotes. It is not escaped for any format.
    pub fn sentence(&self) -> String {
        let place = format!("Account '{}' Region '{}'", self.target.account, self.target.region);
        match (self.setting(), self.unread()) {
            (Some(setting), _) => {
                let live = setting.live.as_deref().unwrap_or("unknown");
                format!("{place}: {} is '{live}', the policy wants '{}'.", setting.setting.key(), setting.wanted())
            }
            (None, Some(unread)) => {
                let said = unread.describe();
                let said = if said.is_empty() { String::new() } else { format!(": '{said}'") };
                format!("{place}: the session could not be read ({}){said}.", unread.reason.as_str())
            }
            (None, None) => format!("{place}: unknown."),
        }
    }

    /// What a person can do about what is unread.
    pub fn remediation(&self) -> Option<String> {
        self.unread().map(|unread| advice(unread, self.target.account, self.target.account_state))
    }
}

impl<'a> ProblemLocation<'a> {
    /// The beginning of the first policy file: the place of what is about none in particular.
    pub fn beginning(view: &'a View<'_>) -> Self {
        let file = view.run.policy_files.first().map_or("driftline.toml", |file| file.as_ref());
        Self { file, line: 1, column: 1, end_column: 2 }
    }
}
