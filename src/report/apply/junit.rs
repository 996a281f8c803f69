//! What came of a plan, as JUnit XML: a suite for each target, a case for each step.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::summary::{cause_text, headline, remediation, words};
use crate::apply::{ApplyReport, StepOutcome, StepResult};
use crate::plan::Step;
use crate::report::escape::terminal;

/// Writes what came of a plan as JUnit XML.
///
/// Sources: the schema of the Jenkins xUnit plugin (junit-10.xsd); GitLab Docs, "Unit test reports": of a case that did not
/// succeed, the text of the element is what is shown.
pub fn write_applied_junit(applied: &ApplyReport, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new(format!("driftline {}", applied.command));
    for steps in chunks(applied) {
        let Some((first, _)) = steps.first() else { continue };
        let mut suite = TestSuite::new(format!("{} {}", first.target.account, first.target.region));
        for (step, result) in steps {
            suite.add_test_case(case(step, result, applied.dry_run));
        }
        report.add_test_suite(suite);
    }
    if !applied.refusals.is_empty() || applied.plan.steps.is_empty() {
        report.add_test_suite(guards(applied));
    }
    let text = report.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

/// The steps of each target together, in the order of the first ones.
fn chunks(applied: &ApplyReport) -> Vec<Vec<(&Step, &StepResult)>> {
    let mut chunks: Vec<Vec<(&Step, &StepResult)>> = Vec::new();
    for step in &applied.plan.steps {
        let Some(result) = applied.results.get(&step.number) else { continue };
        let same = |chunk: &&mut Vec<(&Step, &StepResult)>| {
            chunk.first().is_some_and(|(first, _)| first.target == step.target)
        };
        match chunks.iter_mut().find(same) {
            Some(chunk) => chunk.push((step, result)),
            None => chunks.push(vec![(step, result)]),
        }
    }
    chunks
}

fn case(step: &Step, result: &StepResult, dry_run: bool) -> TestCase {
    let mut status = match result.outcome {
        StepOutcome::Verified => TestCaseStatus::success(),
        StepOutcome::Applied | StepOutcome::Failed | StepOutcome::Stale => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        StepOutcome::Refused => TestCaseStatus::non_success(NonSuccessKind::Error),
        StepOutcome::NotTried => TestCaseStatus::skipped(),
    };
    if result.outcome != StepOutcome::Verified {
        let lines = [Some(result.message.clone()), cause_text(result), remediation(step, result, dry_run)];
        let text: Vec<String> = lines.into_iter().flatten().map(|line| terminal(&line).into_owned()).collect();
        status.set_message(terminal(&result.message).into_owned());
        status.set_description(text.join("\n"));
        status.set_type(result.outcome.as_str());
    }
    let mut case =
        TestCase::new(format!("{}. {} ({})", step.number, step.operation.name(), words(result.outcome)), status);
    case.set_classname(format!("driftline.{}.{}", step.target.account, step.target.region));
    case
}

/// The guards that refused; or, where there is no step, that there was nothing to do: a report without a case is none.
fn guards(applied: &ApplyReport) -> TestSuite {
    let mut suite = TestSuite::new("guards");
    for refusal in &applied.refusals {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type(refusal.guard.as_str());
        status.set_message(terminal(&refusal.reason).into_owned());
        status.set_description(format!("{}\n{}", terminal(&refusal.reason), terminal(&refusal.remediation)));
        let mut case = TestCase::new(refusal.guard.as_str(), status);
        case.set_classname("driftline.guards");
        suite.add_test_case(case);
    }
    if applied.refusals.is_empty() {
        let mut case = TestCase::new(headline(applied), TestCaseStatus::success());
        case.set_classname("driftline.guards");
        suite.add_test_case(case);
    }
    suite
}
