//! The report as a notification by Amazon SNS: plain text, its first line the subject.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::notification;
use crate::model::Environment;
use crate::report::FormatOptions;
use crate::report::escape::{ascii, notification, shortened};
use crate::report::messages::{self, pluralize};
use crate::report::model::View;
use crate::report::news::News;
use crate::report::unread_summary::UnreadSummary;

/// The most characters of a subject: SNS wants fewer than 100.
///
/// Source: the service model of SNS, Publish: ASCII that begins with a letter, a digit or a punctuation mark, without line breaks
/// and control characters.
const SUBJECT_AT_MOST: usize = 99;

/// The most lines about findings. Each is short, so that the message stays far below the 256 KiB that SNS takes.
const LINES_AT_MOST: usize = 20;

/// The most causes.
const CAUSES_AT_MOST: usize = 12;

/// The most of a change.
const LINE_AT_MOST: usize = 10_000;

/// The most bytes of the list of changes: SNS takes 256 KiB.
///
/// Source: the service model of SNS, Publish.
const NEWS_AT_MOST: usize = 200_000;

/// Writes the subject, an empty line, and the message. It begins with what changed since an earlier report, if there is one.
///
/// Source: the service model of SNS, Publish.
pub fn write_sns(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let news = News::from_view(view);
    writeln!(out, "{}\n", subject(view, news.as_ref(), options))?;
    if let Some(news) = &news {
        writeln!(out, "{}", changed(news, options))?;
        writeln!(out, "Verdict: {}", notification::headline(view))?;
    }
    let unread = UnreadSummary::new(view);
    causes(view, &unread, (news.as_ref(), options), out)?;
    writeln!(out, "{}", messages::ledger(&view.ledger))?;
    writeln!(out, "{}", notification(&notification::run(view, options)))?;
    for remark in notification::remarks(view) {
        writeln!(out, "{remark}")?;
    }
    if news.as_ref().is_none_or(News::is_reminder) { standing(view, &unread, options, out) } else { Ok(()) }
}

/// The causes, the most severe first, each with its fix.
fn causes(
    view: &View<'_>,
    unread: &UnreadSummary,
    (news, options): (Option<&News<'_>>, &FormatOptions),
    out: &mut dyn Write,
) -> io::Result<()> {
    let causes = notification::causes(view, unread, news, options);
    for cause in causes.iter().take(CAUSES_AT_MOST) {
        writeln!(out, "* {}: {}", cause.severity, notification(&cause.fact))?;
        writeln!(out, "  fix: {}", notification(&cause.fix))?;
    }
    if let more @ 1.. = causes.len().saturating_sub(CAUSES_AT_MOST) {
        writeln!(out, "… and {} in the full report.", pluralize(more, "more cause"))?;
    }
    if causes.is_empty() { Ok(()) } else { writeln!(out) }
}

/// The findings that are not in the list of changes, the worst first.
fn standing(view: &View<'_>, unread: &UnreadSummary, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let lines = notification::lines(view, unread, options);
    if !lines.is_empty() {
        writeln!(out)?;
    }
    for line in lines.iter().take(LINES_AT_MOST) {
        writeln!(out, "- {}: {}", line.severity, notification(&line.text))?;
    }
    match lines.iter().skip(LINES_AT_MOST).map(|line| line.findings).sum() {
        0 => Ok(()),
        more => {
            writeln!(out, "… and {}, none of them more severe, in the full report.", pluralize(more, "more problem"))
        }
    }
}

/// Changes, and one line for the rest.
fn changed(news: &News<'_>, options: &FormatOptions) -> String {
    let (mut text, mut left_out) = (String::new(), 0);
    for line in news.lines(|file| options.path(file)) {
        let changed = shortened(&line.text, LINE_AT_MOST);
        let line = format!("- {}: {}\n", line.label, notification(&changed));
        if left_out == 0 && text.len() + line.len() <= NEWS_AT_MOST {
            text.push_str(&line);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "… and {left_out} more lines like these, in the full report.");
    }
    if let Some(rest) = news.rest() {
        let _ = writeln!(text, "{rest}");
    }
    text
}

fn subject(view: &View<'_>, news: Option<&News<'_>>, options: &FormatOptions) -> String {
    let source = match (view.run.snapshot.is_some(), view.run.source) {
        (true, Environment::Aws) => " (snapshot)",
        (true, Environment::Simulation) => " (snapshot of a simulated AWS)",
        (false, Environment::Simulation) => " (simulated AWS)",
        (false, Environment::Aws) => "",
    };
    let headline = news.map_or_else(|| notification::headline(view), News::headline);
    let mut subject = format!("driftline{source}: {} ({})", ascii(&headline), ascii(&options.policy_set));
    if subject.len() > SUBJECT_AT_MOST {
        // It is ASCII: each byte is a character.
        subject.truncate(SUBJECT_AT_MOST - 3);
        subject.push_str("...");
    }
    subject
}
