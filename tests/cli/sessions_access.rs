//! Session Manager sessions that cannot be read, or only at a second try; and files that hold what was read.

use serde_json::{Value, json};

use crate::support::preferences::target;
use crate::support::sessions::{GOOD, declared, in_regions, site, world};
use crate::support::{ACCOUNT, Site, World};

const LIST: &str = "ssm:DescribeSessions";

/// A site with 201 active sessions, whose calls fail like this, in YAML's flow style.
fn failing(fault: &str) -> Site {
    let world = world("{active: 201}").faulty(&format!("operations: [\"{LIST}\"], accounts: [\"{ACCOUNT}\"], {fault}"));
    Site::new(&world, [""; 0]).file("a.yaml", declared("count: 201"))
}

/// The calls so far.
fn calls(site: &Site) -> u64 {
    site.simulation.calls().get(LIST).copied().unwrap_or_default()
}

fn error(code: &str, message: &str) -> String {
    format!("fault: {{error: {{code: {code}, message: \"{message}\", status: 400}}}}")
}

/// A file as it is, times and ids included.
fn raw(site: &Site, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(site.program.path(file)).expect("a file")).expect("JSON")
}

#[test]
fn a_page_that_fails_makes_the_whole_list_unread() {
    for after in [0, 1] {
        for (fault, reason) in [
            ("fault: throttle".to_owned(), "throttled"),
            ("fault: server_error".to_owned(), "unreachable"),
            ("fault: foreign_body".to_owned(), "unintelligible"),
            ("fault: empty_200".to_owned(), "unintelligible"),
            ("fault: {answer: {status: 200, body: \"{}\"}}".to_owned(), "unintelligible"),
            ("fault: {answer: {status: 203, body: \"{\\\"Sessions\\\": []}\"}}".to_owned(), "unintelligible"),
            ("fault: {answer: {status: 200, body: \"{\\\"Sessions\\\": [{}]}\"}}".to_owned(), "unintelligible"),
            (error("InvalidFilterKey", "The specified key isn't valid."), "unintelligible"),
            (error("AccessDeniedException", "no sessions"), "denied"),
        ] {
            let unread = target(&failing(&format!("after: {after}, {fault}")), 4);
            assert_eq!(unread["unread"]["reason"], reason, "{fault} after {after}");
            assert_eq!((&unread["settings"][0]["outcome"], unread.get("sessions")), (&"unread".into(), None));
        }
    }
}

#[test]
fn a_denial_is_asked_once_and_names_what_is_missing() {
    let sessions = "session_manager: {sessions: {\"*\": {active: 1}}}";
    let world = World::new().account(ACCOUNT, &format!("{sessions}, denials: [{{actions: [\"{LIST}\"]}}]"));
    let site = Site::new(&world, [""; 0]).file("a.yaml", declared("count: {at_least: 1}, ended_within: 1h"));
    let unread = target(&site, 4);
    assert_eq!((&unread["unread"]["reason"], &unread["unread"]["action"]), (&"denied".into(), &LIST.into()));
    assert_eq!(calls(&site), 1);
}

#[test]
fn a_list_whose_token_is_refused_is_read_once_more_from_the_start() {
    let refused = error("InvalidNextToken", "The specified token isn't valid.");
    let once = failing(&format!("after: 1, times: 1, {refused}"));
    target(&once, 0);
    assert_eq!(calls(&once), 4);
    let always = failing(&format!("after: 1, {refused}"));
    let unread = target(&always, 4);
    assert_eq!(
        (&unread["unread"]["reason"], &unread["unread"]["code"]),
        (&"unintelligible".into(), &"InvalidNextToken".into())
    );
    assert_eq!(calls(&always), 3, "no more than once");
}

#[test]
fn credentials_that_expire_between_pages_are_refreshed() {
    for after in [0, 1] {
        for fault in ["expired_token", "throttle", "reset"] {
            let once = failing(&format!("after: {after}, times: 1, fault: {fault}"));
            assert_eq!(target(&once, 0)["outcome"], "in_sync", "{fault} after {after}");
        }
    }
    // The token was good for the first page.
    let refused = target(&failing("after: 1, fault: unrecognized_client"), 4);
    assert_eq!(refused["unread"]["reason"], "bad_credentials");
}

#[test]
fn a_region_that_is_off_does_not_mean_no_sessions() {
    for (regions, told, exit) in [
        ("me-south-1, eu-west-1", ("unread", json!("region_off")), 4),
        ("\"me-south-?\", eu-west-1", ("not_applicable", Value::Null), 0),
    ] {
        for list in ["allowed", "denied"] {
            let account = format!("session_manager: {{sessions: {{\"*\": []}}}}, regions_on: [], list_regions: {list}");
            let policy = in_regions(regions, "count: 0");
            let site = Site::new(&World::new().account(ACCOUNT, &account), [""; 0]).file("a.yaml", policy);
            let report = site.run(&["check", "a.yaml", "--report", "json"], exit).json();
            let targets = report["targets"].as_array().expect("targets");
            let found = targets.iter().find(|target| target["region"] == "me-south-1").expect("the target");
            let outcome = found["outcome"].as_str().expect("a word");
            assert_eq!((outcome, found["unread"]["reason"].clone()), told, "{regions}, ListRegions {list}");
        }
    }
}

const RULES: &str = "ended_within: 24h, reason: SET, duration: {at_most: 60}, count: {at_most: 9}";

fn drifting() -> Site {
    let sessions = format!(
        "[{{id: good, {GOOD}}}, {{id: ann-0123456789abcdef0, owner: ann-smith, target: i-1, started: 20m}}, \
         {{id: bob-0123456789abcdef1, owner: bob-smith, target: i-2, started: 26h, ended: 23h, details: d, output_url: {{s3: \"s3://b\"}}}}]"
    );
    site(&sessions, RULES)
}

