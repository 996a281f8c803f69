//! Sessions of Session Manager.

use std::collections::BTreeSet;
use std::time::Duration;

use driftline_simulator::{Simulation, World};
use serde_json::{Value, json};

use crate::support::{CALLER, OTHER, Ssm, start_world};

const REGION: &str = "eu-west-1";

/// A world where the caller has these sessions in every Region, as YAML.
fn world(sessions: &str, rest: &str) -> Simulation {
    start_world(&format!("accounts: {{'{CALLER}': {{session_manager: {{sessions: {{'*': {sessions}}}}}}}}}\n{rest}"))
}

/// One page.
fn page(ssm: &Ssm<'_>, state: &str, size: usize, token: Option<&Value>) -> (Vec<Value>, Option<Value>) {
    let mut body = json!({ "State": state, "MaxResults": size });
    if let Some(token) = token {
        body["NextToken"] = token.clone();
    }
    let answer = ssm.ok("DescribeSessions", &body);
    (answer["Sessions"].as_array().expect("a list").clone(), answer.get("NextToken").cloned())
}

/// All pages, and how many there are.
fn all(ssm: &Ssm<'_>, state: &str, size: usize) -> (Vec<Value>, usize) {
    let (mut sessions, mut next) = page(ssm, state, size, None);
    let mut pages = 1;
    while let Some(token) = next {
        let (more, after) = page(ssm, state, size, Some(&token));
        sessions.extend(more);
        (next, pages) = (after, pages + 1);
    }
    (sessions, pages)
}

/// The ids of some sessions.
fn ids(sessions: &[Value]) -> Vec<&str> {
    sessions.iter().map(|session| session["SessionId"].as_str().expect("an id")).collect()
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

#[test]
fn pages_hold_what_there_is() {
    for (active, ended, pages) in [(0, 0, (1, 1)), (1, 0, (1, 1)), (200, 1, (1, 1)), (201, 5000, (2, 25))] {
        let simulation = world(&format!("{{active: {active}, ended: {ended}}}"), "");
        let ssm = Ssm::new(&simulation, REGION);
        let (now, active_pages) = all(&ssm, "Active", 200);
        let (history, history_pages) = all(&ssm, "History", 200);
        assert_eq!((now.len(), history.len()), (active, ended));
        assert_eq!((active_pages, history_pages), pages);
        let mut known: Vec<_> = ids(&now).into_iter().chain(ids(&history)).collect();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), active + ended, "an id is one session's");
        for session in now.iter().chain(&history) {
            assert!(
                is_text(&session["Owner"]) && is_text(&session["Target"]) && session["StartDate"].is_f64(),
                "{session}"
            );
        }
        assert!(now.iter().all(|session| session["Status"] == "Connected" && session.get("EndDate").is_none()));
        assert!(history.iter().all(|session| session["Status"] == "Terminated" && session["EndDate"].is_f64()));
    }
}

#[test]
fn what_a_session_does_not_have_is_missing() {
    let full = "{id: s-1, target: i-1, status: Disconnected, owner: 'arn:aws:iam::111122223333:user/u', reason: r, \
                document_name: d, max_session_duration: 60, access_type: JustInTime, details: '', \
                output_url: {s3: '', cloudwatch: c}, started: 2026-01-31T12:00:00.5Z}";
    let simulation = world(&format!("[{full}, {{}}, {{status: Failed}}, {{status: Hibernating}}]"), "");
    let ssm = Ssm::new(&simulation, REGION);
    let (active, _) = all(&ssm, "Active", 200);
    let expected = json!({
        "SessionId": "s-1", "Target": "i-1", "Status": "Disconnected", "Owner": "arn:aws:iam::111122223333:user/u",
        "Reason": "r", "DocumentName": "d", "MaxSessionDuration": "60", "AccessType": "JustInTime", "Details": "",
        "OutputUrl": { "S3OutputUrl": "", "CloudWatchOutputUrl": "c" }, "StartDate": 1_769_860_800.5,
    });
    assert_eq!(active[0], expected);
    assert!(is_text(&active[1]["SessionId"]) && active[1]["Status"] == "Connected", "{}", active[1]);
    assert_eq!(active[1].as_object().expect("an object").len(), 3, "{}", active[1]);
    assert_eq!(active[2]["Status"], "Hibernating");
    let (history, _) = all(&ssm, "History", 200);
    assert_eq!(history.len(), 1);
    assert!(history[0]["Status"] == "Failed" && history[0].get("EndDate").is_none(), "{}", history[0]);
}

