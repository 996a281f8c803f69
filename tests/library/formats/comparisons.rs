//! Any report that was compared with an earlier one and with earlier policies: each finding has a mark, a time and a review, and some
//! findings of the earlier report ended or are carried.

use std::borrow::Cow;
use std::collections::BTreeMap;

use driftline::drift::{BaseCounts, BaseFacts, Ledger};
use driftline::model::{Resource, Unread, UnreadReason};
use driftline::report::{
    ChangeMark, Changes, End, Expectation, Resolved, Review, SettingRow, Target, Targets, View, findings,
};
use driftline::resource::session_manager_sessions::{ViolatingSession, ViolatingSessions};
use driftline::resource::{Outcome, Reading, settings};
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

/// Targets, and what they were compared with.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    targets: Vec<Target<'static>>,
    changes: Changes,
    base: BaseFacts,
}

/// Random choices, one after the other.
struct Dice(std::iter::Cycle<std::vec::IntoIter<u8>>);

impl Dice {
    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.0.next().unwrap_or_default()) % choices.len()]
    }
}

/// The names of accounts are left out, so that the places of a line can be told from its text.
pub(crate) fn compared() -> impl Strategy<Value = Compared> {
    (super::any::targets(), vec(any::<u8>(), 64..128)).prop_map(|(targets, dice)| {
        let mut dice = Dice(dice.into_iter().cycle());
        let targets: Vec<Target<'_>> = targets.into_iter().map(|target| marked(target, &mut dice)).collect();
        let changes = changes(&targets, &mut dice);
        let mut counts = BaseCounts { unmanaged: 1, no_longer_declared: 2, ..BaseCounts::default() };
        let reviews = targets.iter().flat_map(|target| {
            target.review.into_iter().chain(target.settings.iter().filter_map(|row| row.review)).collect::<Vec<_>>()
        });
        for review in reviews {
            *match review {
                Review::Accepts => &mut counts.accepts,
                Review::Waives => &mut counts.waives,
                Review::Causes => &mut counts.causes,
                Review::Already => &mut counts.already,
            } += 1;
        }
        Compared { targets, changes, base: BaseFacts { revision: "main".to_owned(), counts } }
    })
}

impl Compared {
    /// The report of these targets, otherwise as another one.
    pub(crate) fn view<'a>(&self, like: View<'a>) -> View<'a> {
        let ledger: Ledger = self.targets.iter().map(|target| target.outcome).collect();
        let mut by_resource: BTreeMap<Resource, Ledger> = BTreeMap::new();
        for resource in [Resource::MacieSession, Resource::SessionManagerSessions] {
            let of = self.targets.iter().filter(|target| target.resource == resource);
            by_resource.insert(resource, of.map(|target| target.outcome).collect());
        }
        View {
            verdict: ledger.verdict(),
            ledger,
            ledger_by_resource: by_resource,
            changes: Some(self.changes.clone()),
            base: Some(self.base.clone()),
            targets: Targets::Saved(self.targets.clone()),
            waivers: Vec::new(),
            ..like
        }
    }
}

const DAYS: [&str; 3] = ["2027-03-01T00:00:00Z", "2027-03-02T00:00:00Z", "2027-03-31T12:01:30Z"];

fn day(dice: &mut Dice) -> Timestamp {
    dice.one_of(&DAYS).parse().expect("a time")
}

