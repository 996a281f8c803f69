//! Exit codes.

use std::process::ExitCode;

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

impl From<ExitStatus> for ExitCode {
    fn from(exit: ExitStatus) -> Self {
        Self::from(exit.code())
    }
}
