//! Any text, read as a plan; and a plan, altered in any way.

use driftline::apply::{Confirmation, CurrentPolicies, Guard, GuardContext, check_guards};
use driftline::model::{Environment, Target, UnreadReason};
use driftline::plan::{
    BlockedChange, CallerIdentity, Plan, PlanDocument, PlanMetadata, PlanScope, PlanSource, SavedPlan, SkippedTarget,
    Step,
};
use driftline::report::{Detail, FormatOptions, Paint, TextOptions, read_json, write_plan_markdown, write_plan_text};
use driftline::resource::macie_session::{STATUS, Status};
use driftline::resource::{BlockReason, Change, Operation, Risk};

use super::told::{is_a_readable_line, steers_no_terminal};

/// What is tried of some bytes: a text; or, behind a zero, what is altered in a plan that is sound.
pub fn try_bytes(bytes: &[u8]) {
    match bytes.split_first() {
        Some((0, changes)) => try_changes(changes),
        _ => try_text(bytes),
    }
}

fn try_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match SavedPlan::parse(text) {
        Ok(saved) => {
            assert!(SavedPlan::is_claimed(text));
            can_be_told(&saved.plan);
            let bytes = PlanDocument::from_plan(&saved.plan).to_bytes();
            let again = SavedPlan::parse(std::str::from_utf8(&bytes).expect("UTF-8")).expect("a plan");
            assert!(again.untouched && again.plan == saved.plan, "{again:?}");
        }
        Err(error) => is_a_readable_line(&error.to_string()),
    }
}

/// Four bytes are a change: where, which, and what is put there. Whatever is changed is seen, or changes nothing.
fn try_changes(changes: &[u8]) {
    let plan = specimen();
    let sound = PlanDocument::from_plan(&plan).to_bytes();
    let mut altered = sound.clone();
    for change in changes.chunks_exact(4).take(8) {
        let place = usize::from(u16::from_be_bytes([change[0], change[1]])) % altered.len();
        match change[2] % 4 {
            0 => altered[place] = change[3],
            1 => altered[place] ^= 1 << (change[3] % 8),
            2 => altered.insert(place, change[3]),
            _ => drop(altered.drain(place..(place + usize::from(change[3])).min(altered.len()))),
        }
        if altered.is_empty() {
            return;
        }
    }
    let Ok(text) = std::str::from_utf8(&altered) else { return };
    match SavedPlan::parse(text) {
        Ok(saved) => {
            assert!(!saved.untouched || saved.plan == plan, "altered unseen: {text}");
            can_be_told(&saved.plan);
        }
        Err(error) => {
            assert_ne!(altered, sound);
            is_a_readable_line(&error.to_string());
        }
    }
}

/// The guards answer, and the reports draw it.
fn can_be_told(plan: &Plan) {
    let given = GuardContext {
        altered: Some("the test says so".to_owned()),
        policies: CurrentPolicies::Unknown("there are none".to_owned()),
        caller: plan.facts.maker.account,
        source: plan.facts.source,
        now: "2027-03-31T12:00:00Z".parse().expect("a time"),
        max_age: std::time::Duration::from_hours(24),
        max_changes: 0,
        max_share: Some(0),
        partial_policies: Vec::new(),
        allowed: Vec::new(),
        require_complete: true,
        confirmation: Confirmation::Missing,
    };
    let refusing: Vec<Guard> = check_guards(plan, &given).into_iter().map(|refusal| refusal.guard).collect();
    assert_eq!(refusing.first(), Some(&Guard::Altered));
    // What is lost needs its own word, whatever else a file says.
    for step in &plan.steps {
        let becomes = |status| step.leaves_status(status);
        let guard = match step.operation {
            Operation::DisableMacie => Guard::Disable,
            _ if becomes(Status::NotEnabled) => Guard::Disable,
            Operation::UpdateMacieSession | Operation::UpdateMemberSession if becomes(Status::Paused) => Guard::Pause,
            _ => continue,
        };
        assert!(refusing.contains(&guard), "{step:?} is let through");
    }
    let mut out = Vec::new();
    for (detail, width) in [(Detail::Normal, 100), (Detail::Verbose, 30)] {
        let options = TextOptions { width, paint: Paint::Plain, detail, administrator: None, links: None };
        write_plan_text(plan, options, &mut out).expect("a vector takes everything");
    }
    let view = read_json(NOTHING_READ).expect("a report");
    write_plan_markdown(plan, &view, &FormatOptions::default(), &mut out).expect("a vector takes everything");
    steers_no_terminal(std::str::from_utf8(&out).expect("UTF-8"));
}

