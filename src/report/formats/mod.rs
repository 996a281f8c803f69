//! The report formats, each a function from the model to a writer.

mod asff;
mod asff_finding;
mod codequality;
mod compliance;
mod csv;
mod github;
mod github_summary;
mod html;
mod junit;
mod metrics;
mod notification;
mod ocsf;
mod ocsf_event;
mod owners;
mod sarif;
mod slack;
mod sns;

use std::io::{self, Write};

pub use asff::{asff_files, is_asff_file, write_asff};
pub use codequality::write_codequality;
pub use csv::write_csv;
pub use github::{write_github, write_github_outputs};
pub use github_summary::github_summary;
pub use html::write_html;
pub use junit::write_junit;
pub use metrics::{write_openmetrics, write_prometheus};
pub use ocsf::write_ocsf;
pub(super) use owners::OWNER_MARK;
pub use owners::{is_owner_file, owner_files, write_owners};
pub use sarif::write_sarif;
pub use slack::write_slack;
pub use sns::write_sns;

use super::format::Format;
use super::json::{write_json, write_jsonl};
use super::model::View;
use super::options::FormatOptions;
use super::pull_request::write_markdown;
use super::text::{TextOptions, write_text};

/// Renders a report in a format. No format filters silently: what one leaves out is in its documentation.
pub fn render(
    view: &View<'_>,
    format: Format,
    text: TextOptions,
    options: &FormatOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => write_text(view, text, out),
        Format::Json => write_json(view, out),
        Format::Jsonl => write_jsonl(view, options, out),
        Format::Markdown => write_markdown(view, options, out),
        Format::Github => write_github(view, options, out),
        Format::Sarif => write_sarif(view, options, out),
        Format::Junit => write_junit(view, options, out),
        Format::Codequality => write_codequality(view, options, out),
        Format::Csv => write_csv(view, options, out),
        Format::Prometheus => write_prometheus(view, options, out),
        Format::Openmetrics => write_openmetrics(view, options, out),
        Format::Html => write_html(view, options, out),
        Format::Ocsf => write_ocsf(view, options, out),
        Format::Asff => write_asff(view, options, out),
        Format::Slack => write_slack(view, options, out),
        Format::Sns => write_sns(view, options, out),
        Format::Owners => write_owners(view, options, out),
    }
}
