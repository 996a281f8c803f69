//! Declared exceptions.

use std::borrow::Cow;

use jiff::civil::Date;

use super::{Origin, SettingId, Value};

/// A declared exception: why a drift is borne, by whom, until when, and for which live value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Where it is declared.
    pub origin: Origin,
    /// Why.
    pub reason: Box<str>,
    /// Who answers for it.
    pub owner: Option<Box<str>>,
    /// The last day that it covers, in UTC.
    pub expires: Date,
    /// The live values that it covers, each with its setting; empty covers any.
    pub while_live: Vec<(SettingId, Value)>,
    /// Whether `while_live` names the setting of each value.
    pub while_live_by_setting: bool,
}

/// Whether a waiver covers a drift, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaiverMatch {
    /// It does.
    Covers,
    /// Its last day is past.
    Expired,
    /// It is for another live value.
    OtherValue,
}

/// A waiver that ends within so many days is reported.
pub const ENDING_WITHIN_DAYS: i64 = 14;

impl Waiver {
    /// Whether it covers a drift of `setting` towards `live` on the day `today`.
    pub fn cover(&self, setting: SettingId, live: &Value, today: Date) -> WaiverMatch {
        let has = |(of, value): &(SettingId, Value)| *of == setting && value == live;
        if self.is_expired(today) {
            WaiverMatch::Expired
        } else if self.while_live.is_empty() || self.while_live.iter().any(has) {
            WaiverMatch::Covers
        } else {
            WaiverMatch::OtherValue
        }
    }

    /// The live values for people: bare, or with the setting of each where `while_live` names them.
    pub fn while_live_texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.while_live.iter().map(|(setting, value)| {
            if self.while_live_by_setting { Cow::Owned(format!("{setting} {value}")) } else { value.text() }
        })
    }

    /// Whether its last day is past.
    pub fn is_expired(&self, today: Date) -> bool {
        today > self.expires
    }

    /// The days after `today` that it still covers; negative once it has expired.
    pub fn days_left(&self, today: Date) -> i64 {
        today.duration_until(self.expires).as_hours() / 24
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::macie_session;
    use jiff::civil::date;

    #[test]
    fn the_last_day_still_counts() {
        let status = macie_session::STATUS.id();
        let origin = Origin { file: String::new(), line: 1, column: 1, declaration: None };
        let paused = Value::Word("PAUSED");
        let waiver = Waiver {
            origin,
            reason: "".into(),
            owner: None,
            expires: date(2027, 3, 31),
            while_live: vec![(status, paused.clone())],
            while_live_by_setting: false,
        };
        assert_eq!(waiver.cover(status, &paused, date(2027, 3, 31)), WaiverMatch::Covers);
        assert_eq!(waiver.cover(status, &paused, date(2027, 4, 1)), WaiverMatch::Expired);
        assert_eq!(waiver.cover(status, &Value::Word("NOT_ENABLED"), date(2027, 1, 1)), WaiverMatch::OtherValue);
        assert_eq!(waiver.days_left(date(2027, 3, 31)), 0);
        assert_eq!(waiver.days_left(date(2027, 3, 1)), 30);
        assert_eq!(waiver.days_left(date(2027, 4, 2)), -2);
    }
}
