//! Whether what a saved report says of changes fits the rest of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::changes::{ChangeMark, Changes, End, Resolved, end};
use super::previous::{Place, SESSION, place};
use crate::diagnostic::quote;
use crate::model::{Region, UnreadReason};
use crate::report::json::{time, time_until};
use crate::report::{Targets, View, problems};
use crate::resource::settings;

impl Changes {
    /// Says what does not fit, with the field that it stands in. The targets are known to be sorted.
    pub(in crate::report) fn check(&self, view: &View<'_>, finished: Timestamp) -> Result<(), String> {
        let Some(compared) = &self.compared_with else { return self.check_alone(view) };
        time_until(compared, finished).map_err(|what| format!("`compared_with`: {what}"))?;
        self.check_numbers(view)?;
        let mut seen: BTreeSet<Place> = problems(view).map(|problem| place(&problem)).collect();
        let lists = [("resolved", &self.resolved), ("carried", &self.carried)];
        for (list, nth, gone) in
            lists.into_iter().flat_map(|(name, list)| list.iter().enumerate().map(move |(nth, gone)| (name, nth, gone)))
        {
            let at = |what: String| format!("`{list}[{nth}]`: {what}");
            of_gone(gone, finished).map_err(at)?;
            let kind = kind(gone, view);
            if gone.kind != kind {
                return Err(at(format!("what is said of the target does not make its `kind` {}", word(gone.kind))));
            }
            if gone.undeclared != (kind == End::Undeclared) {
                return Err(at("its `undeclared` does not fit its `kind`".to_owned()));
            }
            if (list == "carried") != (kind == End::Unknown) {
                return Err(at(format!("what is {} does not stand there", word(kind))));
            }
            if !seen.insert((gone.account, gone.region.clone(), gone.setting.clone())) {
                return Err(at("the problem is still there, or stands twice".to_owned()));
            }
        }
        Ok(())
    }

    /// Without an earlier report there is nothing but news.
    fn check_alone(&self, view: &View<'_>) -> Result<(), String> {
        self.check_numbers(view)?;
        let is_alone = self.changed == 0
            && self.persisting == 0
            && self.resolved.is_empty()
            && self.carried.is_empty()
            && !self.clock_was_ahead;
        if is_alone { Ok(()) } else { Err("`compared_with`: it is null, and something has changed since".to_owned()) }
    }

    fn check_numbers(&self, view: &View<'_>) -> Result<(), String> {
        if let Some(told_at) = &self.last_notified {
            time(told_at).map_err(|what| format!("`told_at`: {what}"))?;
        }
        let (mut new, mut otherwise, mut persisting) = (0, 0, 0);
        for problem in problems(view) {
            match problem.mark() {
                Some(ChangeMark::Changed) => otherwise += 1,
                Some(ChangeMark::Persisting) => persisting += 1,
                Some(ChangeMark::New) | None => new += 1,
            }
        }
        if (new, otherwise, persisting) == (self.new, self.changed, self.persisting) {
            Ok(())
        } else {
            Err("it does not count what is new, changed and persisting".to_owned())
        }
    }
}

fn of_gone(gone: &Resolved, finished: Timestamp) -> Result<(), String> {
    time_until(&gone.since, finished).map_err(|what| format!("`since`: {what}"))?;
    if gone.region.parse::<Region>().is_err() {
        return Err(format!("\"{}\" is no Region", quote(&gone.region)));
    }
    let setting = settings().iter().find(|setting| setting.key() == gone.setting);
    if setting.is_none() && gone.setting != SESSION {
        return Err(format!("\"{}\" is no setting", quote(&gone.setting)));
    }
    let can_have_been = gone.was.split_once(' ').is_some_and(|(outcome, word)| match setting {
        Some(setting) => matches!(outcome, "drifted" | "waived") && setting.parse(word).is_some(),
        None => outcome == "unread" && UnreadReason::ALL.iter().any(|reason| reason.as_str() == word),
    });
    if can_have_been { Ok(()) } else { Err(format!("\"{}\" is nothing that a target can have been", quote(&gone.was))) }
}

/// Why the problem is not there any more, by what the report says of its target.
fn kind(gone: &Resolved, view: &View<'_>) -> End {
    let Targets::Saved(targets) = &view.targets else { return gone.kind };
    let key = (gone.account, &*gone.region);
    let found = targets.binary_search_by(|target| (target.account, &*target.region).cmp(&key));
    end(found.ok().and_then(|nth| targets.get(nth)), &gone.setting, &gone.was)
}

/// The word of the document.
fn word(kind: End) -> &'static str {
    match kind {
        End::DriftEnded => "drift_ended",
        End::Accepted => "accepted",
        End::ReadableAgain => "readable_again",
        End::NotApplicable => "not_applicable",
        End::Undeclared => "undeclared",
        End::Unknown => "unknown",
    }
}
