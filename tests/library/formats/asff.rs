//! `asff`: findings in files of which each is one import.

use std::collections::BTreeSet;

use driftline::model::Region;
use driftline::report::{
    Format, FormatOptions, Report, SettingRow, Target, Targets, View, asff_files, is_asff_file, read_json,
};
use driftline::resource::Outcome;
use serde_json::Value;

use super::fixture::{HOSTILE, clean, drawn, many, nothing_read, report};

/// The files of a report: name, text, findings.
fn files(report: &Report, options: &FormatOptions) -> Vec<(String, String, Vec<Value>)> {
    let view = View::from(report);
    let files = asff_files(&view, options).map(|file| {
        let (name, bytes) = file.expect("a file");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let findings = serde_json::from_str(&text).expect("an array");
        (name, text, findings)
    });
    files.collect()
}

fn findings(report: &Report) -> Vec<Value> {
    files(report, &FormatOptions::default()).into_iter().flat_map(|(_, _, findings)| findings).collect()
}

fn settings(report: &Report, is: impl Fn(Outcome) -> bool) -> usize {
    let view = View::from(report);
    let settings = view.targets.iter().flat_map(|target| target.settings.clone());
    settings.filter(|setting| is(setting.outcome)).count()
}

#[test]
fn the_files() {
    let files = files(&report(), &FormatOptions::default());
    let names: Vec<&str> = files.iter().map(|(name, ..)| name.as_str()).collect();
    insta::assert_snapshot!("names", names.join("\n"));
    let mut seen = BTreeSet::new();
    let first: Vec<&Value> = files
        .iter()
        .flat_map(|(_, _, findings)| findings)
        .filter(|finding| seen.insert(finding["Compliance"]["Status"].to_string()))
        .collect();
    assert_eq!(seen.len(), 4);
    insta::assert_snapshot!("findings", serde_json::to_string_pretty(&first).expect("JSON"));
}

#[test]
fn every_setting_that_applies_is_a_finding() {
    for report in [report(), clean(), nothing_read(), many(9)] {
        let findings = findings(&report);
        assert_eq!(findings.len(), settings(&report, |outcome| outcome != Outcome::NotApplicable));
        let ids: BTreeSet<String> = findings.iter().map(|finding| finding["Id"].to_string()).collect();
        assert_eq!(ids.len(), findings.len());
        let words = [
            ("PASSED", Outcome::InSync),
            ("FAILED", Outcome::Drifted),
            ("WARNING", Outcome::Waived),
            ("NOT_AVAILABLE", Outcome::Unread),
        ];
        for (word, wanted) in words {
            let told = findings.iter().filter(|finding| finding["Compliance"]["Status"] == word).count();
            assert_eq!(told, settings(&report, |outcome| outcome == wanted), "{word}");
        }
        let whole: Vec<Value> =
            serde_json::from_str(&drawn(&report, Format::Asff, &FormatOptions::default())).expect("an array");
        assert_eq!(whole, findings);
    }
}

#[test]
fn a_file_is_of_one_account_and_region() {
    let files = files(&report(), &FormatOptions::default());
    let names: BTreeSet<&String> = files.iter().map(|(name, ..)| name).collect();
    assert_eq!(names.len(), files.len());
    for (name, text, findings) in &files {
        assert!(is_asff_file(name), "{name}");
        assert!(text.ends_with("]\n") && !findings.is_empty());
        for finding in findings {
            let (account, region) = (finding["AwsAccountId"].as_str(), finding["Region"].as_str());
            let (account, region) = (account.expect("an account"), region.expect("a Region"));
            assert_eq!(name, &format!("{account}.{region}.001.asff.json"));
            let arn = format!("arn:aws:securityhub:{region}:{account}:product/{account}/default");
            assert_eq!(finding["ProductArn"], arn);
        }
    }
}

#[test]
fn what_security_hub_takes_at_most_is_kept_whatever_others_write() {
    let options = FormatOptions { policy_set: "ü𝄞".repeat(3_000), ..FormatOptions::default() };
    for (_, text, findings) in files(&report(), &options) {
        assert!(findings.len() <= 100 && text.len() < 6 * 1024 * 1024);
        for finding in findings {
            let is_at_most = |pointer: &str, limit: usize| {
                let text = finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                assert!(text.encode_utf16().count() <= limit, "{pointer}: {text}");
            };
            is_at_most("/Id", 512);
            is_at_most("/GeneratorId", 512);
            is_at_most("/Title", 256);
            is_at_most("/Description", 1_024);
            is_at_most("/Remediation/Recommendation/Text", 512);
            is_at_most("/Compliance/RelatedRequirements/0", 64);
            is_at_most("/FindingProviderFields/Severity/Original", 64);
            assert!(finding.to_string().len() < 240 * 1024);
            let fields = finding["ProductFields"].as_object().expect("fields");
            assert!(fields.len() <= 50);
            for (name, value) in fields {
                let value = value.as_str().expect("text");
                assert!(name.starts_with("driftline/") && name.len() <= 128);
                assert!(!value.trim().is_empty() && value.encode_utf16().count() <= 2_048, "{name}");
            }
        }
    }
}

#[test]
fn more_than_a_hundred_findings_are_more_than_one_file() {
    let report = clean();
    let view = View::from(&report);
    let target: Target<'_> = view.targets.iter().next().expect("a target").into_owned();
    let setting: SettingRow<'_> = target.settings[0].clone();
    let settings = std::iter::repeat_n(setting, 250).collect();
    let view = View { targets: Targets::Saved(vec![Target { settings, ..target }]), ..View::from(&report) };
    let options = FormatOptions::default();
    let files: Vec<(String, Vec<u8>)> = asff_files(&view, &options).map(|file| file.expect("a file")).collect();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let wanted = ["001", "002", "003"].map(|nth| format!("111122223333.eu-west-1.{nth}.asff.json"));
    assert_eq!(names, wanted);
    let counts = files.iter().map(|(_, bytes)| serde_json::from_slice::<Vec<Value>>(bytes).expect("an array").len());
    assert_eq!(counts.collect::<Vec<_>>(), [100, 100, 50]);
}

#[test]
fn a_region_that_is_none_is_no_name_of_a_file() {
    let json = drawn(&clean(), Format::Json, &FormatOptions::default());
    let altered = json.replacen("\"region\": \"eu-west-1\"", "\"region\": \"../../x\"", 1);
    let refused = read_json(&altered).expect_err("a report that is not sound");
    assert_eq!(
        refused.to_string(),
        "it is not a sound report: `targets[0] (111122223333/../../x)`: \"../../x\" is no Region"
    );
    // Nor can one stand in a report that nobody has looked at: its targets hold Regions, and no texts.
    assert!("../../x".parse::<Region>().is_err());
}

#[test]
fn text_of_others_is_harmless() {
    let options = FormatOptions { policy_set: HOSTILE.concat(), ..FormatOptions::default() };
    for (_, text, _) in files(&report(), &options) {
        for piece in &HOSTILE[..5] {
            let escaped = serde_json::to_string(piece).expect("JSON");
            assert!(!text.contains(piece) && !text.contains(escaped.trim_matches('"')), "{piece:?}");
        }
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")));
    }
}

#[test]
fn twenty_thousand_targets_are_as_many_files() {
    let report = many(20_000);
    let view = View::from(&report);
    let options = FormatOptions::default();
    assert_eq!(asff_files(&view, &options).flatten().count(), 20_000);
}
