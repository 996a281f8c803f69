//! Times for people, with the exact ones beside them for programs.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::report::messages::pluralize;

/// A time, to the minute: `28 Nov 2026, 14:05 UTC`.
pub(super) fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (words(at)) } }
}

fn words(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC).strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// The time that a run took; the model has whole seconds.
pub(super) fn took(from: Timestamp, to: Timestamp) -> String {
    match to.as_second() - from.as_second() {
        ..=0 => "less than a second".to_owned(),
        seconds @ 1..120 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// Age of something, with its beginning.
pub(super) fn age(since: Timestamp, now: Timestamp) -> Markup {
    html! { time.age datetime=(since) title={ "since " (words(since)) } { "for " (span(now.as_second() - since.as_second())) } }
}

fn span(seconds: i64) -> String {
    const HOUR: i64 = 3_600;
    let count = |unit: i64, word: &str| pluralize(usize::try_from(seconds / unit).unwrap_or_default(), word);
    match seconds {
        ..HOUR => "less than an hour".to_owned(),
        HOUR..172_800 => count(HOUR, "hour"),
        _ => count(24 * HOUR, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let start = at("2026-11-08T04:05:30Z");
        assert_eq!(time(start).into_string(), "<time datetime=\"2026-11-08T04:05:30Z\">8 Nov 2026, 04:05 UTC</time>");
        assert_eq!(took(start, start), "less than a second");
        assert_eq!(took(start, at("2026-11-08T04:05:31Z")), "1 s");
        assert_eq!(took(start, at("2026-11-08T04:12:33Z")), "7 min 3 s");
        // A clock that was set back.
        assert_eq!(took(start, at("2026-11-08T04:05:29Z")), "less than a second");
        for (seconds, words) in [
            (-5, "less than an hour"),
            (3_599, "less than an hour"),
            (3_600, "1 hour"),
            (172_799, "47 hours"),
            (172_800, "2 days"),
            (12 * 86_400, "12 days"),
        ] {
            assert_eq!(span(seconds), words, "{seconds}");
        }
    }
}
