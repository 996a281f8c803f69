//! `driftline --version --verbose`: what this program was built from, and what it knows.

use std::ffi::OsString;

use crate::apply::JOURNAL_VERSION;
use crate::model::TABLE_DATE;
use crate::plan::PLAN_VERSION;
use crate::policy::POLICY_VERSION;
use crate::report::{REPORT_VERSION, SNAPSHOT_VERSION};

/// The commit, which whoever builds a release sets: a source archive has no Git repository.
const COMMIT: Option<&str> = option_env!("DRIFTLINE_COMMIT");

/// The target triple, which the build script passes on.
const TARGET: Option<&str> = option_env!("DRIFTLINE_TARGET");

/// Whether the arguments ask for the verbose form of the version.
pub(super) fn is_verbose(arguments: &[OsString]) -> bool {
    arguments.iter().skip(1).filter_map(|argument| argument.to_str()).any(|argument| {
        // `-Vv` is one argument with two options.
        argument == "--verbose"
            || argument.strip_prefix('-').is_some_and(|short| !short.starts_with('-') && short.contains('v'))
    })
}

/// Version, build and formats, one fact per line.
pub(super) fn verbose_version() -> String {
    let commit = COMMIT.filter(|commit| !commit.is_empty()).unwrap_or("unknown");
    let target = TARGET.unwrap_or("unknown");
    let features = if cfg!(feature = "simulator") { "simulator" } else { "none" };
    format!(
        "driftline {version}\ncommit: {commit}\ntarget: {target}\nfeatures: {features}\nRegion table: {TABLE_DATE}\nformat versions: \
         {formats}\n",
        version = env!("CARGO_PKG_VERSION"),
        formats = format_versions().join(", "),
    )
}

/// Files that this program reads, each with the version of its format.
fn format_versions() -> [String; 5] {
    [
        ("report", REPORT_VERSION),
        ("plan", PLAN_VERSION),
        ("journal", JOURNAL_VERSION),
        ("snapshot", SNAPSHOT_VERSION),
        ("policy", POLICY_VERSION),
    ]
    .map(|(format, version)| format!("{format} {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verbose_form_is_asked_for_by_either_spelling() {
        let is_verbose = |arguments: &[&str]| is_verbose(&arguments.iter().map(OsString::from).collect::<Vec<_>>());
        for verbose in [&["driftline", "-Vv"][..], &["driftline", "--version", "--verbose"], &["driftline", "-v", "-V"]]
        {
            assert!(is_verbose(verbose), "{verbose:?}");
        }
        for plain in [&["driftline-v", "-V"][..], &["driftline", "--version"], &["-v", "-qV"]] {
            assert!(!is_verbose(plain), "{plain:?}");
        }
    }
}
