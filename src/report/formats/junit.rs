//! The report as JUnit XML: a suite for each target, a case for each row.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::model::{Origin, Resource};
use crate::report::FormatOptions;
use crate::report::escape::xml;
use crate::report::finding::Finding;
use crate::report::model::{Basis, ChangeMark, End, Expectation, Review, SettingRow, Target, View, Why};
use crate::resource::Outcome;

/// Writes the report as JUnit XML. What was not read is an error. What is waived, does not apply, or is unread as expected is
/// skipped.
///
/// Sources: the schema of the Jenkins xUnit plugin (junit-10.xsd), which forbids `file` and `line`; GitLab Docs, "Unit test
/// reports", which has them, and shows the text of an element and never its message.
pub fn write_junit(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new("driftline check");
    for target in view.targets.iter() {
        report.add_test_suite(suite(&target, view, options));
    }
    report.add_test_suites(comparison(view));
    let text = report.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

/// The suite without cases about the report as a whole: its properties say what it was compared with, and list the findings of an
/// earlier report that this one does not have. `None` without a comparison.
fn comparison(view: &View<'_>) -> Option<TestSuite> {
    let mut suite = TestSuite::new("comparison");
    let mut add = |name: &str, value: &str| {
        suite.add_property(Property::new(name, xml(value)));
    };
    if let Some(changes) = &view.changes {
        add("compared_with", &changes.compared_with.map_or_else(String::new, |time| time.to_string()));
        let counts = [("new", changes.new), ("changed", changes.changed), ("persisting", changes.persisting)];
        for (name, count) in counts {
            add(name, &count.to_string());
        }
        for ended in changes.not_present() {
            add(if ended.kind == End::Unknown { "carried" } else { "resolved" }, &ended.sentence());
        }
    }
    if let Some(base) = &view.base {
        add("base", &base.revision);
        for review in Review::ALL {
            add(review.as_str(), &base.counts.count(review).to_string());
        }
    }
    (!suite.properties.is_empty()).then_some(suite)
}

fn suite(target: &Target<'_>, view: &View<'_>, options: &FormatOptions) -> TestSuite {
    let resource = match target.resource {
        Resource::MacieSession => String::new(),
        resource => format!(" {}", resource.noun()),
    };
    let mut suite = TestSuite::new(format!("{} {}{resource}", target.account, target.region));
    // Some readers take no offset; it is UTC.
    suite
        .extra
        .insert("timestamp".into(), view.began_reading(target).to_string().trim_end_matches('Z').to_owned().into());
    if view.stored_at(target).is_some() {
        suite.add_property(Property::new("source", xml(&view.source())));
    }
    if let Some(name) = &target.account_name {
        suite.add_property(Property::new("account_name", xml(name)));
    }
    if target.unread().is_some() {
        suite.add_test_case(case(target.resource.subject().to_owned(), &Finding::for_target(target), (view, options)));
        return suite;
    }
    for finding in Finding::for_settings(target) {
        suite.add_test_case(case(
            format!("{}.{}", target.resource.subject(), finding.subject()),
            &finding,
            (view, options),
        ));
    }
    suite
}

/// A case with its place: the suite's name that GitLab shows, the package of Jenkins, and the declaration.
fn case(name: String, finding: &Finding<'_>, (view, options): (&View<'_>, &FormatOptions)) -> TestCase {
    let status = match finding.row() {
        Some(row) if finding.unread().is_none() => status(&finding.target, row, options),
        _ => unread(finding, view, options),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("driftline.{}.{}", finding.target.account, finding.target.region));
    if let Some(origin) = finding.origin() {
        case.extra.insert("file".into(), xml(&options.path(&origin.file)).into());
        case.extra.insert("line".into(), origin.line.to_string().into());
    }
    let since = finding.since().map(|since| since.to_string());
    let (mark, review) = (finding.mark().map(ChangeMark::as_str), finding.review().map(Review::as_str));
    for (name, value) in [("change", mark), ("since", since.as_deref()), ("review", review)] {
        case.properties.extend(value.map(|value| Property::new(name, value)));
    }
    case
}

