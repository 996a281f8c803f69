//! Declared exceptions.

use jiff::civil::Date;

use super::{Origin, SettingValue};

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
    /// The live values that it covers, of whichever setting; empty covers any.
    pub while_live: Vec<SettingValue>,
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
    /// Whether it covers a drift towards `live` on the day `today`.
    pub fn cover(&self, live: SettingValue, today: Date) -> WaiverMatch {
        if self.is_expired(today) {
            WaiverMatch::Expired
        } else if self.while_live.is_empty() || self.while_live.contains(&live) {
            WaiverMatch::Covers
        } else {
            WaiverMatch::OtherValue
        }
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
    use crate::model::Status;
    use jiff::civil::date;

    #[test]
    fn the_last_day_still_counts() {
        let origin = Origin { file: String::new(), line: 1, column: 1, declaration: None };
        let paused = SettingValue::Status(Status::Paused);
        let waiver =
            Waiver { origin, reason: "".into(), owner: None, expires: date(2027, 3, 31), while_live: vec![paused] };
        assert_eq!(waiver.cover(paused, date(2027, 3, 31)), WaiverMatch::Covers);
        assert_eq!(waiver.cover(paused, date(2027, 4, 1)), WaiverMatch::Expired);
        assert_eq!(waiver.cover(SettingValue::Status(Status::NotEnabled), date(2027, 1, 1)), WaiverMatch::OtherValue);
        assert_eq!(waiver.days_left(date(2027, 3, 31)), 0);
        assert_eq!(waiver.days_left(date(2027, 3, 1)), 30);
        assert_eq!(waiver.days_left(date(2027, 4, 2)), -2);
    }
}
