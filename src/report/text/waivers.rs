//! Waivers: below the drift that they cover, and those that ask for attention at the end.

use std::io::{self, Write};

use super::Detail;
use super::layout::Layout;
use crate::report::escape::terminal;
use crate::report::messages::{self, pluralize};
use crate::report::model::{Expectation, SettingRow, View, WaiverFacts, WaiverUsage};

/// Below a drifted or waived setting: what covers it, and what no longer does.
pub(super) fn below(row: &SettingRow<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let faint = |part: &str| layout.options.paint.faint(part);
    if let Some(waiver) = &row.waiver {
        let text = format!("waived until {}: {} · {}", waiver.expires, terminal(&waiver.reason), signed(waiver));
        return layout.indented(&text, faint, out);
    }
    lapsed(row, layout, out)
}

/// The waivers that select a finding and do not cover it.
pub(super) fn lapsed(row: &SettingRow<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    for lapsed in &row.lapsed_waivers {
        let not = if lapsed.waiver.unread_reasons.is_some() { "not expected" } else { "not waived" };
        let text = format!("{not} by {}: {}", signed(&lapsed.waiver), terminal(&messages::lapse(lapsed)));
        layout.indented(&text, |part| layout.options.paint.faint(part), out)?;
    }
    Ok(())
}

/// Below what is unread as expected.
pub(super) fn expected(expected: &Expectation<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let owner = expected.owner.as_ref().map_or_else(String::new, |owner| format!(" ({})", terminal(owner)));
    let at = terminal(&expected.origin.to_string()).into_owned();
    let text = format!("expected until {}: {} · {at}{owner}", expected.expires, terminal(&expected.reason));
    layout.indented(&text, |part| layout.options.paint.faint(part), out)
}

/// The waivers that ask for attention; all of them if everything is to be said.
pub(super) fn all(report: &View<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let verbose = layout.options.detail == Detail::Verbose;
    let shown: Vec<(&WaiverUsage<'_>, Vec<String>)> = report
        .waivers
        .iter()
        .map(|used| {
            let wide = messages::is_wide(used).filter(|_| verbose);
            (used, messages::remarks(used, report.today()).into_iter().chain(wide).collect::<Vec<_>>())
        })
        .filter(|(_, remarks)| verbose || !remarks.is_empty())
        .collect();
    if shown.is_empty() {
        return Ok(());
    }
    let paint = layout.options.paint;
    writeln!(out, "{}", paint.strong("Waivers"))?;
    for (used, mut remarks) in shown {
        let mark = if remarks.is_empty() { paint.good("✓") } else { paint.warn("!") };
        if remarks.is_empty() {
            remarks.push(format!("covers {} until {}", pluralize(used.covered, "setting"), used.waiver.expires));
        }
        layout.hanging(&mark, &format!("{}: {}", signed(&used.waiver), remarks.join("; ")), out)?;
        layout.indented(&terminal(&used.waiver.reason), |part| paint.faint(part), out)?;
    }
    writeln!(out)
}

/// The waiver by its place and its owner.
fn signed(waiver: &WaiverFacts<'_>) -> String {
    let owner = waiver.owner.as_ref().map_or_else(String::new, |owner| format!(" ({})", terminal(owner)));
    format!("{}{owner}", terminal(&waiver.origin.to_string()))
}
