//! What comes of one setting: compared with what is wanted, and a drift held against the waivers.

use std::sync::Arc;

use jiff::civil::Date;

use crate::model::{DesiredSetting, Waiver, WaiverMatch};
use crate::resource::{Outcome, Reading, compare};

/// What came of a setting, and the waiver that made it so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evaluation<'wish> {
    pub(super) outcome: Outcome,
    pub(super) waiver: Option<&'wish Arc<Waiver>>,
}

/// Judges one setting as on the day `today`. Of several waivers that cover a drift, the one that lasts longest counts, and of
/// those the first by place.
pub(super) fn evaluate<'wish>(wish: &'wish DesiredSetting, reading: &Reading, today: Date) -> Evaluation<'wish> {
    let outcome = compare(wish.setting, &wish.decided.accepted, reading);
    if outcome != Outcome::Drifted {
        return Evaluation { outcome, waiver: None };
    }
    let covers = |waiver: &&Arc<Waiver>| {
        reading.live_value(wish.setting).is_some_and(|live| waiver.cover(live, today) == WaiverMatch::Covers)
    };
    let waiver = wish.waivers.iter().rev().filter(covers).max_by_key(|waiver| waiver.expires);
    Evaluation { outcome: waiver.map_or(outcome, |_| Outcome::Waived), waiver }
}

/// The outcome of a wish for a reading, as on the day `today`.
pub fn outcome_of(wish: &DesiredSetting, reading: &Reading, today: Date) -> Outcome {
    evaluate(wish, reading, today).outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        AccountSpecificity, Candidate, Evidence, Origin, RegionSpecificity, Setting, SettingValue, Severity,
        Specificity, Status,
    };
    use crate::resource::NotEnabledEvidence;
    use jiff::civil::date;

    const OFF: SettingValue = SettingValue::Status(Status::NotEnabled);
    const PAUSED: SettingValue = SettingValue::Status(Status::Paused);

    fn waiver(line: u32, expires: Date, while_live: &[SettingValue]) -> Arc<Waiver> {
        Arc::new(Waiver {
            origin: Origin { file: "p".to_owned(), line, column: 1, declaration: None },
            reason: "".into(),
            owner: None,
            expires,
            while_live: while_live.to_vec(),
        })
    }

    fn wish(accepted: SettingValue, waivers: Vec<Arc<Waiver>>) -> DesiredSetting {
        let origin = Origin { file: "p".to_owned(), line: 1, column: 1, declaration: None };
        let specificity = Specificity { accounts: AccountSpecificity::Everyone, regions: RegionSpecificity::All };
        DesiredSetting {
            setting: Setting::Status,
            severity: Severity::default(),
            decided: Candidate { origin: Arc::new(origin), accepted: Arc::new([accepted]), specificity },
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
        let enabled = SettingValue::Status(Status::Enabled);
        let rows = [
            (enabled, Vec::new(), Outcome::Drifted, None),
            (enabled, vec![waiver(1, past, &[])], Outcome::Drifted, None),
            (enabled, vec![waiver(1, soon, &[])], Outcome::Waived, Some(1)),
            (enabled, vec![waiver(1, late, &[PAUSED])], Outcome::Drifted, None),
            (enabled, vec![waiver(1, late, &[PAUSED]), waiver(2, soon, &[OFF])], Outcome::Waived, Some(2)),
            (enabled, vec![waiver(1, soon, &[]), waiver(2, late, &[]), waiver(3, late, &[])], Outcome::Waived, Some(2)),
            (OFF, vec![waiver(1, late, &[])], Outcome::InSync, None),
        ];
        for (nth, (accepted, waivers, outcome, line)) in rows.into_iter().enumerate() {
            let wish = wish(accepted, waivers);
            let judged = evaluate(&wish, &off, today);
            assert_eq!((judged.outcome, judged.waiver.map(|it| it.origin.line)), (outcome, line), "row {nth}");
        }
    }
}