/// A report of nothing, beside which a plan is drawn.
const NOTHING_READ: &str = r#"{
  "format": "driftline.report", "format_version": 1, "tool": {"name": "driftline", "version": "0"},
  "run": {"command": "plan", "started_at": "2027-03-31T12:00:00Z", "finished_at": "2027-03-31T12:00:00Z", "source": "aws",
          "policy_digest": "sha256:1", "policy_files": [], "caller": null},
  "verdict": "in_sync", "requests": {}, "targets": [],
  "ledger": {"declared": 0, "in_sync": 0, "drifted": 0, "waived": 0, "not_applicable": 0, "unread": 0}}"#;

/// A plan with something in every place that a plan has.
pub(crate) fn specimen() -> Plan {
    let target = |digit: u8| {
        Target::macie_session(
            format!("00000000000{digit}").parse().expect("an id"),
            "eu-west-1".parse().expect("a Region"),
        )
    };
    let change = |(before, after): (Status, Status)| Change {
        setting: STATUS.id(),
        before: Some(before.value()),
        after: after.value(),
        severity: None,
        origin: None,
    };
    let step = |number: u32, digit: u8, operation: Operation, way: (Status, Status), risk: Risk| Step {
        number,
        target: target(digit),
        account_name: Some("a name".into()),
        one_way: risk != Risk::Safe || operation.is_one_way(),
        operation,
        calling_account: target(digit).account,
        changes: vec![change(way)],
        expected: [(STATUS.id(), way.0.value())].into_iter().collect(),
        session_updated_at: None,
        risk,
        consequence: "what comes of it".to_owned(),
        classification_jobs: (risk == Risk::Disruptive).then_some(2),
        after: (1..number).filter(|before| *before == 1 && number == 2).collect(),
    };
    let added = Operation::CreateMember { email: "new@example.com".into() };
    Plan {
        facts: PlanMetadata {
            created_at: "2027-03-31T12:00:00Z".parse().expect("a time"),
            source: Environment::Aws,
            maker: CallerIdentity {
                account: target(9).account,
                arn: "arn:aws:iam::000000000009:user/auditor".to_owned(),
            },
            basis: PlanSource::Policies {
                digest: "sha256:1".to_owned(),
                files: vec!["a.yaml".to_owned()],
                paths: vec!["policies".to_owned()],
            },
            settings_file: None,
            base: None,
            partial_policies: vec!["b.yaml".to_owned()],
            unmatched: Vec::new(),
            unnamed_administrator: Some(target(2).account),
            as_of: Some(jiff::civil::date(2027, 3, 31)),
            scope: PlanScope::Only(vec![(target(1).account, target(1).region)]),
        },
        declared: 5,
        declared_total: 6,
        steps: vec![
            step(1, 1, added, (Status::NotEnabled, Status::Enabled), Risk::Safe),
            step(2, 1, Operation::UpdateMemberSession, (Status::Enabled, Status::Paused), Risk::Disruptive),
            step(3, 2, Operation::DisableMacie, (Status::Enabled, Status::NotEnabled), Risk::Destructive),
        ],
        blocked: vec![BlockedChange {
            target: target(3),
            account_name: None,
            change: change((Status::Paused, Status::Enabled)).into(),
            block_reason: BlockReason::RegionOff,
            reason: "a reason".to_owned(),
            remediation: "a fix".to_owned(),
        }],
        not_planned: vec![SkippedTarget {
            target: target(4),
            partly: false,
            reason: UnreadReason::Denied,
            code: Some("AccessDeniedException".into()),
            message: Some("no".into()),
            request_id: None,
            expected: None,
        }],
    }
}