#[test]
fn history_is_of_30_days() {
    let simulation =
        world("[{id: a, ended: 1h}, {id: b, ended: 719h}, {id: c, ended: 721h}, {id: d, started: 721h}]", "");
    let ssm = Ssm::new(&simulation, REGION);
    assert_eq!(ids(&all(&ssm, "History", 200).0), ["a", "b"]);
    assert_eq!(ids(&all(&ssm, "Active", 200).0), ["d"]);
}

#[test]
fn a_session_ends_between_two_pages() {
    let sessions = "[{id: a, started: 1h}, {id: b, started: 1h, ends_after: 1}, {id: c, started: 1h, ends_after: 1}, {id: d, started: 1h}]";
    let simulation = world(sessions, "");
    let ssm = Ssm::new(&simulation, REGION);
    let (first, next) = page(&ssm, "Active", 2, None);
    assert_eq!(ids(&first), ["a", "b"]);
    let (second, next) = page(&ssm, "Active", 2, next.as_ref());
    assert_eq!((ids(&second), next), (vec!["d"], None), "c ended before its page");
    let (history, _) = all(&ssm, "History", 200);
    assert_eq!(ids(&history), ["b", "c"], "b is in both lists");
    assert!(
        history.iter().all(|session| session["Status"] == "Terminated" && session["EndDate"].is_f64()),
        "{history:?}"
    );
    assert_eq!(
        ids(&all(&Ssm::new(&simulation, "us-east-1"), "Active", 200).0),
        ["a", "b", "c", "d"],
        "elsewhere nobody asked"
    );
}

#[test]
fn a_page_behind_the_first_fails() {
    for (fault, code) in [
        ("throttle", "ThrottlingException"),
        ("server_error", "InternalServerError"),
        ("{error: {code: InvalidNextToken, message: The specified token is not valid.}}", "InvalidNextToken"),
        ("{error: {code: AccessDeniedException, message: no}}", "AccessDeniedException"),
    ] {
        let faults = format!("faults: [{{operations: ['ssm:DescribeSessions'], after: 1, times: 1, fault: {fault}}}]");
        let simulation = world("{active: 450}", &faults);
        let ssm = Ssm::new(&simulation, REGION);
        let (first, next) = page(&ssm, "Active", 200, None);
        assert_eq!(first.len(), 200, "{fault}");
        let body = json!({ "State": "Active", "MaxResults": 200, "NextToken": next });
        let (_, answer) = ssm.call("DescribeSessions", &body);
        assert_eq!(answer["__type"], code, "{fault}");
        let (second, next) = page(&ssm, "Active", 200, next.as_ref());
        assert_eq!((second.len(), next.is_some()), (200, true), "the fault acted once");
        assert_eq!(all(&ssm, "Active", 200).0.len(), 450, "{fault}");
    }
}

#[test]
fn what_is_no_answer_of_systems_manager() {
    let cases = [
        ("empty_200", 200, ""),
        ("foreign_body", 200, "<!DOCTYPE html>"),
        (
            "{answer: {status: 203, headers: {content-type: application/x-amz-json-1.1}, body: '{\"Sessions\": []}'}}",
            203,
            "{\"Sessions\": []}",
        ),
        ("{answer: {status: 200, body: '[]'}}", 200, "[]"),
        ("truncated", 200, "{\""),
        ("bare_429", 429, ""),
        ("html_503", 503, "<!DOCTYPE html>"),
    ];
    for (fault, status, begin) in cases {
        let simulation = world("{active: 1}", &format!("faults: [{{operations: ['ssm:*'], fault: {fault}}}]"));
        for (operation, body) in [
            ("DescribeSessions", json!({ "State": "Active" })),
            ("GetDocument", json!({ "Name": "SSM-SessionManagerRunShell" })),
        ] {
            let (seen, _, body) = Ssm::new(&simulation, REGION).raw(operation, &body);
            assert_eq!(seen, status, "{fault}");
            assert!(body.starts_with(begin) && body.is_empty() == begin.is_empty(), "{fault}: {body}");
        }
    }
}

