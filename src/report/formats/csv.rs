//! The report for spreadsheets.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use crate::model::Severity;
use crate::report::FormatOptions;
use crate::report::escape::{spreadsheet, terminal, value};
use crate::report::finding::Finding;
use crate::report::model::{Changes, Resolved, View};
use crate::report::violations::violations;

/// The columns. They are only ever appended to.
const COLUMNS: [&str; 26] = [
    "format_version",
    "observed_at",
    "account",
    "account_name",
    "region",
    "setting",
    "outcome",
    "severity",
    "desired",
    "live",
    "waived",
    "waiver_expires",
    "unread_reason",
    "file",
    "line",
    "message",
    "remediation",
    "expected_until",
    "resource",
    "sessions",
    "change",
    "since",
    "review",
    "base_desired",
    "was",
    "resolution",
];

/// The version of the table that the columns make up.
const FORMAT_VERSION: &str = "1";

/// Writes one row for each declared setting, and before them one for each target that could not be read. At the end there is one for each
/// finding of an earlier report that this one does not have: it has no outcome, so that outcomes are counted as without it.
///
/// Nothing in the file can keep a spreadsheet from cutting the leading zeros of an account id, or from showing twelve digits as
/// a power of ten. The column with the account's name stands beside it.
///
/// Sources: RFC 4180, "Common Format and MIME Type for CSV Files"; CWE-1236 for cells that run as formulas.
pub fn write_csv(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    table.write_record(COLUMNS)?;
    for target in view.targets.iter() {
        let whole = target.unread().map(|_| Finding::for_target(&target));
        for finding in whole.into_iter().chain(Finding::for_settings(&target)) {
            write_row(&cells(&finding, view, options), options, &mut table)?;
        }
    }
    for ended in view.changes.iter().flat_map(Changes::not_present) {
        write_row(&ended_cells(ended, view), options, &mut table)?;
    }
    table.flush()
}

fn write_row(cells: &Cells, options: &FormatOptions, table: &mut csv::Writer<&mut dyn Write>) -> csv::Result<()> {
    let cell = |text| if options.csv_raw { terminal(text) } else { spreadsheet(text) };
    table.write_record(cells.each_ref().map(|text| cell(text)).iter().map(|cell| cell.as_bytes()))
}

/// The cells of a row, in the order of the columns.
type Cells = [String; COLUMNS.len()];

/// The cells of a finding. An unread target has a row of its own, with its greatest severity.
fn cells(finding: &Finding<'_>, view: &View<'_>, options: &FormatOptions) -> Cells {
    let (target, row, origin) = (&finding.target, finding.row(), finding.origin());
    let waiver = row.and_then(|row| row.waiver.as_ref());
    let severity: Severity = row.map_or_else(|| finding.severity(), |row| row.severity);
    [
        FORMAT_VERSION.to_owned(),
        view.read_at(target).to_string(),
        target.account.to_string(),
        target.account_name.as_deref().unwrap_or_default().to_owned(),
        target.region.to_string(),
        finding.subject().to_owned(),
        finding.outcome().as_str().to_owned(),
        severity.as_str().to_owned(),
        row.map(|row| value(&row.desired.join(" | ")).into_owned()).unwrap_or_default(),
        row.and_then(|row| row.live.as_deref()).map(value).unwrap_or_default().into_owned(),
        waiver.is_some().to_string(),
        waiver.map(|waiver| waiver.expires.to_string()).unwrap_or_default(),
        finding.unread().map(|unread| unread.reason.as_str()).unwrap_or_default().to_owned(),
        origin.map(|origin| options.path(&origin.file)).unwrap_or_default(),
        origin.map(|origin| origin.line.to_string()).unwrap_or_default(),
        finding.sentence_with_waiver(),
        finding.remediation().unwrap_or_default(),
        finding.expected().map(|expected| expected.expires.to_string()).unwrap_or_default(),
        target.resource.to_string(),
        row.map(|row| violations(row, usize::MAX).join(" | ")).unwrap_or_default(),
        finding.mark().map(|mark| mark.as_str().to_owned()).unwrap_or_default(),
        finding.since().map(|since| since.to_string()).unwrap_or_default(),
        finding.review().map(|review| review.as_str().to_owned()).unwrap_or_default(),
        row.map(|row| value(&row.base_desired.join(" | ")).into_owned()).unwrap_or_default(),
        String::new(),
        String::new(),
    ]
}

/// The cells of a finding of an earlier report.
fn ended_cells(ended: &Resolved, view: &View<'_>) -> Cells {
    COLUMNS.map(|column| match column {
        "format_version" => FORMAT_VERSION.to_owned(),
        "observed_at" => view.run.finished_at.to_string(),
        "account" => ended.account.to_string(),
        "account_name" => ended.account_name.clone().unwrap_or_default(),
        "region" => ended.region.to_string(),
        "setting" => ended.setting.clone(),
        "message" => ended.sentence(),
        "resource" => ended.resource.to_string(),
        "change" => ended.change().to_owned(),
        "since" => ended.since.to_string(),
        "was" => value(&ended.was).into_owned(),
        "resolution" => ended.kind.key().to_owned(),
        _ => String::new(),
    })
}
