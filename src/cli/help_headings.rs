//! Headings of options in the help that several commands share.

/// What the command writes, and its exit code.
pub(super) const OUTPUT: &str = "Output";

/// Comparison with earlier runs and policies, and scheduled runs.
pub(super) const CHANGES: &str = "Changes and cron";

/// Deadlines, and runs that are split, repeated in part or read from the administrator account.
pub(super) const LARGE_RUNS: &str = "Large runs";

/// Options of single report formats.
pub(super) const FORMAT: &str = "Format options";

/// What an apply refuses without permission.
pub(super) const GUARDS: &str = "Guards";

/// How the steps of a plan are executed.
pub(super) const EXECUTION: &str = "Execution";

/// Options of every command.
pub(super) const GLOBAL: &str = "Global";