#[test]
fn requests_are_counted_and_on_demand_logged() {
    let simulation = world("{active: 3}", "");
    let ssm = Ssm::new(&simulation, REGION);
    assert_eq!(all(&ssm, "Active", 2).1, 2);
    assert!(simulation.requests().is_empty(), "nobody asked for a log");
    simulation.log_requests();
    let (_, next) = page(&ssm, "Active", 2, None);
    page(&ssm, "Active", 2, next.as_ref());
    page(&ssm, "History", 200, None);
    Ssm::new(&simulation, "us-east-1").refused("GetDocument", &json!({ "Name": "SSM-SessionManagerRunShell" }));
    let requests = simulation.requests();
    let call = |line: &str| -> (String, Value) {
        let parts: Vec<&str> = line.splitn(4, ' ').collect();
        (parts[..3].join(" "), serde_json::from_str(parts[3]).expect("JSON"))
    };
    let describe = format!("ssm:DescribeSessions {CALLER} {REGION}");
    let calls: Vec<_> = requests.iter().map(|line| call(line)).collect();
    assert_eq!(calls[0], (describe.clone(), json!({ "State": "Active", "MaxResults": 2 })));
    assert_eq!(calls[1], (describe.clone(), json!({ "State": "Active", "MaxResults": 2, "NextToken": next })));
    assert_eq!(calls[2], (describe, json!({ "State": "History", "MaxResults": 200 })));
    assert_eq!(calls[3].0, format!("ssm:GetDocument {CALLER} us-east-1"));
    assert_eq!(
        (requests.len(), &simulation.calls()),
        (4, &[("ssm:DescribeSessions".to_owned(), 5), ("ssm:GetDocument".to_owned(), 1)].into())
    );
}

#[test]
fn filters_and_their_mistakes() {
    let sessions = "[{id: a, owner: o, target: t, started: 2h, access_type: JustInTime}, {id: b, owner: p, status: Connecting, started: 2026-01-31T12:00:00Z}, {id: c}]";
    let simulation = world(sessions, "");
    let ssm = Ssm::new(&simulation, REGION);
    let found = |filters: Value| {
        let answer = ssm.ok("DescribeSessions", &json!({ "State": "Active", "Filters": filters }));
        ids(answer["Sessions"].as_array().expect("a list")).join(" ")
    };
    let filter = |key: &str, value: &str| json!([{ "key": key, "value": value }]);
    for (key, value, expected) in [
        ("Owner", "o", "a"),
        ("Target", "t", "a"),
        ("SessionId", "c", "c"),
        ("Status", "Connecting", "b"),
        ("AccessType", "JustInTime", "a"),
        ("InvokedAfter", "2026-02-01T00:00:00Z", "a"),
        ("InvokedBefore", "2026-02-01T00:00:00Z", "b"),
        ("Owner", "nobody", ""),
    ] {
        assert_eq!(found(filter(key, value)), expected, "{key}");
    }
    let refused = |body: Value| ssm.refused("DescribeSessions", &body).0;
    assert_eq!(refused(json!({ "State": "Active", "Filters": filter("Colour", "red") })), "InvalidFilterKey");
    assert_eq!(refused(json!({ "State": "Active", "Filters": filter("InvokedAfter", "soon") })), "ValidationException");
    assert_eq!(refused(json!({})), "ValidationException");
    assert_eq!(refused(json!({ "State": "Ended" })), "ValidationException");
    assert_eq!(refused(json!({ "State": "Active", "MaxResults": 201 })), "ValidationException");
    let (_, token) = page(&ssm, "Active", 1, None);
    assert_eq!(refused(json!({ "State": "History", "NextToken": token })), "InvalidNextToken");
    assert_eq!(refused(json!({ "State": "Active", "NextToken": "x" })), "InvalidNextToken");
    let other = json!({ "State": "Active", "NextToken": token, "Filters": filter("Owner", "o") });
    assert_eq!(refused(other), "InvalidNextToken", "a token goes with its filters");
}

#[tokio::test]
async fn sessions_are_described_six_times_a_second() {
    for limits in [format!("organization: {{management: '{CALLER}', limits: true}}"), "limits: true".to_owned()] {
        are_described_six_times_a_second(&limits).await;
    }
}

