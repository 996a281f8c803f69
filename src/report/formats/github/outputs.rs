//! The outputs of a step: the lines of the file that `GITHUB_OUTPUT` names.

use std::io::{self, Write};

use crate::report::{FormatOptions, View};

/// Writes the outputs of a step: words and numbers of driftline's own, never a text of somebody else.
///
/// Source: actions/runner, FileCommandManager.cs: `name=value`, line by line.
pub fn write_github_outputs(
    view: &View<'_>,
    options: &FormatOptions,
    changed: Option<bool>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "verdict={}", view.verdict.as_str())?;
    writeln!(out, "exit-code={}", options.exit_code)?;
    writeln!(out, "drifted={}", view.ledger.drifted)?;
    writeln!(out, "unread={}", view.ledger.unread)?;
    writeln!(out, "waived={}", view.ledger.waived)?;
    match changed {
        Some(changed) => writeln!(out, "changed={changed}"),
        None => Ok(()),
    }
}
