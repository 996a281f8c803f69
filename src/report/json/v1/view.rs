//! What every format is drawn from: the findings of this run, or those of a report that was saved.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::from_run;
use super::head::{Run, Tool, Unreached};
use super::target::Target;
use super::waivers::WaiverUseResult;
use crate::aws::RequestCounts;
use crate::drift::{BaseFacts, Ledger, Verdict};
use crate::report::{Changes, History, Report};

/// A report as every format sees it.
#[derive(Debug)]
pub struct View<'a> {
    /// The program that made it.
    pub tool: Tool<'a>,
    /// How the run came about.
    pub run: Run<'a>,
    /// What the whole amounts to.
    pub verdict: Verdict,
    /// The count of each outcome.
    pub ledger: Ledger,
    /// The requests that it took.
    pub requests: RequestCounts,
    /// Every waiver of the policies, by place.
    pub waivers: Vec<WaiverUseResult<'a>>,
    /// The accounts of the inventory that no declaration reaches, sorted by id.
    pub unreached: Vec<Unreached<'a>>,
    /// What has changed since an earlier report, where one was compared with.
    pub changes: Option<Changes>,
    /// The git revision whose policies these were compared with, where they were.
    pub base: Option<BaseFacts>,
    /// Every declared target exactly once, sorted by account, then Region.
    pub targets: Targets<'a>,
}

/// The targets of a report. Those of a run are converted one by one: there may be hundreds of thousands.
#[derive(Debug)]
pub enum Targets<'a> {
    /// Of this run, and an earlier report to hold them against.
    Live(&'a Report, Option<&'a History>),
    /// Of a report that was saved.
    Saved(Vec<Target<'a>>),
}

impl<'a> From<&'a Report> for View<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            tool: from_run::tool(),
            run: from_run::run(&report.run),
            verdict: report.comparison.verdict(),
            ledger: report.comparison.ledger(),
            requests: report.requests,
            waivers: report.comparison.waivers().iter().map(from_run::used).collect(),
            unreached: report.unreached().map(from_run::unreached).collect(),
            changes: None,
            base: report.base.as_ref().map(|base| base.facts(&report.comparison)),
            targets: Targets::Live(report, None),
        }
    }
}

impl<'a> View<'a> {
    /// The same report, held against an earlier one; `None` if there is none that could be read, so that all is new.
    #[must_use]
    pub fn since(mut self, history: Option<&'a History>) -> Self {
        if let (Targets::Live(report, _), Some(history)) = (&self.targets, history) {
            self.targets = Targets::Live(report, Some(history));
        }
        self.changes = Some(Changes::between(history, &self));
        self
    }
}

impl Targets<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Live(report, _) => report.comparison.len(),
            Self::Saved(targets) => targets.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The targets, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, Target<'_>>> {
        (0..self.len()).filter_map(|nth| self.get(nth))
    }

    /// The target at a place in the order.
    pub fn get(&self, nth: usize) -> Option<Cow<'_, Target<'_>>> {
        match self {
            Self::Live(report, history) => {
                let finding = report.comparison.get(nth)?;
                let mut target = from_run::target(finding, &report.accounts, report.base.as_ref());
                target.read_at = report.run.read_at(nth).map(from_run::seconds);
                if let Some(history) = history {
                    history.mark(&mut target, &from_run::seconds(report.run.finished_at));
                }
                Some(Cow::Owned(target))
            }
            Self::Saved(targets) => targets.get(nth).map(Cow::Borrowed),
        }
    }
}

impl View<'_> {
    /// The day by which waivers were judged, in UTC; `None` if the report does not say in a way that is understood.
    pub fn today(&self) -> Option<Date> {
        match &self.run.as_of {
            Some(day) => day.parse().ok(),
            None => self.run.started_at.parse::<Timestamp>().ok().map(|moment| moment.to_zoned(TimeZone::UTC).date()),
        }
    }
}
