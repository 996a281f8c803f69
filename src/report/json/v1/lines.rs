//! The report as JSON Lines, for programs that read it as it comes.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::changes::Changes;
use super::run::{Run, Unreached};
use super::target::Target;
use super::waivers::WaiverUseResult;
use crate::aws::RequestCounts;
use crate::diagnostic::{Tool, write_json_line};
use crate::drift::{BaseFacts, Ledger, Verdict};
use crate::report::{FormatOptions, View};

const FORMAT: &str = "driftline.report-line";
const FORMAT_VERSION: u32 = 1;

/// A line of a report: first one of the type `run_start`, then one for each declared target, sorted by account, then Region,
/// last one of the type `run_end`. A file without `run_end` is that of a run that did not come to its end, and readers must
/// take it for such. They must ignore fields and types of lines that they do not know.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a line is written at once and never kept")]
enum Line<'a> {
    /// The first line.
    RunStart {
        /// Always `driftline.report-line`.
        #[schemars(extend("const" = FORMAT))]
        format: &'static str,
        /// The major version: readers must refuse one that they do not know.
        #[schemars(extend("const" = FORMAT_VERSION))]
        format_version: u32,
        tool: &'a Tool<'a>,
        run: Run<'a>,
    },
    /// A declared target.
    Target(Target<'a>),
    /// The last line.
    RunEnd {
        verdict: Verdict,
        ledger: Ledger,
        requests: RequestCounts,
        /// Every waiver of the policies, by place.
        waivers: Vec<WaiverUseResult<'a>>,
        /// The accounts of the inventory that no declaration reaches, sorted by id.
        unreached_accounts: Vec<Unreached<'a>>,
        /// What the change of the policies does, where they were compared with those of a Git revision.
        #[serde(skip_serializing_if = "Option::is_none")]
        base: Option<&'a BaseFacts>,
        /// What has changed since an earlier report, where one was compared with.
        #[serde(skip_serializing_if = "Option::is_none")]
        changes: Option<Changes>,
        /// The exit code of the run.
        exit_code: u8,
    },
}

/// Writes the report as JSON Lines: one object and a line feed each, flushed one by one.
pub fn write_jsonl(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let start =
        Line::RunStart { format: FORMAT, format_version: FORMAT_VERSION, tool: &view.tool, run: (&view.run).into() };
    line(&start, out)?;
    for target in view.targets.iter() {
        line(&Line::Target((&*target).into()), out)?;
    }
    let end = Line::RunEnd {
        verdict: view.verdict,
        ledger: view.ledger,
        requests: view.requests,
        waivers: view.waivers.iter().map(WaiverUseResult::from).collect(),
        unreached_accounts: view.unreached.iter().map(Unreached::from).collect(),
        base: view.base.as_ref(),
        changes: view.changes.as_ref().map(Changes::from),
        exit_code: options.exit_code,
    };
    line(&end, out)
}

fn line(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_json_line(line, out)?;
    out.flush()
}

/// The JSON Schema (draft 2020-12) of a line. It lets unknown fields pass, as readers must.
pub fn report_line_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Line<'static>);
    schema.insert("$id".to_owned(), "urn:driftline:schema:report-line:1".into());
    schema.insert("title".to_owned(), "driftline report line, version 1".into());
    schema.to_value()
}
