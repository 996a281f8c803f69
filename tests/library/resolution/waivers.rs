//! What a waiver covers.

use driftline::drift::{Comparison, WaiverUse};
use driftline::model::WaiverState;
use driftline::model::{Evidence, Unread, UnreadReason, WaiverMatch};
use driftline::resource::macie_session::Frequency;
use driftline::resource::{LiveSession, LiveStatus, NotApplicable, NotEnabledEvidence, Outcome, Reading};
use jiff::civil::{Date, date};

use super::organization::{ALL, organization, resolved_in, sessions};

/// The day of every comparison here.
const TODAY: Date = date(2027, 3, 31);

fn on(status: LiveStatus, frequency: Frequency) -> Reading {
    Reading::On(LiveSession {
        status,
        frequency,
        service_role: None,
        created_at: None,
        updated_at: None,
        note: None,
        further: None,
    })
}

fn paused() -> Reading {
    on(LiveStatus::Paused, Frequency::OneHour)
}

/// What comes of payments-prod, of which ENABLED and ONE_HOUR are wanted in Frankfurt, and ENABLED alone in Virginia, where it
/// is. Each waiver is the inside of a table in YAML's flow style.
fn compared(waivers: &[&str], frankfurt: Reading) -> Comparison {
    let declarations = sessions(&[
        r#"accounts: ["payments-prod"], regions: [eu-central-1], status: ENABLED, finding_publishing_frequency: ONE_HOUR"#,
        r#"accounts: ["payments-prod"], regions: [us-east-1], status: ENABLED"#,
    ]);
    let lines: Vec<String> = waivers.iter().map(|waiver| format!("  - {{reason: migration, {waiver}}}\n")).collect();
    let waivers = if lines.is_empty() { "waivers: []\n".to_owned() } else { format!("waivers:\n{}", lines.concat()) };
    let found = resolved_in(&organization(ALL), &format!("{declarations}{waivers}"));
    assert!(found.errors().is_empty(), "{}", found.text());
    let readings = vec![frankfurt, on(LiveStatus::Enabled, Frequency::SixHours)];
    Comparison::new(found.desired, readings, TODAY)
}

/// Covered, uncovered, in sync, unread.
fn counts(used: &WaiverUse) -> [usize; 4] {
    [used.covered, used.uncovered, used.in_sync, used.unread]
}

/// Of a row: what it shows, the waivers, the reading in Frankfurt, what comes of Frankfurt, and the counts of each waiver.
type Row<'a> = (&'a str, &'a [&'a str], Reading, Outcome, &'a [[usize; 4]]);

