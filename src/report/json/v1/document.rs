//! The document as a whole: writing it, its schema, and reading it back.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::error::Category;

use super::head::{Run, Tool, Unreached};
use super::sound;
use super::target::Target;
use super::view::{Targets, View};
use super::waivers::WaiverUseResult;
use crate::aws::RequestCounts;
use crate::diagnostic::{quote, truncate_line, write_json_document};
use crate::drift::{BaseFacts, Ledger, Verdict};
use crate::report::Changes;
use crate::report::json::parsed;

const FORMAT: &str = "driftline.report";
const FORMAT_VERSION: u32 = 1;

/// A report on how Macie is set, compared with what the policies want. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// Always `driftline.report`.
    #[schemars(extend("const" = FORMAT))]
    format: &'static str,
    /// The major version: readers must refuse one that they do not know.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    tool: &'a Tool<'a>,
    run: &'a Run<'a>,
    verdict: Verdict,
    ledger: Ledger,
    requests: RequestCounts,
    /// What has changed since an earlier report, where one was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<&'a Changes>,
    /// The git revision whose policies these were compared with, where they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'a BaseFacts>,
    /// Every declared target exactly once, sorted by account, then Region.
    #[schemars(with = "Vec<Target<'a>>")]
    targets: EachTarget<'a>,
    /// Every waiver of the policies, by place.
    waivers: &'a [WaiverUseResult<'a>],
    /// The accounts of the inventory that no declaration reaches, sorted by id.
    unreached_accounts: &'a [Unreached<'a>],
}

/// Targets are converted one by one while they are written: there may be hundreds of thousands.
struct EachTarget<'a>(&'a Targets<'a>);

impl Serialize for EachTarget<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

/// The same document, read back.
#[derive(Deserialize)]
struct SavedDocument {
    tool: Tool<'static>,
    run: Run<'static>,
    verdict: Verdict,
    ledger: Ledger,
    requests: RequestCounts,
    #[serde(default)]
    changes: Option<Changes>,
    #[serde(default)]
    base: Option<BaseFacts>,
    targets: Vec<Target<'static>>,
    #[serde(default)]
    waivers: Vec<WaiverUseResult<'static>>,
    #[serde(default)]
    unreached_accounts: Vec<Unreached<'static>>,
}

/// What is looked at before anything else.
#[derive(Deserialize)]
struct Head {
    format: Option<Value>,
    format_version: Option<Value>,
}

/// Why a text is no report that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// JSON, and not to its end.
    #[error("it is not JSON: {0}")]
    CutOff(String),
    /// Something else than a report.
    #[error("it is not a report of driftline: {0}")]
    NotAReport(String),
    /// A report of another version.
    #[error("it has format version {0}, and this driftline reads version {FORMAT_VERSION}")]
    OtherVersion(String),
    /// A report that is not sound.
    #[error("it is not a sound report: {0}")]
    Unsound(String),
}

/// Writes the report as one JSON object and a line feed.
pub fn write_json(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        format: FORMAT,
        format_version: FORMAT_VERSION,
        tool: &view.tool,
        run: &view.run,
        verdict: view.verdict,
        ledger: view.ledger,
        requests: view.requests,
        changes: view.changes.as_ref(),
        base: view.base.as_ref(),
        targets: EachTarget(&view.targets),
        waivers: &view.waivers,
        unreached_accounts: &view.unreached,
    };
    write_json_document(&document, out)
}

/// The JSON Schema (draft 2020-12) of the report. It lets unknown fields pass, as readers must.
pub fn report_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document<'static>);
    schema.insert("$id".to_owned(), "urn:driftline:schema:report:1".into());
    schema.insert("title".to_owned(), "driftline report, version 1".into());
    schema.to_value()
}

/// Reads a report back.
///
/// # Errors
///
/// Why there is none in the text. One whose ledger does not fit its targets is none either.
pub fn read_json(text: &str) -> Result<View<'static>, ReportError> {
    let head: Head = serde_json::from_str(text).map_err(|error| {
        let what = truncate_line(&error.to_string());
        match error.classify() {
            Category::Eof => ReportError::CutOff(what),
            Category::Data => ReportError::NotAReport(what),
            Category::Syntax | Category::Io => ReportError::NotJson(what),
        }
    })?;
    match head.format {
        Some(Value::String(format)) if format == FORMAT => {}
        Some(Value::String(other)) => {
            return Err(ReportError::NotAReport(format!("its `format` is \"{}\"", quote(&other))));
        }
        Some(_) => return Err(ReportError::NotAReport("its `format` is no text".to_owned())),
        None => return Err(ReportError::NotAReport("it has no `format`".to_owned())),
    }
    match head.format_version {
        Some(version) if version == FORMAT_VERSION => {}
        Some(version) => return Err(ReportError::OtherVersion(truncate_line(&version.to_string()))),
        None => return Err(ReportError::NotAReport("it has no `format_version`".to_owned())),
    }
    let saved: SavedDocument = parsed(text).map_err(ReportError::Unsound)?;
    let view = View {
        tool: saved.tool,
        run: saved.run,
        verdict: saved.verdict,
        ledger: saved.ledger,
        requests: saved.requests,
        waivers: saved.waivers,
        unreached: saved.unreached_accounts,
        changes: saved.changes,
        base: saved.base,
        targets: Targets::Saved(saved.targets),
    };
    sound::check(&view).map_err(|what| ReportError::Unsound(truncate_line(&what)))?;
    Ok(view)
}
