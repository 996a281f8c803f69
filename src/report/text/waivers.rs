//! Waivers: below the drift that they cover, and those that ask for attention at the end.

use std::io::{self, Write};

use jiff::civil::Date;

use super::Detail;
use super::layout::Layout;
use crate::report::{SettingResult, State, View, WaiverResult, WaiverUseResult, Why, counted, days, terminal};

/// Below a drifted or waived setting: what covers it, and what no longer does.
pub(super) fn of_setting(finding: &SettingResult<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let faint = |part: &str| layout.options.paint.faint(part);
    if let Some(waiver) = &finding.waiver {
        let text = format!("waived until {}: {} · {}", waiver.expires, terminal(&waiver.reason), signed(waiver));
        return layout.indented(&text, faint, out);
    }
    for lapsed in &finding.lapsed_waivers {
        let waiver = &lapsed.waiver;
        let why = match lapsed.why {
            Why::Expired => format!("its last day was {}", waiver.expires),
            Why::OtherLiveValue => format!("it is for {} only", terminal(&waiver.while_live.join(" or "))),
        };
        layout.indented(&format!("not waived by {}: {why}", signed(waiver)), faint, out)?;
    }
    Ok(())
}

/// The waivers that ask for attention; all of them if everything is to be said.
pub(super) fn all(report: &View<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let verbose = layout.options.detail == Detail::Verbose;
    let shown: Vec<(&WaiverUseResult<'_>, Vec<String>)> = report
        .waivers
        .iter()
        .map(|used| (used, remarks(used, report.today())))
        .filter(|(_, remarks)| verbose || !remarks.is_empty())
        .collect();
    if shown.is_empty() {
        return Ok(());
    }
    let paint = layout.options.paint;
    writeln!(out, "{}", paint.strong("Waivers"))?;
    for (used, mut remarks) in shown {
        let mark = if remarks.is_empty() { paint.good("✓") } else { paint.unsure("!") };
        if remarks.is_empty() {
            remarks.push(format!("covers {} until {}", counted(used.covered, "setting"), used.waiver.expires));
        }
        layout.hanging(&mark, &format!("{}: {}", signed(&used.waiver), remarks.join("; ")), out)?;
        layout.indented(&terminal(&used.waiver.reason), |part| paint.faint(part), out)?;
    }
    writeln!(out)
}

/// What is to be said about a waiver; nothing if it does what it is for.
fn remarks(used: &WaiverUseResult<'_>, today: Option<Date>) -> Vec<String> {
    let mut remarks = Vec::new();
    // Where the day is not known, the dates alone speak.
    let left = today.map_or(0, |today| today.duration_until(used.waiver.expires).as_hours() / 24);
    match used.state {
        State::Active => {}
        State::Ending if left == 0 => remarks.push("ends today".to_owned()),
        State::Ending => remarks.push(format!("ends in {}", days(left))),
        State::Expired => {
            remarks.push(format!("expired {} ago, on {}", days(-left), used.waiver.expires));
            if used.uncovered > 0 {
                remarks.push(format!("the drift of {} counts again", counted(used.uncovered, "setting")));
            }
            return remarks;
        }
    }
    if used.covered > 0 && used.in_sync > 0 {
        let wide =
            format!("wider than what it covers: {} waived, {} in sync", counted(used.covered, "setting"), used.in_sync);
        remarks.push(wide);
    } else if used.covered == 0 && used.unread == 0 {
        remarks.push("covers nothing now".to_owned());
    }
    remarks
}

/// The waiver by its place and its owner.
fn signed(waiver: &WaiverResult<'_>) -> String {
    let owner = waiver.owner.as_ref().map_or_else(String::new, |owner| format!(" ({})", terminal(owner)));
    format!("{}{owner}", terminal(&waiver.origin.to_string()))
}