#[test]
fn a_report_is_read_back_as_it_was() {
    let site = drifting();
    site.run(&["check", "a.yaml", "--report", "json=one.json"], 2);
    let one = raw(&site, "one.json");
    let late = &one["targets"][0]["settings"][1]["sessions"][0];
    assert_eq!(
        (&late["id"], &late["value"], &late["owner"]),
        (&"bob-0123456789abcdef1".into(), &"180".into(), &"bob-smith".into())
    );
    assert_eq!((&late["details"], &late["output_url"]), (&"d".into(), &json!({"s3": "s3://b"})));
    site.run(&["report", "one.json", "--report", "json=two.json"], 2);
    assert_eq!(raw(&site, "two.json")["targets"], one["targets"]);
    let asked = calls(&site);
    site.run(&["check", "a.yaml", "--only-unread", "one.json", "--report", "json=three.json"], 2);
    assert_eq!(calls(&site), asked, "what is known is not read again");
    let mut three = raw(&site, "three.json")["targets"][0].clone();
    three.as_object_mut().expect("a target").remove("read_at");
    assert_eq!(three, one["targets"][0]);
    // What does not agree with itself is no report.
    let text = std::fs::read_to_string(site.program.path("one.json")).expect("a file");
    let site = site.file("odd.json", text.replace("\"1 of 3 sessions\"", "\"2 of 3 sessions\""));
    site.run(&["report", "odd.json"], 1).says("they are not those of its live value");
}

#[test]
fn only_another_set_of_sessions_is_a_change() {
    let bad = |id: &str| format!("{{id: {id}, owner: o, target: i-1, started: 5m}}");
    let good = |id: &str| format!("{{id: {id}, {GOOD}}}");
    let check = |sessions: &[String], earlier: Option<String>| {
        let site = site(&format!("[{}]", sessions.join(", ")), "reason: SET");
        let Some(earlier) = earlier else {
            site.run(&["check", "a.yaml", "--report", "json=last.json"], 2);
            return std::fs::read_to_string(site.program.path("last.json")).expect("a report");
        };
        let site = site.file("last.json", earlier);
        let report = site.run(&["check", "a.yaml", "--since", "last.json", "--report", "json"], 2).json();
        report["targets"][0]["settings"][0]["mark"].as_str().expect("a mark").to_owned()
    };
    let first = check(&[bad("a"), good("b")], None);
    assert_eq!(check(&[bad("a"), good("b")], Some(first.clone())), "persisting");
    assert_eq!(check(&[bad("a"), good("b"), good("c")], Some(first.clone())), "persisting", "one more that keeps it");
    assert_eq!(check(&[bad("c"), good("b")], Some(first.clone())), "changed", "as many, but others");
    assert_eq!(check(&[bad("a"), bad("c")], Some(first)), "changed");
}

#[test]
fn a_snapshot_holds_every_session_of_the_declared_window() {
    let site = drifting();
    site.run(&["check", "a.yaml", "--report", "json=live.json"], 2);
    site.run(&["snapshot", "a.yaml", "--out", "s.json"], 0);
    let asked = calls(&site);
    let check = |rules: &str, exit: i32| {
        let program = site.program.path("b.yaml");
        std::fs::write(program, declared(rules)).expect("a file");
        site.run(&["check", "b.yaml", "--live", "s.json", "--report", "json=b.json"], exit);
        raw(&site, "b.json")["targets"][0].clone()
    };
    let (live, saved) = (raw(&site, "live.json")["targets"][0].clone(), check(RULES, 2));
    for row in 0..3 {
        for field in ["outcome", "live", "sessions", "sessions_digest", "desired"] {
            assert_eq!(saved["settings"][row][field], live["settings"][row][field], "{field}");
        }
    }
    assert_eq!((&saved["sessions"]["active"], &saved["sessions"]["ended"]), (&2.into(), &1.into()));
    // Any other rule within the window can be tried, and nothing beyond.
    assert_eq!(check("owner: \"arn:*\"", 2)["settings"][0]["live"], "1 of 2 sessions");
    assert_eq!(check("ended_within: 1d, count: 3", 0)["outcome"], "in_sync");
    let wider = check("ended_within: 25h, count: 3", 4);
    assert_eq!(
        (&wider["unread"]["reason"], &wider["settings"][0]["outcome"]),
        (&"not_listed".into(), &"unread".into())
    );
    assert_eq!(calls(&site), asked);
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_files_that_name_people() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = drifting();
    let files = [("json", true), ("jsonl", true), ("csv", true), ("html", true), ("ocsf", true), ("text", true)];
    let counting = ["sarif", "junit", "codequality", "markdown", "github", "slack", "sns", "prometheus", "openmetrics"];
    let formats: Vec<(&str, bool)> = files.into_iter().chain(counting.map(|format| (format, false))).collect();
    let reports = formats.iter().flat_map(|(format, _)| ["--report".to_owned(), format!("{format}=out.{format}")]);
    let arguments: Vec<String> = ["check".to_owned(), "a.yaml".to_owned()].into_iter().chain(reports).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    site.run(&arguments, 2);
    for (format, is_private) in formats {
        let path = site.program.path(format!("out.{format}"));
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode == 0o600, is_private, "{format}: {mode:o}");
        let text = std::fs::read_to_string(&path).expect("a report");
        let names = ["-smith", "-0123456789abcdef"].iter().any(|name| text.contains(name));
        assert!(is_private || !names, "{format} names a session:\n{text}");
    }
}