fn expectation(row: &SettingRow<'static>) -> Expectation<'static> {
    let expires = jiff::civil::date(2030, 1, 1);
    Expectation { origin: row.origin.clone(), reason: "it is on its way".into(), owner: None, expires }
}

/// A target whose findings are marked. Of some, a rule about sessions is violated, or a setting is unread by itself.
fn marked(mut target: Target<'static>, dice: &mut Dice) -> Target<'static> {
    target.account_name = None;
    if dice.one_of(&[true, false, false]) {
        target.resource = Resource::SessionManagerSessions;
        let rules = settings().for_resource(target.resource);
        for (row, rule) in target.settings.iter_mut().zip(rules) {
            (row.setting, row.desired) = (rule, vec!["UNSET".into()]);
            row.live = row.live.is_some().then(|| "1 of 2 sessions".into());
            row.sessions = (row.outcome == Outcome::Drifted).then(|| ViolatingSessions {
                sessions: vec![ViolatingSession { id: "session-1".into(), ..ViolatingSession::default() }].into(),
                more: 0,
                digest: "sha256:0".into(),
            });
        }
    }
    let is_whole = matches!(*target.reading, Reading::Unread(_));
    if let Some(row) = target.settings.first_mut().filter(|_| !is_whole && dice.one_of(&[true, false, false])) {
        (row.outcome, row.live, row.waiver, row.sessions) = (Outcome::Unread, None, None, None);
        row.unread = Some(Cow::Owned(Unread::local(UnreadReason::Throttled, "Rate exceeded")));
        row.expected = dice.one_of(&[true, false]).then(|| expectation(row));
    }
    let marks = [ChangeMark::New, ChangeMark::Changed, ChangeMark::Persisting];
    let is_expected = is_whole && dice.one_of(&[true, false, false]);
    for row in &mut target.settings {
        let is_finding = matches!(row.outcome, Outcome::Drifted | Outcome::Waived) || row.unread.is_some();
        if is_expected {
            row.expected = Some(expectation(row));
        }
        if is_finding {
            (row.mark, row.since) = (Some(dice.one_of(&marks)), Some(day(dice)));
        }
        row.review = match row.outcome {
            Outcome::InSync if dice.one_of(&[true, false]) => Some(Review::Accepts),
            Outcome::Waived => Some(Review::Waives),
            Outcome::Drifted => Some(dice.one_of(&[Review::Causes, Review::Already])),
            _ => None,
        };
        if row.review == Some(Review::Accepts) {
            row.base_desired.clone_from(&row.desired);
        }
    }
    if is_whole {
        target.expected = target.settings.first().and_then(|row| row.expected.clone());
        (target.mark, target.since) = (Some(dice.one_of(&marks)), Some(day(dice)));
        target.review = Some(if is_expected { Review::Waives } else { Review::Causes });
    }
    let worst = [Outcome::Drifted, Outcome::Unread, Outcome::Waived, Outcome::InSync, Outcome::NotApplicable];
    let is_there = |outcome: &Outcome| target.settings.iter().any(|row| row.outcome == *outcome);
    target.outcome =
        if is_whole { Outcome::Unread } else { worst.into_iter().find(is_there).unwrap_or(Outcome::InSync) };
    target
}

/// The counts of the marks, something that ended in other Regions, and drift that is carried for targets that are unread.
fn changes(targets: &[Target<'static>], dice: &mut Dice) -> Changes {
    let ended = |place: (&Target<'_>, &str), setting: &str, was: &str, kind: End, since: Timestamp| Resolved {
        account: place.0.account,
        account_name: None,
        region: place.1.parse().expect("a Region"),
        resource: place.0.resource,
        setting: setting.to_owned(),
        was: was.to_owned(),
        since,
        undeclared: kind == End::Undeclared,
        kind,
        waiver_ended: false,
    };
    let (mut resolved, mut carried) = (Vec::new(), Vec::new());
    for target in targets {
        let key = target.settings.first().map_or("status", |row| row.setting.key());
        let since = day(dice);
        if target.unread().is_some() {
            let was = dice.one_of(&["drifted PAUSED", "waived PAUSED", ""]);
            if !was.is_empty() {
                carried.push(ended((target, target.region.as_str()), key, was, End::Unknown, since));
            }
            continue;
        }
        let here = target.region.as_str();
        match dice.one_of(&[End::DriftEnded, End::Undeclared, End::ReadableAgain, End::Unknown]) {
            End::ReadableAgain => {
                resolved.push(ended(
                    (target, here),
                    target.resource.subject(),
                    "unread denied",
                    End::ReadableAgain,
                    since,
                ));
            }
            End::Unknown => {}
            kind => resolved.push(ended((target, "eu-north-1"), key, "drifted PAUSED", kind, since)),
        }
    }
    resolved.sort_unstable();
    resolved.dedup();
    let report = super::fixture::clean();
    let view = super::any::view(targets, View::from(&report));
    let count = |mark: ChangeMark| findings(&view).filter(|finding| finding.mark() == Some(mark)).count();
    let is_lost = |finding: &driftline::report::Finding<'_>| {
        finding.mark() == Some(ChangeMark::New) && finding.unread().is_some()
    };
    Changes {
        compared_with: DAYS[1].parse().ok(),
        new: count(ChangeMark::New),
        newly_unread: findings(&view).filter(is_lost).count(),
        changed: count(ChangeMark::Changed),
        persisting: count(ChangeMark::Persisting),
        resolved,
        carried,
        waivers: 0,
        last_notified: None,
        is_reminder: false,
        clock_was_ahead: false,
    }
}