async fn are_described_six_times_a_second(limits: &str) {
    let simulation = start_world(&format!(
        "{limits}\n\
         accounts: {{'{CALLER}': {{session_manager: {{sessions: {{'*': {{active: 1}}}}}}}}, '{OTHER}': {{}}}}"
    ));
    let other = Ssm::in_account(&simulation, OTHER, REGION).await;
    simulation.stop_clock();
    let burst = |region: &str| {
        let ssm = Ssm::new(&simulation, region);
        (0..100).take_while(|_| ssm.call("DescribeSessions", &json!({ "State": "Active" })).0 == 200).count()
    };
    assert_eq!(burst(REGION), 6);
    assert_eq!(burst("us-east-1"), 6, "each Region counts by itself");
    simulation.pass_time(Duration::from_millis(500));
    assert_eq!(burst(REGION), 3);
    let refused = Ssm::new(&simulation, REGION).refused("DescribeSessions", &json!({ "State": "Active" }));
    assert_eq!(refused, ("ThrottlingException".to_owned(), "Rate exceeded".to_owned()));
    for _ in 0..6 {
        other.ok("DescribeSessions", &json!({ "State": "History" }));
    }
    other.refused("DescribeSessions", &json!({ "State": "Active" }));
    for _ in 0..20 {
        let (code, _) = other.refused("GetDocument", &json!({ "Name": "SSM-SessionManagerRunShell" }));
        assert_eq!(code, "InvalidDocument", "documents have no such limit");
    }
}

#[tokio::test]
async fn generated_worlds_have_sessions_and_preferences() {
    let generated = |recipe: &str| {
        let world = World::generate(&recipe.parse().expect("a recipe"));
        Simulation::start(world, 0).expect("a simulation")
    };
    let simulation = generated("accounts=30,regions=2,drift=50,sessions=201");
    let (mut absent, mut differing, mut violations, mut contents) = (0, 0, 0, BTreeSet::new());
    for account in 0..30 {
        let ssm = Ssm::in_account(&simulation, &format!("1000000000{account:02}"), "ap-northeast-1").await;
        let (active, pages) = all(&ssm, "Active", 200);
        assert_eq!((active.len(), pages), (201, 2));
        let is_standard = |session: &&Value| session["AccessType"] == "Standard" && session.get("Reason").is_none();
        violations += active.iter().filter(is_standard).count();
        let name = "SSM-SessionManagerRunShell";
        let document = |version: &str| ssm.call("GetDocument", &json!({ "Name": name, "DocumentVersion": version }));
        let ((status, default), (_, latest)) = (document("$DEFAULT"), document("$LATEST"));
        absent += usize::from(status == 400);
        differing += usize::from(default["Content"] != latest["Content"]);
        let content: Value =
            default["Content"].as_str().map_or(Value::Null, |text| serde_json::from_str(text).expect("JSON"));
        let inputs = &content["inputs"];
        contents.insert((inputs.get("shellProfile").is_some(), inputs["runAsEnabled"].is_string()));
        for (key, values) in [("Status", ["Connected", "Disconnected"]), ("Target", ["i-", "mi-"])] {
            let has = |value: &&str| {
                active.iter().any(|session| session[key].as_str().is_some_and(|text| text.starts_with(*value)))
            };
            assert!(values.iter().all(has), "{key}");
        }
        assert!(active.iter().any(|session| session.get("DocumentName").is_none()));
        assert!(
            account != 1 || (status == 200 && violations == 0 || violations <= 1),
            "nothing of the administrator drifts"
        );
    }
    assert!(contents.len() > 2, "documents are written in several forms: {contents:?}");
    assert!((1..15).contains(&absent) && (1..15).contains(&differing), "{absent} {differing}");
    assert!((7..25).contains(&violations), "{violations}");
    let ssm = Ssm::in_account(&simulation, "100000000003", "us-west-2").await;
    assert_eq!(all(&ssm, "Active", 200).0.len(), 0, "only in the Regions of the recipe");
    let same = generated("accounts=30,regions=2,drift=50,sessions=201,seed=1");
    let id = |simulation: &Simulation| {
        let ssm = Ssm::new(simulation, "ap-northeast-1");
        ids(&all(&ssm, "Active", 200).0).join(" ")
    };
    assert_eq!(id(&simulation), id(&same));
}
