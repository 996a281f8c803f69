//! Exit codes.

use std::ffi::OsStr;
use std::process::ExitCode;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command};

use super::help_headings::OUTPUT;
use crate::drift::Verdict;

/// Exit status of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Every declared target was read, or is unread as a waiver expects, and none drifts; or another command succeeded.
    Clean,
    /// No result: bad arguments, an invalid policy, a missing file, no credentials, a report that cannot be written, an internal
    /// error.
    Error,
    /// Drift; nothing is unread but what a waiver expects.
    Drift,
    /// Something is unread; no drift in the rest.
    Incomplete,
    /// Drift, and something is unread.
    DriftAndIncomplete,
    /// `apply`, `rollback`: refused by a guard; a step failed, was stale or not tried; or drift is blocked.
    NotApplied,
    /// Ctrl-C. What was read has been reported, the rest is unread.
    Interrupted,
    /// SIGTERM or SIGHUP. What was read has been reported, the rest is unread.
    Terminated,
}

impl ExitStatus {
    /// Every exit code.
    pub const ALL: [Self; 8] = [
        Self::Clean,
        Self::Error,
        Self::Drift,
        Self::Incomplete,
        Self::DriftAndIncomplete,
        Self::NotApplied,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number. 2 and 4 are bits, and 6 is both. 130 and 143 are the shell's codes for the signals.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Error => 1,
            Self::Drift => 2,
            Self::Incomplete => 4,
            Self::DriftAndIncomplete => 6,
            Self::NotApplied => 8,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Meaning, in a line of help.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Clean => "every declared target was read, or is unread as a waiver expects, and none drifts",
            Self::Error => "no result: bad arguments or files, no credentials, unwritable report",
            Self::Drift => "drift; nothing is unread but what a waiver expects. `plan`: changes. `diff`: differences",
            Self::Incomplete => "incomplete: some targets are unread, no drift in the rest",
            Self::DriftAndIncomplete => "drift, and some targets are unread (2 + 4)",
            Self::NotApplied => "`apply`, `rollback`: refused by a guard, a step is not verified, or drift is blocked",
            Self::Interrupted => "interrupted (Ctrl-C); what was read is still reported, the rest is unread",
            Self::Terminated => "terminated (SIGTERM, SIGHUP); otherwise as 130",
        }
    }
}

impl ExitStatus {
    /// Exit status of a run that found drift, or left something unread that no waiver expects.
    pub(super) fn for_findings(drift: bool, unread: bool) -> Self {
        match (drift, unread) {
            (false, false) => Self::Clean,
            (true, false) => Self::Drift,
            (false, true) => Self::Incomplete,
            (true, true) => Self::DriftAndIncomplete,
        }
    }
}

impl From<Verdict> for ExitStatus {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::InSync => Self::Clean,
            Verdict::Drift => Self::Drift,
            Verdict::Incomplete => Self::Incomplete,
            Verdict::DriftAndIncomplete => Self::DriftAndIncomplete,
        }
    }
}

/// The option that maps the verdict to the exit code.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct FailOnArgs {
    /// What the exit code reports: drift (2), unread targets (4), both, or none; errors always do
    ///
    /// Masks the bits 2 and 4 of the exit code: `drift` turns 4 into 0 and 6 into 2; `unread` turns 2 into 0 and 6 into 4; `none`
    /// gives 0. The codes 1, 8, 130 and 143 stay, and so does the verdict in every report.
    #[arg(long, value_name = "WHAT", value_parser = FailOnParser, default_value = "drift,unread", help_heading = OUTPUT)]
    fail_on: FailOn,
}

/// Findings that the exit code reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FailOn {
    drift: bool,
    unread: bool,
}

impl FromStr for FailOn {
    type Err = String;

    /// Parses a list that is separated by commas, or `none`.
    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split(',').map(str::trim).collect();
        let mut reported = Self { drift: false, unread: false };
        for word in &words {
            match *word {
                "drift" => reported.drift = true,
                "unread" => reported.unread = true,
                "none" if words.len() == 1 => {}
                "none" => return Err("none stands alone".to_owned()),
                "" => {
                    return Err(
                        "a word is missing; use drift, unread, both with a comma between them, or none".to_owned()
                    );
                }
                other => return Err(format!("\"{other}\" is neither drift, unread nor none")),
            }
        }
        Ok(reported)
    }
}

/// Parser of [`FailOn`]. The help and the completions of shells show the usual values.
#[derive(Debug, Clone, Copy)]
struct FailOnParser;

impl TypedValueParser for FailOnParser {
    type Value = FailOn;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<FailOn, clap::Error> {
        FailOn::from_str.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = [
            ("drift,unread", "Both"),
            ("drift", "Drift only: 4 becomes 0, and 6 becomes 2"),
            ("unread", "Unread targets only: 2 becomes 0, and 6 becomes 4"),
            ("none", "Neither: 2, 4 and 6 become 0"),
        ];
        Some(Box::new(values.into_iter().map(|(value, help)| PossibleValue::new(value).help(help))))
    }
}

impl FailOnArgs {
    /// Exit status without the findings that it does not report. Of all codes, only 2 and 4 are bits.
    pub(super) fn mask(self, exit: ExitStatus) -> ExitStatus {
        let (drift, unread) = match exit {
            ExitStatus::Drift => (true, false),
            ExitStatus::Incomplete => (false, true),
            ExitStatus::DriftAndIncomplete => (true, true),
            ExitStatus::Clean
            | ExitStatus::Error
            | ExitStatus::NotApplied
            | ExitStatus::Interrupted
            | ExitStatus::Terminated => return exit,
        };
        ExitStatus::for_findings(drift && self.fail_on.drift, unread && self.fail_on.unread)
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(exit: ExitStatus) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_removes_the_bits_of_the_verdict_and_no_other_code() {
        for (text, codes) in [
            ("drift,unread", [0, 1, 2, 4, 6, 8, 130, 143]),
            ("drift", [0, 1, 2, 0, 2, 8, 130, 143]),
            ("unread", [0, 1, 0, 4, 4, 8, 130, 143]),
            ("none", [0, 1, 0, 0, 0, 8, 130, 143]),
        ] {
            let args = FailOnArgs { fail_on: text.parse().expect("valid") };
            let masked = ExitStatus::ALL.map(|exit| args.mask(exit).code());
            assert_eq!(masked, codes, "{text}");
        }
    }

    #[test]
    fn a_list_is_split_at_commas_and_trimmed() {
        for both in ["unread,drift", " drift , unread ", "drift,drift,unread"] {
            assert_eq!(both.parse(), Ok(FailOn { drift: true, unread: true }), "{both:?}");
        }
        assert_eq!(" none ".parse(), Ok(FailOn { drift: false, unread: false }));
        for (wrong, why) in [
            ("", "a word is missing"),
            ("drift,", "a word is missing"),
            ("drift,none", "none stands alone"),
            ("drift,errors", "\"errors\" is neither drift, unread nor none"),
            ("drift unread", "\"drift unread\" is neither"),
        ] {
            assert!(wrong.parse::<FailOn>().is_err_and(|error| error.contains(why)), "{wrong:?}");
        }
    }
}