fn status(target: &Target<'_>, row: &SettingRow<'_>, options: &FormatOptions) -> TestCaseStatus {
    match row.outcome {
        Outcome::InSync => TestCaseStatus::success(),
        Outcome::Drifted => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("drift");
            with_text(status, &lines(row, options))
        }
        Outcome::Waived => with_text(TestCaseStatus::skipped(), &lines(row, options)),
        Outcome::NotApplicable | Outcome::Unread => with_text(TestCaseStatus::skipped(), &[why_not(target).to_owned()]),
    }
}

/// The first line as the message, all of them as the text.
fn with_text(mut status: TestCaseStatus, lines: &[String]) -> TestCaseStatus {
    let lines: Vec<String> = lines.iter().map(|line| xml(line)).collect();
    if let Some(first) = lines.first() {
        status.set_message(first.clone());
    }
    status.set_description(lines.join("\n"));
    status
}

/// The text about a drift, waived or not.
fn lines(row: &SettingRow<'_>, options: &FormatOptions) -> Vec<String> {
    let at = |origin: &Origin| format!("{}:{}", options.path(&origin.file), origin.line);
    let mut lines = vec![row.difference()];
    let named = row.origin.declaration.as_deref().map_or_else(String::new, |name| format!(" ({name})"));
    lines.push(format!("declared at {}{named}", at(&row.origin)));
    lines.push(format!("severity {}", row.severity));
    if let Some(waiver) = &row.waiver {
        let owner = waiver.owner.as_deref().map_or_else(String::new, |owner| format!(", {owner} answers for it"));
        lines.push(format!("waived until {} at {}: {}{owner}", waiver.expires, at(&waiver.origin), waiver.reason));
    }
    for lapsed in &row.lapsed_waivers {
        let why = match lapsed.why {
            Why::Expired => format!("ended on {}", lapsed.waiver.expires),
            Why::OtherLiveValue => "is for another live value".to_owned(),
            Why::OtherReason => "expects another reason".to_owned(),
        };
        lines.push(format!("the waiver at {} {why}: {}", at(&lapsed.waiver.origin), lapsed.waiver.reason));
    }
    lines
}

/// Why a setting does not apply.
fn why_not(target: &Target<'_>) -> &'static str {
    match target.basis() {
        _ if target.is_off() => "there is no session that could have it",
        Some(Basis::NoMacieInRegion) => "Macie does not exist in the Region",
        Some(Basis::RegionOff | Basis::RegionOffInferred | Basis::RegionOffListed) => {
            "the Region is off for the account"
        }
        Some(Basis::Answer | Basis::Listed) | None => "it does not apply",
    }
}

/// The status of an unread target or setting.
fn unread(finding: &Finding<'_>, view: &View<'_>, options: &FormatOptions) -> TestCaseStatus {
    if let Some(Expectation { origin, reason, owner, expires }) = view.excuse(finding) {
        let owner = owner.as_deref().map_or_else(String::new, |owner| format!(", {owner} answers for it"));
        let at = format!("{}:{}", options.path(&origin.file), origin.line);
        let word = finding.unread().map_or("unread", |unread| unread.reason.as_str());
        let lines = [
            format!("unread as expected until {expires}, {word}: {reason}"),
            format!("expected at {at}{owner}"),
            finding.sentence(),
        ];
        return with_text(TestCaseStatus::skipped(), &lines);
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    let mut lines = vec![finding.sentence()];
    if let Some(unread) = finding.unread() {
        status.set_type(unread.reason.as_str());
        lines.extend(unread.evidence.request_id.as_ref().map(|id| format!("request id {id}")));
    }
    lines.extend(view.overrule(finding).map(|why| format!("a waiver expects it, but {why}")));
    lines.extend(finding.remediation().map(|fix| format!("fix: {fix}")));
    with_text(status, &lines)
}
