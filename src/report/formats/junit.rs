//! The report as JUnit XML: a suite for each target, a case for each setting.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::model::Origin;
use crate::report::escape::xml;
use crate::report::{Basis, FormatOptions, Problem, ProblemKind, SettingResult, Target, View, Why};
use crate::resource::Outcome;

/// Writes the report as JUnit XML. What was not read is an error, what is waived or does not apply is skipped.
///
/// Sources: the schema of the Jenkins xUnit plugin (junit-10.xsd), which forbids `file` and `line`; GitLab Docs, "Unit test
/// reports", which has them, and shows the text of an element and never its message.
pub fn write_junit(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new("driftline check");
    for target in view.targets.iter() {
        report.add_test_suite(suite(&target, view, options));
    }
    let text = report.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn suite(target: &Target<'_>, view: &View<'_>, options: &FormatOptions) -> TestSuite {
    let mut suite = TestSuite::new(format!("{} {}", target.account, xml(&target.region)));
    // Some readers take no offset; it is UTC.
    suite.extra.insert("timestamp".into(), xml(view.began_reading(target).trim_end_matches('Z')).into());
    if view.stored_at(target).is_some() {
        suite.add_property(Property::new("source", xml(&view.source())));
    }
    if let Some(name) = &target.account_name {
        suite.add_property(Property::new("account_name", xml(name)));
    }
    if target.unread.is_some() {
        suite.add_test_case(unread(target, options));
        return suite;
    }
    for setting in &target.settings {
        let mut case = TestCase::new(format!("session.{}", setting.setting.key()), status(target, setting, options));
        settle(&mut case, target, Some(&setting.origin), options);
        suite.add_test_case(case);
    }
    suite
}

/// Where the case belongs: the suite's name that GitLab shows, the package of Jenkins, and the declaration.
fn settle(case: &mut TestCase, target: &Target<'_>, origin: Option<&Origin>, options: &FormatOptions) {
    case.set_classname(format!("driftline.{}.{}", target.account, xml(&target.region)));
    if let Some(origin) = origin {
        case.extra.insert("file".into(), xml(&options.path(&origin.file)).into());
        case.extra.insert("line".into(), origin.line.to_string().into());
    }
}

fn status(target: &Target<'_>, setting: &SettingResult<'_>, options: &FormatOptions) -> TestCaseStatus {
    match setting.outcome {
        Outcome::InSync => TestCaseStatus::success(),
        Outcome::Drifted => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("drift");
            said(status, &lines(setting, options))
        }
        Outcome::Waived => said(TestCaseStatus::skipped(), &lines(setting, options)),
        Outcome::NotApplicable | Outcome::Unread => said(TestCaseStatus::skipped(), &[why_not(target).to_owned()]),
    }
}

/// The first line as the message, all of them as the text.
fn said(mut status: TestCaseStatus, lines: &[String]) -> TestCaseStatus {
    let lines: Vec<String> = lines.iter().map(|line| xml(line)).collect();
    if let Some(first) = lines.first() {
        status.set_message(first.clone());
    }
    status.set_description(lines.join("\n"));
    status
}

/// What is to be said of a drift, waived or not.
fn lines(setting: &SettingResult<'_>, options: &FormatOptions) -> Vec<String> {
    let at = |origin: &Origin| format!("{}:{}", options.path(&origin.file), origin.line);
    let live = setting.live.as_deref().unwrap_or("unknown");
    let mut lines = vec![format!("want {}, have {live}", setting.wanted())];
    let named = setting.origin.declaration.as_deref().map_or_else(String::new, |name| format!(" ({name})"));
    lines.push(format!("declared at {}{named}", at(&setting.origin)));
    lines.push(format!("severity {}", setting.severity));
    if let Some(waiver) = &setting.waiver {
        let owner = waiver.owner.as_deref().map_or_else(String::new, |owner| format!(", {owner} answers for it"));
        lines.push(format!("waived until {} at {}: {}{owner}", waiver.expires, at(&waiver.origin), waiver.reason));
    }
    for lapsed in &setting.lapsed_waivers {
        let why = match lapsed.why {
            Why::Expired => format!("ended on {}", lapsed.waiver.expires),
            Why::OtherLiveValue => "is for another live value".to_owned(),
        };
        lines.push(format!("the waiver at {} {why}: {}", at(&lapsed.waiver.origin), lapsed.waiver.reason));
    }
    lines
}

/// Why a setting does not apply.
fn why_not(target: &Target<'_>) -> &'static str {
    match target.evidence.as_ref().map(|known| known.basis) {
        _ if target.live.is_some() => "there is no session that could have it",
        Some(Basis::NoMacieInRegion) => "Macie does not exist in the Region",
        Some(Basis::RegionOff | Basis::RegionOffInferred | Basis::RegionOffListed) => {
            "the Region is off for the account"
        }
        Some(Basis::Answer | Basis::Listed) | None => "it does not apply",
    }
}

/// The one case of a target of which nothing is known.
fn unread(target: &Target<'_>, options: &FormatOptions) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    let problem = Problem { target: Cow::Borrowed(target), what: ProblemKind::Unread };
    let mut lines = vec![problem.sentence()];
    if let Some(unread) = problem.unread() {
        status.set_type(unread.reason.as_str());
        lines.extend(unread.request_id.as_ref().map(|id| format!("request id {id}")));
    }
    lines.extend(problem.remediation().map(|way| format!("fix: {way}")));
    let mut case = TestCase::new("session", said(status, &lines));
    settle(&mut case, target, problem.origin(), options);
    case
}
