//! Evaluation of one setting: the live value compared with the accepted ones, and a drift with the waivers.

use std::sync::Arc;

use jiff::civil::Date;

use crate::model::{DesiredSetting, Unread, Value, Waiver, WaiverMatch};
use crate::resource::{Outcome, Reading, SettingReading};

/// The outcome of a setting, with what led to it.
#[derive(Debug, Clone)]
pub(super) struct Evaluation<'wish> {
    pub(super) outcome: Outcome,
    /// The live value, where it is known.
    pub(super) live: Option<Value>,
    /// What kept the setting from being read.
    pub(super) unread: Option<Arc<Unread>>,
    /// The waiver that covers the drift.
    pub(super) waiver: Option<&'wish Arc<Waiver>>,
}

/// Evaluates one setting as on the day `today`. Of several waivers that cover a drift, the one that lasts longest counts, and of
/// those the first by place.
pub(super) fn evaluate<'wish>(wish: &'wish DesiredSetting, reading: &Reading, today: Date) -> Evaluation<'wish> {
    let found = reading.setting(wish.setting);
    let outcome = found.outcome(&wish.decided.accepted);
    let (live, unread) = match found {
        SettingReading::Known(live) => (Some(live), None),
        SettingReading::NotApplicable => (None, None),
        SettingReading::Unread(unread) => (None, Some(unread)),
    };
    let drift = live.as_ref().filter(|_| outcome == Outcome::Drifted);
    let waiver = drift.and_then(|live| {
        let covers = |waiver: &&Arc<Waiver>| waiver.cover(wish.setting, live, today) == WaiverMatch::Covers;
        wish.waivers.iter().rev().filter(covers).max_by_key(|waiver| waiver.expires)
    });
    Evaluation { outcome: waiver.map_or(outcome, |_| Outcome::Waived), live, unread, waiver }
}

/// The outcome of a wish for a reading, as on the day `today`.
pub fn outcome_of(wish: &DesiredSetting, reading: &Reading, today: Date) -> Outcome {
    evaluate(wish, reading, today).outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountSpecificity, Candidate, Evidence, Origin, RegionSpecificity, Severity, Specificity};
    use crate::resource::NotEnabledEvidence;
    use crate::resource::macie_session::STATUS;
    use jiff::civil::date;

    const OFF: Value = Value::Word("NOT_ENABLED");
    const PAUSED: Value = Value::Word("PAUSED");

    fn waiver(line: u32, expires: Date, while_live: &[Value]) -> Arc<Waiver> {
        Arc::new(Waiver {
            origin: Origin { file: "p".to_owned(), line, column: 1, declaration: None },
            reason: "".into(),
            owner: None,
            expires,
            while_live: while_live.iter().map(|value| (STATUS.id(), value.clone())).collect(),
            while_live_by_setting: false,
        })
    }

    fn wish(accepted: Value, waivers: Vec<Arc<Waiver>>) -> DesiredSetting {
        let origin = Origin { file: "p".to_owned(), line: 1, column: 1, declaration: None };
        let specificity = Specificity { accounts: AccountSpecificity::Everyone, regions: RegionSpecificity::All };
        DesiredSetting {
            setting: STATUS.id(),
            severity: Severity::default(),
            decided: Candidate { origin: Arc::new(origin), accepted: [accepted].into(), specificity },
            agreeing: Vec::new(),
            overridden: Vec::new(),
            waivers,
        }
    }

    #[test]
    fn the_longest_that_covers_counts_and_only_drift_is_waived() {
        let off = Reading::NotEnabled(NotEnabledEvidence::Answer(Evidence::default()));
        let today = date(2027, 1, 15);
        let (past, soon, late) = (date(2027, 1, 14), date(2027, 1, 15), date(2027, 2, 1));
        let enabled = Value::Word("ENABLED");
        let rows = [
            (enabled.clone(), Vec::new(), Outcome::Drifted, None),
            (enabled.clone(), vec![waiver(1, past, &[])], Outcome::Drifted, None),
            (enabled.clone(), vec![waiver(1, soon, &[])], Outcome::Waived, Some(1)),
            (enabled.clone(), vec![waiver(1, late, &[PAUSED])], Outcome::Drifted, None),
            (enabled.clone(), vec![waiver(1, late, &[PAUSED]), waiver(2, soon, &[OFF])], Outcome::Waived, Some(2)),
            (
                enabled.clone(),
                vec![waiver(1, soon, &[]), waiver(2, late, &[]), waiver(3, late, &[])],
                Outcome::Waived,
                Some(2),
            ),
            (OFF, vec![waiver(1, late, &[])], Outcome::InSync, None),
        ];
        for (nth, (accepted, waivers, outcome, line)) in rows.into_iter().enumerate() {
            let wish = wish(accepted, waivers);
            let judged = evaluate(&wish, &off, today);
            assert_eq!((judged.outcome, judged.waiver.map(|it| it.origin.line)), (outcome, line), "row {nth}");
        }
    }
}
