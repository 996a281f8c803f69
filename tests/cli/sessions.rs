//! Session Manager sessions: rules that each of them must keep.

use serde_json::{Value, json};

use crate::support::preferences::target;
use crate::support::sessions::{GOOD, site, world};
use crate::support::{ACCOUNT, Site};

const LIST: &str = "ssm:DescribeSessions";

/// The calls so far.
fn calls(site: &Site) -> u64 {
    site.simulation.calls().get(LIST).copied().unwrap_or_default()
}

/// Outcome and live value of a target's only rule.
fn only(target: &Value) -> (String, Value) {
    assert_eq!(target["settings"].as_array().map(Vec::len), Some(1), "{target}");
    let row = &target["settings"][0];
    (row["outcome"].as_str().expect("a word").to_owned(), row["live"].clone())
}

#[test]
fn a_property_is_compared_in_every_session() {
    for (change, rule, value) in [
        ("access_type: Standard", "access_type: JustInTime", "Standard"),
        ("access_type: Borrowed", "access_type: [JustInTime, Standard]", "Borrowed"),
        ("document_name: AWS-StartSSHSession", "document_name: \"Sh*\"", "AWS-StartSSHSession"),
        ("max_session_duration: \"1050\"", "max_session_duration: {at_most: 720}", "1050"),
        (
            "owner: \"arn:aws:iam::111122223333:user/bob\"",
            "owner: \"*/Operator/*\"",
            "arn:aws:iam::111122223333:user/bob",
        ),
        ("reason: because", "reason: [\"CHG-*\", UNSET]", "because"),
        ("status: Failed", "status: [Connected, Disconnected]", "Failed"),
        ("status: Sleeping", "status: Connected", "Sleeping"),
        ("target: mi-2", "target: \"i-*\"", "mi-2"),
    ] {
        // A key that stands twice is an error of the world: the first one goes.
        let key = change.split(':').next().expect("a key");
        let base =
            GOOD.split(", ").filter(|field| !field.starts_with(&format!("{key}:"))).collect::<Vec<_>>().join(", ");
        let sessions = format!("[{{id: a, {GOOD}}}, {{id: b, {base}, {change}}}]");
        let window = if key == "status" { ", ended_within: 1h" } else { "" };
        let target = target(&site(&sessions, &format!("{rule}{window}")), 2);
        assert_eq!(only(&target), ("drifted".to_owned(), "1 of 2 sessions".into()), "{change}");
        let row = &target["settings"][0];
        let violating = &row["sessions"];
        assert_eq!((&violating[0]["id"], &violating[0]["value"]), (&"b".into(), &value.into()), "{row}");
        assert_eq!((violating.as_array().map(Vec::len), &row["sessions_more"]), (Some(1), &0.into()));
    }
}

#[test]
fn what_is_missing_is_unset_and_never_a_default() {
    let bare = "[{id: a, target: i-1, owner: o, started: 5m}]";
    for (rule, outcome, exit) in [
        ("document_name: UNSET", "in_sync", 0),
        ("document_name: SSM-SessionManagerRunShell", "drifted", 2),
        ("access_type: UNSET", "in_sync", 0),
        ("access_type: Standard", "drifted", 2),
        ("reason: UNSET", "in_sync", 0),
        ("reason: SET", "drifted", 2),
        ("max_session_duration: [{at_most: 60}, UNSET]", "in_sync", 0),
        ("max_session_duration: {at_most: 60}", "drifted", 2),
    ] {
        assert_eq!(only(&target(&site(bare, rule), exit)).0, outcome, "{rule}");
    }
    let nothing = "[{id: a}]";
    for rule in ["owner: \"*\"", "target: SET", "duration: {at_most: 9}"] {
        let unread = target(&site(nothing, rule), 4);
        let row = &unread["settings"][0];
        assert_eq!((&row["outcome"], &row["unread"]["reason"]), (&"unread".into(), &"unintelligible".into()), "{rule}");
        assert_eq!((&unread["unread"], row.get("sessions")), (&Value::Null, None), "the sessions are known");
    }
    let empty = "[{id: a, target: i-1, owner: o, reason: \"\", details: \"\", started: 5m}]";
    let target = target(&site(empty, "reason: SET"), 2);
    assert_eq!(target["settings"][0]["sessions"][0].get("details"), None, "an empty text is a missing one");
}

