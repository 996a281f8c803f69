//! The document: writing, schema, and reading.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::error::Category;

use super::changes::Changes;
use super::run::{Run, Unreached};
use super::target::Target;
use super::waivers::WaiverUseResult;
use super::{check, into_model};
use crate::aws::RequestCounts;
use crate::diagnostic::{
    DocumentHead, DocumentKind, Envelope, HeadError, OtherVersion, Tool, truncate_line, write_json_document,
};
use crate::drift::{BaseFacts, Ledger, Verdict};
use crate::model::Resource;
use crate::report::history::MarkCounts;
use crate::report::json::parse;
use crate::report::model::{Targets, View, ledger_by_resource};

/// The version of the JSON report.
pub const REPORT_VERSION: u32 = 1;

const REPORT: DocumentKind =
    DocumentKind { format: "driftline.report", version: REPORT_VERSION, title: "driftline report" };

/// A report on how Macie is set, compared with what the policies want. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    run: Run<'a>,
    verdict: Verdict,
    ledger: Ledger,
    /// The same for each resource that has targets.
    ledger_by_resource: &'a BTreeMap<Resource, Ledger>,
    requests: RequestCounts,
    /// What has changed since an earlier report, where one was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Changes>,
    /// The git revision whose policies these were compared with, where they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'a BaseFacts>,
    /// Every declared target exactly once, sorted by account, then Region.
    #[schemars(with = "Vec<Target<'a>>")]
    targets: EachTarget<'a>,
    /// Every waiver of the policies, by place.
    waivers: Vec<WaiverUseResult<'a>>,
    /// The accounts of the inventory that no declaration reaches, sorted by id.
    unreached_accounts: Vec<Unreached<'a>>,
}

/// Targets that are converted one by one while they are written.
struct EachTarget<'a>(&'a Targets<'a>);

impl Serialize for EachTarget<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut targets = serializer.serialize_seq(Some(self.0.len()))?;
        for target in self.0.iter() {
            targets.serialize_element(&Target::from(&*target))?;
        }
        targets.end()
    }
}

/// The body of a saved document.
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
    #[error(transparent)]
    OtherVersion(OtherVersion),
    /// A report that is not sound.
    #[error("it is not a sound report: {0}")]
    Unsound(String),
}

impl ReportError {
    /// The error for a report of which no more than the version is readable.
    pub fn other_version(found: &str) -> Self {
        Self::OtherVersion(OtherVersion::new(found, REPORT.version))
    }
}

/// Writes the report as one JSON object and a line feed.
pub fn write_json(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let body = Document {
        run: (&view.run).into(),
        verdict: view.verdict,
        ledger: view.ledger,
        ledger_by_resource: &view.ledger_by_resource,
        requests: view.requests,
        changes: view.changes.as_ref().map(Changes::from),
        base: view.base.as_ref(),
        targets: EachTarget(&view.targets),
        waivers: view.waivers.iter().map(WaiverUseResult::from).collect(),
        unreached_accounts: view.unreached.iter().map(Unreached::from).collect(),
    };
    write_json_document(&Envelope::from_tool(REPORT, view.tool.clone(), body), out)
}

/// The JSON Schema (draft 2020-12) of the report. It lets unknown fields pass, as readers must.
pub fn report_schema() -> serde_json::Value {
    REPORT.schema::<Document<'_>>()
}

/// Reads a report back.
///
/// # Errors
///
/// Why there is none in the text. One whose ledger does not fit its targets is none either.
pub fn read_json(text: &str) -> Result<View<'static>, ReportError> {
    let head: DocumentHead = serde_json::from_str(text).map_err(|error| {
        let what = truncate_line(&error.to_string());
        match error.classify() {
            Category::Eof => ReportError::CutOff(what),
            Category::Data => ReportError::NotAReport(what),
            Category::Syntax | Category::Io => ReportError::NotJson(what),
        }
    })?;
    head.check(REPORT.format, REPORT.version).map_err(|error| match error {
        HeadError::OtherVersion(version) => ReportError::OtherVersion(version),
        other => ReportError::NotAReport(other.to_string()),
    })?;
    let unsound = |what: String| ReportError::Unsound(head.explain(&what));
    let saved: SavedDocument = parse(text).map_err(unsound)?;
    let mut view = view(saved).map_err(unsound)?;
    check::check(&view).map_err(unsound)?;
    // The document does not hold everything that a ledger counts.
    view.ledger = view.ledger_by_resource.values().copied().sum();
    Ok(view)
}

fn view(saved: SavedDocument) -> Result<View<'static>, String> {
    let run = into_model::run(saved.run)?;
    let each = saved.targets.into_iter().enumerate();
    let targets: Vec<_> = each.map(|(index, target)| into_model::target(target, index)).collect::<Result<_, _>>()?;
    let counts_newly_unread = saved.changes.as_ref().is_none_or(|changes| changes.newly_unread.is_some());
    let changes = saved.changes.map(|changes| into_model::changes(changes, &targets)).transpose();
    let changes = changes.map_err(|what| format!("`changes`: {what}"))?;
    let mut view = View {
        tool: saved.tool,
        run,
        verdict: saved.verdict,
        ledger: saved.ledger,
        ledger_by_resource: ledger_by_resource(&targets),
        requests: saved.requests,
        waivers: saved.waivers.into_iter().map(into_model::usage).collect(),
        unreached: saved.unreached_accounts.into_iter().map(into_model::unreached).collect(),
        changes,
        base: saved.base,
        targets: Targets::Saved(targets),
    };
    // The first reports of the version do not count it.
    if !counts_newly_unread {
        let newly_unread = MarkCounts::from_view(&view).newly_unread;
        view.changes.iter_mut().for_each(|changes| changes.newly_unread = newly_unread);
    }
    Ok(view)
}