#[test]
fn the_decision_table() {
    use Outcome::{Drifted, InSync, NotApplicable as Nothing, Unread as Unknown, Waived};
    let off = || Reading::NotEnabled(NotEnabledEvidence::Answer(Evidence::default()));
    let unread = || Reading::Unread(Unread::local(UnreadReason::Throttled, ""));
    let nowhere = || Reading::NotApplicable(NotApplicable::RegionOff);
    let enabled = || on(LiveStatus::Enabled, Frequency::OneHour);
    let both_drift = || on(LiveStatus::Paused, Frequency::SixHours);
    let rows: [Row<'_>; 22] = [
        ("none", &[], paused(), Drifted, &[]),
        ("any setting, any value", &["expires: 2027-12-31"], paused(), Waived, &[[1, 0, 2, 0]]),
        ("this value", &["while_live: PAUSED, expires: 2027-12-31"], paused(), Waived, &[[1, 0, 1, 0]]),
        (
            "one of these values",
            &["while_live: [NOT_ENABLED, PAUSED], expires: 2027-12-31"],
            paused(),
            Waived,
            &[[1, 0, 1, 0]],
        ),
        ("another value", &["while_live: NOT_ENABLED, expires: 2027-12-31"], paused(), Drifted, &[[0, 1, 1, 0]]),
        ("the last day", &["settings: status, expires: 2027-03-31"], paused(), Waived, &[[1, 0, 1, 0]]),
        ("the day after", &["settings: status, expires: 2027-03-30"], paused(), Drifted, &[[0, 1, 1, 0]]),
        (
            "another setting",
            &["settings: finding_publishing_frequency, expires: 2027-12-31"],
            paused(),
            Drifted,
            &[[0, 0, 1, 0]],
        ),
        (
            "a value of another setting",
            &["while_live: ONE_HOUR, expires: 2027-12-31"],
            paused(),
            Drifted,
            &[[0, 0, 1, 0]],
        ),
        ("one of two drifts", &["settings: status, expires: 2027-12-31"], both_drift(), Drifted, &[[1, 0, 1, 0]]),
        ("both drifts", &["expires: 2027-12-31"], both_drift(), Waived, &[[2, 0, 1, 0]]),
        (
            "both drifts by value",
            &["while_live: [PAUSED, SIX_HOURS], expires: 2027-12-31"],
            both_drift(),
            Waived,
            &[[2, 0, 1, 0]],
        ),
        ("another Region", &["regions: [us-east-1], expires: 2027-12-31"], paused(), Drifted, &[[0, 0, 1, 0]]),
        (
            "a unit",
            &["organizational_units: [Workloads/Prod], regions: [\"eu-*\"], settings: status, expires: 2027-12-31"],
            paused(),
            Waived,
            &[[1, 0, 0, 0]],
        ),
        (
            "excepted",
            &["except: {tags: {env: prod}, regions: [eu-central-1]}, expires: 2027-12-31"],
            paused(),
            Drifted,
            &[[0, 0, 1, 0]],
        ),
        (
            "two, of which one covers",
            &[
                "while_live: NOT_ENABLED, expires: 2028-12-31",
                "while_live: PAUSED, regions: [eu-central-1], expires: 2027-12-31",
            ],
            paused(),
            Waived,
            &[[0, 0, 1, 0], [1, 0, 0, 0]],
        ),
        (
            "two, of which one is over",
            &[
                "settings: status, expires: 2027-01-01",
                "regions: [eu-central-1], settings: status, expires: 2027-04-01",
            ],
            paused(),
            Waived,
            &[[0, 0, 1, 0], [1, 0, 0, 0]],
        ),
        (
            "two that cover",
            &["while_live: PAUSED, expires: 2027-12-31", "while_live: PAUSED, expires: 2027-12-30"],
            paused(),
            Waived,
            &[[1, 0, 1, 0], [1, 0, 1, 0]],
        ),
        ("off is one drift", &["expires: 2027-12-31"], off(), Waived, &[[1, 0, 1, 0]]),
        ("unread", &["expires: 2027-12-31"], unread(), Unknown, &[[0, 0, 1, 2]]),
        ("nothing to be about", &["expires: 2027-12-31"], nowhere(), Nothing, &[[0, 0, 1, 0]]),
        ("as wanted", &["expires: 2027-12-31"], enabled(), InSync, &[[0, 0, 3, 0]]),
    ];
    for (what, waivers, reading, outcome, expected) in rows {
        let compared = compared(waivers, reading);
        let [frankfurt, virginia] = [0, 1].map(|nth| compared.get(nth).expect("a target"));
        assert_eq!((compared.len(), frankfurt.outcome, virginia.outcome), (2, outcome, InSync), "{what}");
        let found: Vec<[usize; 4]> = compared.waivers().iter().map(counts).collect();
        assert_eq!(found, expected, "{what}");
        for setting in frankfurt.settings() {
            assert_eq!(setting.waiver.is_some(), setting.outcome == Waived, "{what}: waived by something");
        }
    }
}

#[test]
fn the_waiver_that_lasts_longest_is_named() {
    let waivers = [
        "settings: status, expires: 2027-04-30",
        "expires: 2027-12-31",
        "while_live: NOT_ENABLED, expires: 2029-12-31",
    ];
    let compared = compared(&waivers, paused());
    let status = compared.get(0).expect("a target").settings().next().expect("the status");
    assert_eq!(status.waiver.map(|waiver| waiver.expires), Some(date(2027, 12, 31)));
}

#[test]
fn a_waiver_that_does_not_cover_a_drift_is_told_with_why() {
    let waivers = ["settings: status, expires: 2027-03-30", "while_live: NOT_ENABLED, expires: 2027-12-31"];
    let compared = compared(&waivers, paused());
    let why = |nth: usize| -> Vec<WaiverMatch> {
        let setting = compared.get(0).expect("a target").settings().nth(nth).expect("a setting");
        setting.lapsed().map(|(_, cover)| cover).collect()
    };
    assert_eq!(why(0), [WaiverMatch::Expired, WaiverMatch::OtherValue]);
    assert_eq!(why(1), [], "the frequency is as wanted, so there is nothing to cover");
}

#[test]
fn a_waiver_is_wide_idle_ending_or_over() {
    let rows = [
        // Covers the status, and would cover the frequency.
        ("expires: 2027-04-15", paused(), (true, false, WaiverState::Active)),
        (
            "settings: status, regions: [eu-central-1], expires: 2027-04-14",
            paused(),
            (false, false, WaiverState::Ending(14)),
        ),
        ("settings: status, expires: 2027-03-31", paused(), (true, false, WaiverState::Ending(0))),
        ("settings: status, expires: 2027-03-30", paused(), (false, true, WaiverState::Expired(1))),
        ("while_live: NOT_ENABLED, expires: 2027-12-31", paused(), (false, true, WaiverState::Active)),
        ("regions: [us-east-1], expires: 2027-12-31", paused(), (false, true, WaiverState::Active)),
        // Whether there is need nobody knows.
        (
            "settings: status, expires: 2027-12-31",
            Reading::Unread(Unread::local(UnreadReason::Throttled, "")),
            (false, false, WaiverState::Active),
        ),
    ];
    for (waiver, reading, expected) in rows {
        let compared = compared(&[waiver], reading);
        let used = &compared.waivers()[0];
        assert_eq!((used.is_wide(), used.is_idle(), used.state), expected, "{waiver}");
    }
}