#[test]
fn a_known_violation_is_drift_whatever_is_unknown_beside_it() {
    let sessions = "[{id: a, owner: o, target: i-1}, {id: b, owner: o, target: i-1, started: 90m}]";
    let drifted = target(&site(sessions, "duration: {at_most: 60}"), 2);
    assert_eq!(only(&drifted), ("drifted".to_owned(), "1 of 2 sessions".into()));
    assert_eq!(only(&target(&site(sessions, "duration: {at_most: 600}"), 4)).0, "unread");
    // Beside rules that are known.
    let both = target(&site(sessions, "duration: {at_most: 600}, target: \"mi-*\""), 6);
    assert_eq!((&both["outcome"], &both["settings"][1]["outcome"]), (&"drifted".into(), &"unread".into()));
}

#[test]
fn durations_count_in_seconds_and_end_with_the_session() {
    let ended = |started: &str, end: &str| format!("[{{id: a, {GOOD_ENDED}, started: {started}, ended: {end}}}]");
    for (started, end, rule, outcome, exit) in [
        ("2h", "1h", "{at_most: 60}", "in_sync", 0),
        ("2h1s", "1h", "{at_most: 60}", "drifted", 2),
        ("2h", "1h1s", "{at_least: 60}", "drifted", 2),
        ("2h", "1h", "60", "in_sync", 0),
    ] {
        let site = site(&ended(started, end), &format!("ended_within: 3h, duration: {rule}"));
        let target = target(&site, exit);
        assert_eq!(only(&target).0, outcome, "{started} to {end}: {rule}");
        if exit == 2 && rule.contains("most") {
            assert_eq!(target["settings"][0]["sessions"][0]["value"], "61", "rounded up");
        }
    }
    // One that is active lasts until it is read.
    assert_eq!(only(&target(&site(&format!("[{{id: a, {GOOD}}}]"), "duration: {at_most: 29}"), 2)).0, "drifted");
    let open = format!("[{{id: a, {GOOD_ENDED}, status: Terminated, started: 90m}}]");
    for (rule, exit) in [("{at_most: 600}", 4), ("{at_most: 60}", 4), ("{at_least: 600}", 2)] {
        let site = site(&open, &format!("ended_within: 3h, duration: {rule}"));
        only(&target(&site, exit));
    }
}

const GOOD_ENDED: &str = "owner: o, target: i-1, reason: CHG-1";

#[test]
fn rules_are_about_active_sessions_and_those_that_ended_within_the_window() {
    let sessions = "[{id: active, started: 9h}, {id: hour, started: 9h, ended: 50m}, {id: day, started: 30h, ended: 23h}, \
                    {id: week, started: 200h, ended: 150h}]";
    for (window, total, ended) in
        [("", 1, 0), ("ended_within: 60m, ", 2, 1), ("ended_within: 24h, ", 3, 2), ("ended_within: 30d, ", 4, 3)]
    {
        let drifted = site(sessions, &format!("{window}reason: SET"));
        let found = target(&drifted, 2);
        let all = if total == 1 { "1 of 1 session".to_owned() } else { format!("{total} of {total} sessions") };
        assert_eq!(only(&found), ("drifted".to_owned(), all.into()), "{window}");
        let declared = window.strip_prefix("ended_within: ").map(|text| text.trim_end_matches(", "));
        let counts = &found["sessions"];
        assert_eq!((&counts["active"], &counts["ended"]), (&1.into(), &ended.into()));
        assert_eq!((&counts["ended_within"], &found["live"]), (&json!(declared), &Value::Null));
        assert_eq!(calls(&drifted), if window.is_empty() { 1 } else { 2 }, "the history is read only for a window");
    }
}

#[test]
fn an_ended_session_without_an_end_is_in_the_window_only_if_that_is_certain() {
    let sessions = |started: &str| format!("[{{id: a, status: Terminated, owner: o, target: i-1{started}}}]");
    for (started, rule, exit) in [
        (", started: 30m", "ended_within: 1h, reason: SET", 2),
        (", started: 3h", "ended_within: 1h, reason: SET", 4),
        (", started: 3h", "ended_within: 30d, reason: SET", 2),
        ("", "ended_within: 1h, reason: SET", 4),
        ("", "ended_within: 1h, reason: UNSET", 0),
        (", started: 3h", "ended_within: 1h, count: {at_most: 0}", 4),
        (", started: 3h", "ended_within: 1h, count: {at_most: 1}", 0),
        (", started: 30m", "ended_within: 1h, count: {at_most: 0}", 2),
    ] {
        only(&target(&site(&sessions(started), rule), exit));
    }
}

