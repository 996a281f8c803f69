//! From a format's word to its function.

use std::io::{self, Write};

use super::{
    write_asff, write_codequality, write_csv, write_github, write_html, write_jsonl, write_junit, write_ocsf,
    write_openmetrics, write_prometheus, write_sarif, write_slack, write_sns,
};
use crate::report::{Format, FormatOptions, TextOptions, View, write_json, write_markdown, write_text};

/// Draws a report in a format. No format filters by itself: what one leaves out is in its documentation.
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
    }
}
