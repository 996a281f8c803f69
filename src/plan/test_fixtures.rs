//! Steps and plans for tests.

use super::{CallerIdentity, Plan, PlanMetadata, PlanScope, PlanSource, Step};
use crate::model::{AccountId, Environment, Target};
use crate::resource::macie_session::{STATUS, Status};
use crate::resource::{Change, Operation, Risk, SessionState};

/// An account that is easy to tell from others: its id ends with the digit.
pub(crate) fn account(digit: u8) -> AccountId {
    format!("00000000000{digit}").parse().expect("an id")
}

/// The target of such an account in eu-west-1.
pub(crate) fn target(digit: u8) -> Target {
    Target::macie_session(account(digit), "eu-west-1".parse().expect("a Region"))
}

/// A step that changes the status of an account from one to another, called by another or the same.
pub(crate) fn step(
    number: u32,
    (digit, caller): (u8, u8),
    operation: Operation,
    (before, after): (Status, Status),
    needs: &[u32],
) -> Step {
    let expected: SessionState = [(STATUS.id(), before.value())].into_iter().collect();
    let change = Change {
        setting: STATUS.id(),
        before: Some(before.value()),
        after: after.value(),
        severity: None,
        origin: None,
    };
    let one_way = operation.is_one_way();
    Step {
        number,
        target: target(digit),
        account_name: None,
        operation,
        calling_account: account(caller),
        changes: vec![change],
        expected,
        session_updated_at: None,
        risk: match after {
            Status::Enabled => Risk::Safe,
            Status::Paused => Risk::Disruptive,
            Status::NotEnabled => Risk::Destructive,
        },
        consequence: String::new(),
        classification_jobs: None,
        one_way,
        after: needs.to_vec(),
    }
}

/// A plan of some steps, made of AWS on the last day of March 2027.
pub(crate) fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        facts: PlanMetadata {
            created_at: "2027-03-31T12:00:00Z".parse().expect("a time"),
            source: Environment::Aws,
            maker: CallerIdentity { account: account(9), arn: "arn:aws:iam::000000000009:user/auditor".to_owned() },
            basis: PlanSource::Policies {
                digest: "sha256:1".to_owned(),
                files: vec!["a.yaml".to_owned()],
                paths: vec!["a.yaml".to_owned()],
            },
            scope: PlanScope::Whole,
            as_of: None,
            settings_file: None,
            base: None,
            partial_policies: Vec::new(),
            unmatched: Vec::new(),
            unnamed_administrator: None,
        },
        declared: steps.len(),
        declared_total: steps.len(),
        steps,
        blocked: Vec::new(),
        not_planned: Vec::new(),
    }
}
