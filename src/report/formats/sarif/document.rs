//! The log as a whole.

use std::io::{self, Write};

use super::driver::{automation_details, driver, invocation};
use super::log::{Log, Run, Tool};
use super::results::results;
use crate::diagnostic::write_json_document;
use crate::report::{FormatOptions, View};

/// Writes what drifts and what is unread as SARIF 2.1.0. What is waived is left out unless it is asked for: GitHub does not
/// honour suppressions. What is unread is in it, since GitHub closes an alert that is missing from the next upload.
pub fn write_sarif(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: driver(view) },
            automation_details: options.sarif_category.as_deref().map(automation_details),
            column_kind: "unicodeCodePoints",
            invocations: [invocation(view, options)],
            results: results(view, options),
        }],
    };
    write_json_document(&log, out)
}
