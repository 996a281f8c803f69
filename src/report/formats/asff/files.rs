//! Findings in files of which each is one import.

use std::io::{self, Write};

use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use super::finding::Finding;
use super::map::{finding, region};
use crate::diagnostic::write_json_document;
use crate::model::{AccountId, Region};
use crate::report::formats::setting_row::SettingRow;
use crate::report::{FormatOptions, Target, View};
use crate::resource::Outcome;

/// The most findings that one call takes.
///
/// Source: Security Hub API Reference, BatchImportFindings. The 6 MB that it takes too cannot be reached by so many findings,
/// of which each text is cut.
const FINDINGS_AT_MOST: usize = 100;

/// What the name of every file ends with.
const SUFFIX: &str = ".asff.json";

/// The files of a report with their names: for each account, Region and hundred findings a bare array, which is what
/// `aws securityhub batch-import-findings --findings file://FILE` wants. Under the default product of an account, only that
/// account may import a finding.
///
/// What is in sync is among them, under the identity that its drift has, or a finding would never close. What could not be read
/// is too, without a verdict. What does not apply is left out, and a target of which nothing else is known has no file.
///
/// Source: AWS Security Hub User Guide, "BatchImportFindings for finding providers".
pub fn asff_files<'a>(
    view: &'a View<'_>,
    options: &'a FormatOptions,
) -> impl Iterator<Item = io::Result<(String, Vec<u8>)>> + 'a {
    view.targets.iter().flat_map(move |target| files_of(view, &target, options))
}

/// Writes the findings of all files as one array: for those who batch by themselves.
pub fn write_asff(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    write_json_document(&EachFinding { view, options }, out)
}

/// All findings, made one by one: all of them together may be larger than the report.
struct EachFinding<'a> {
    view: &'a View<'a>,
    options: &'a FormatOptions,
}

impl Serialize for EachFinding<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        for target in self.view.targets.iter() {
            for finding in findings_of(self.view, &target, self.options).map_err(S::Error::custom)? {
                all.serialize_element(&finding)?;
            }
        }
        all.end()
    }
}

/// Whether a file of this name is one of ours, of this run or of an earlier one.
pub fn is_asff_file(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(SUFFIX) else { return false };
    let parts: Vec<&str> = stem.split('.').collect();
    let is_number = |text: &str| text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [account, region, number] => {
            account.parse::<AccountId>().is_ok() && region.parse::<Region>().is_ok() && is_number(number)
        }
        _ => false,
    }
}

fn files_of(view: &View<'_>, target: &Target<'_>, options: &FormatOptions) -> Vec<io::Result<(String, Vec<u8>)>> {
    let findings = match findings_of(view, target, options) {
        Ok(findings) => findings,
        Err(error) => return vec![Err(error)],
    };
    let file = |(nth, chunk): (usize, &[Finding])| {
        // The name goes into a path: what is no Region must not.
        let region = region(&target.region)?;
        let mut bytes = Vec::new();
        write_json_document(chunk, &mut bytes)?;
        Ok((format!("{}.{region}.{:03}{SUFFIX}", target.account, nth + 1), bytes))
    };
    findings.chunks(FINDINGS_AT_MOST).enumerate().map(file).collect()
}

fn findings_of(view: &View<'_>, target: &Target<'_>, options: &FormatOptions) -> io::Result<Vec<Finding>> {
    SettingRow::all_of(target)
        .filter(|check| check.setting.outcome != Outcome::NotApplicable)
        .map(|check| finding(view, &check, options))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_ours() {
        assert!(is_asff_file("111122223333.eu-west-1.001.asff.json"));
        for name in [
            "111122223333.eu-west-1.asff.json",
            "11112222333.eu-west-1.001.asff.json",
            "111122223333.europe.001.asff.json",
            "111122223333.eu-west-1.1.asff.json",
            "111122223333.eu-west-1.001.json",
            "x.111122223333.eu-west-1.001.asff.json",
            "asff.json",
            "report.json",
        ] {
            assert!(!is_asff_file(name), "{name}");
        }
    }
}
