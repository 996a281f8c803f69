//! The report for spreadsheets.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use super::setting_row::SettingRow;
use crate::report::escape::{spreadsheet, terminal};
use crate::report::{FormatOptions, Problem, ProblemKind, Target, View};
use crate::resource::Outcome;

/// The columns. They are only ever appended to.
const COLUMNS: [&str; 16] = [
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
];

/// The version of the table that the columns make up.
const FORMAT_VERSION: &str = "1";

/// The setting of a row that is about a target as a whole.
const SESSION: &str = "session";

/// A row but for what all rows of the report, and all rows of the target, have in common.
#[derive(Default)]
struct Row {
    setting: &'static str,
    outcome: &'static str,
    severity: &'static str,
    desired: String,
    live: String,
    waived: bool,
    waiver_expires: String,
    unread_reason: &'static str,
    file: String,
    line: String,
    message: String,
}

/// Writes one row for each declared setting, and before them one for each target that could not be read.
///
/// Nothing in the file can keep a spreadsheet from cutting the leading zeros of an account id, or from showing twelve digits as
/// a power of ten. The column with the account's name stands beside it.
///
/// Sources: RFC 4180, "Common Format and MIME Type for CSV Files"; CWE-1236 for cells that run as formulas.
pub fn write_csv(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    table.write_record(COLUMNS)?;
    for target in view.targets.iter() {
        let target: &Target<'_> = &target;
        let rows =
            unread(target, options).into_iter().chain(SettingRow::all_of(target).map(|check| row(&check, options)));
        for row in rows {
            let account = target.account.to_string();
            let cells = [
                FORMAT_VERSION,
                view.read_at(target),
                &account,
                target.account_name.as_deref().unwrap_or_default(),
                &target.region,
                row.setting,
                row.outcome,
                row.severity,
                &row.desired,
                &row.live,
                if row.waived { "true" } else { "false" },
                &row.waiver_expires,
                row.unread_reason,
                &row.file,
                &row.line,
                &row.message,
            ];
            let cell = |text| if options.csv_raw { terminal(text) } else { spreadsheet(text) };
            table.write_record(cells.map(cell).iter().map(|cell| cell.as_bytes()))?;
        }
    }
    table.flush()
}

/// The row of a target that could not be read.
fn unread(target: &Target<'_>, options: &FormatOptions) -> Option<Row> {
    let reason = target.unread.as_ref()?.reason.as_str();
    let problem = Problem { target: std::borrow::Cow::Borrowed(target), what: ProblemKind::Unread };
    let origin = problem.origin();
    Some(Row {
        setting: SESSION,
        outcome: Outcome::Unread.as_str(),
        severity: problem.severity().as_str(),
        unread_reason: reason,
        file: origin.map(|origin| options.path(&origin.file)).unwrap_or_default(),
        line: origin.map(|origin| origin.line.to_string()).unwrap_or_default(),
        message: problem.sentence(),
        ..Row::default()
    })
}

/// The row of a setting.
fn row(check: &SettingRow<'_>, options: &FormatOptions) -> Row {
    let setting = check.setting;
    let unread = check.target.unread.as_ref().filter(|_| setting.outcome == Outcome::Unread);
    Row {
        setting: setting.setting.key(),
        outcome: setting.outcome.as_str(),
        severity: setting.severity.as_str(),
        desired: setting.desired.join(" | "),
        live: setting.live.as_deref().unwrap_or_default().to_owned(),
        waived: setting.waiver.is_some(),
        waiver_expires: setting.waiver.as_ref().map(|waiver| waiver.expires.to_string()).unwrap_or_default(),
        unread_reason: unread.map(|unread| unread.reason.as_str()).unwrap_or_default(),
        file: options.path(&setting.origin.file),
        line: setting.origin.line.to_string(),
        message: check.sentence(),
    }
}