#[test]
fn sessions_are_counted() {
    for (rule, exit, live) in [
        ("count: {at_most: 0}", 2, "3"),
        ("count: {at_most: 3}", 0, "3"),
        ("count: {at_least: 4}", 2, "3"),
        ("count: [1, 3]", 0, "3"),
        ("ended_within: 30d, count: {at_most: 3}", 2, "5"),
    ] {
        let found = target(&site("{active: 3, ended: 2}", rule), exit);
        assert_eq!(only(&found).1, live, "{rule}");
        let row = &found["settings"][0];
        let listed = row["sessions"].as_array().map(Vec::len);
        assert_eq!(listed, Some(if exit == 2 { live.parse().expect("a number") } else { 0 }), "who they are: {row}");
        assert!(row["sessions"].as_array().expect("a list").iter().all(|session| session["value"].is_null()));
    }
}

#[test]
fn without_a_session_every_rule_is_kept() {
    let rules =
        "ended_within: 24h, access_type: JustInTime, reason: SET, duration: {at_most: 480}, owner: \"*/nobody\"";
    let found = target(&site("[]", rules), 0);
    let rows = found["settings"].as_array().expect("rows");
    assert!(rows.iter().all(|row| row["outcome"] == "in_sync" && row["live"] == "0 of 0 sessions"), "{found}");
    assert_eq!(only(&target(&site("[]", "count: {at_least: 1}"), 2)).1, "0");
}

#[test]
fn an_owner_of_another_account_does_not_match_the_pattern() {
    let rule = "owner: \"arn:aws:sts::{account}:assumed-role/AWSReservedSSO_Operator_*/*\"";
    let owned = |account: &str| {
        format!(
            "[{{id: a, target: i-1, owner: \"arn:aws:sts::{account}:assumed-role/AWSReservedSSO_Operator_1/ann@example.com\"}}]"
        )
    };
    target(&site(&owned(ACCOUNT), rule), 0);
    let other = target(&site(&owned("444455556666"), rule), 2);
    assert_eq!(other["settings"][0]["desired"], json!([rule.replace("{account}", ACCOUNT)[8..].trim_end_matches('"')]));
}

#[test]
fn every_page_is_read_at_the_rate_that_aws_allows() {
    for (count, pages) in [(0, 1), (1, 1), (200, 1), (201, 2), (5_000, 25)] {
        let world = world(&format!("{{active: {count}}}")).with("limits: true");
        let rule = format!("count: {count}");
        let site = Site::new(&world, [""; 0]).file("a.yaml", crate::support::sessions::declared(&rule));
        let report = site.run(&["check", "a.yaml", "--report", "json"], 0).json();
        assert_eq!(report["targets"][0]["sessions"]["active"], count);
        assert_eq!((calls(&site), &report["requests"]["ssm"]), (pages, &pages.into()), "{count}");
        assert_eq!((&report["requests"]["throttled"], &report["requests"]["macie2"]), (&0.into(), &0.into()));
    }
}

#[test]
fn a_session_that_ends_while_it_is_read_counts_once() {
    let sessions = format!("[{{id: a, {GOOD}, ends_after: 1}}, {{id: b, {GOOD}}}]");
    for (rule, active, ended) in [("count: 2, ended_within: 1h", 1, 1), ("count: 2", 2, 0)] {
        let found = target(&site(&sessions, rule), 0);
        assert_eq!(
            (&found["sessions"]["active"], &found["sessions"]["ended"]),
            (&active.into(), &ended.into()),
            "{rule}"
        );
    }
    // Between two pages of the active ones.
    let many: Vec<String> = (0..201).map(|nth| format!("{{id: s{nth:03}, {GOOD}, ends_after: 1}}")).collect();
    let found = target(&site(&format!("[{}]", many.join(", ")), "count: 201, ended_within: 1h"), 0);
    assert_eq!((&found["sessions"]["active"], &found["sessions"]["ended"]), (&0.into(), &201.into()));
}

#[test]
fn a_report_lists_a_hundred_sessions_and_counts_the_others() {
    let site = site("{active: 150}", "reason: nothing");
    let row = &target(&site, 2)["settings"][0];
    let ids: Vec<&str> =
        row["sessions"].as_array().expect("a list").iter().filter_map(|it| it["id"].as_str()).collect();
    assert_eq!((ids.len(), &row["sessions_more"]), (100, &50.into()));
    assert!(ids.is_sorted());
    assert_eq!(row["sessions_digest"], "[digest]", "redacted");
}
