//! The report as the payload of a Slack webhook.

use std::io::{self, Write};

use serde::Serialize;

use super::notification;
use crate::diagnostic::write_json_document;
use crate::report::FormatOptions;
use crate::report::escape::{shortened, slack, terminal};
use crate::report::messages::{self, pluralize};
use crate::report::model::View;
use crate::report::news::{Line, News};
use crate::report::unread_summary::UnreadSummary;

/// The most of a header's text, in characters.
///
/// Source: Slack API Docs, "Header block".
const HEADER_AT_MOST: usize = 150;

/// The most of a section's text, in characters.
///
/// Source: Slack API Docs, "Section block".
const SECTION_AT_MOST: usize = 3_000;

/// The most of a line that is too long for a section, so that it is not even if all of it is escaped.
const LINE_AT_MOST: usize = 560;

/// The most of all blocks together. Slack refuses messages somewhat longer than this.
///
/// Source: slackapi/bolt-js#2509.
const ALL_AT_MOST: usize = 12_000;

/// The most of all causes together.
const CAUSES_AT_MOST: usize = 5_000;

/// The most of what a cause is, and of its fix.
const CAUSE_AT_MOST: usize = 280;

/// The most of a text about what is left out.
const MORE_AT_MOST: usize = 100;

#[derive(Serialize)]
struct Payload {
    /// What notifications show, and whoever cannot show blocks.
    text: String,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Header { text: Text },
    Section { text: Text },
    Context { elements: [Text; 1] },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Text {
    PlainText {
        text: String,
        emoji: bool,
    },
    Mrkdwn {
        text: String,
        /// Slack makes no links and mentions of names and addresses by itself.
        verbatim: bool,
    },
}

/// Writes a message of blocks within Slack's limits. It begins with what changed since an earlier report, if there is one; else
/// the worst problems come first, as many as fit, and how many more there are.
///
/// Sources: Slack API Docs, "Blocks" (at most 50 in a message; these are never twenty), "Formatting text for app surfaces".
pub fn write_slack(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let news = News::from_view(view);
    let verdict = notification::headline(view);
    let title = format!("driftline: {}", news.as_ref().map_or_else(|| verdict.clone(), News::headline));
    // Names stand in it. A header needs no escaping, the text of a notification does: neither has these characters.
    let title = shortened(&terminal(&title), HEADER_AT_MOST).replace(['<', '>', '&', '@'], "?");
    let mut about = vec![slack(&messages::ledger(&view.ledger))];
    about.extend(notification::remarks(view).iter().map(|remark| slack(remark)));
    let about = sections(&about, SECTION_AT_MOST, more_lines);
    let unread = UnreadSummary::new(view);
    let causes = causes(view, &unread, news.as_ref(), options);
    let run = slack(&notification::run(view, options));
    let verdict = format!("Verdict: {verdict}");
    let above = all_units(&causes) + all_units(&about);
    let mut room = ALL_AT_MOST.saturating_sub(units(&title) + units(&run) + units(&verdict) + above);
    let listed = |texts: Vec<String>| texts.into_iter().map(|text| Block::Section { text: marked(text) });
    let mut blocks = vec![Block::Header { text: plain(title.clone()) }];
    if let Some(news) = &news {
        // What stands needs room of its own.
        let changed = changed(news, options, if news.is_reminder() { room / 2 } else { room });
        room = room.saturating_sub(all_units(&changed));
        blocks.extend(listed(changed));
        blocks.push(Block::Section { text: marked(verdict) });
    }
    blocks.extend(listed(causes));
    blocks.extend(listed(about));
    if news.as_ref().is_none_or(News::is_reminder) {
        let line = |line: &notification::Line| (format!("• *{}* {}", line.severity, slack(&line.text)), line.findings);
        let lines: Vec<(String, usize)> = notification::lines(view, &unread, options).iter().map(line).collect();
        let more =
            |more| format!("… and {}, none of them more severe, in the full report.", pluralize(more, "more problem"));
        blocks.extend(listed(sections_of(&lines, room, more)));
    }
    blocks.push(Block::Context { elements: [marked(run)] });
    write_json_document(&Payload { text: title, blocks }, out)
}

/// Changes, and one line for the rest, in at most so many characters.
fn changed(news: &News<'_>, options: &FormatOptions, at_most: usize) -> Vec<String> {
    let line = |line: Line| {
        let whole = format!("• *{}* {}", line.label, slack(&line.text));
        if units(&whole) < SECTION_AT_MOST {
            return whole;
        }
        format!("• *{}* {}", line.label, slack(&shortened(&line.text, LINE_AT_MOST)))
    };
    let lines: Vec<_> = news.lines(|file| options.path(file)).into_iter().map(line).collect();
    let rest = news.rest();
    let mut texts = sections(&lines, at_most.saturating_sub(rest.as_deref().map_or(0, units)), more_lines);
    texts.extend(rest);
    texts
}

/// The causes, the most severe first, as many as fit into a section.
fn causes(view: &View<'_>, unread: &UnreadSummary, news: Option<&News<'_>>, options: &FormatOptions) -> Vec<String> {
    let line = |cause: notification::CauseText| {
        let (fact, fix) = (shortened(&cause.fact, CAUSE_AT_MOST), shortened(&cause.fix, CAUSE_AT_MOST));
        format!("*{}* {}\n      fix: {}", cause.severity, slack(&fact), slack(&fix))
    };
    let lines: Vec<String> = notification::causes(view, unread, news, options).into_iter().map(line).collect();
    sections(&lines, CAUSES_AT_MOST, |more| format!("… and {} in the full report.", pluralize(more, "more cause")))
}

fn more_lines(more: usize) -> String {
    format!("… and {} like these, in the full report.", pluralize(more, "more line"))
}

/// The texts of the sections that hold as many lines as fit into so many characters, and a text for the number left out.
fn sections(lines: &[String], at_most: usize, more: impl Fn(usize) -> String) -> Vec<String> {
    sections_of(&lines.iter().map(|line| (line.clone(), 1)).collect::<Vec<_>>(), at_most, more)
}

/// The same for lines that stand for a number of findings each.
fn sections_of(lines: &[(String, usize)], at_most: usize, more: impl Fn(usize) -> String) -> Vec<String> {
    let (mut sections, mut section, mut listed, mut length) = (Vec::new(), String::new(), 0, 0);
    for (line, _) in lines {
        // No line is longer than a section: a line has some 560 characters that grow no more than fivefold, and 70
        // that do not.
        let units = units(line) + 1;
        if length + units + MORE_AT_MOST > at_most {
            break;
        }
        if self::units(&section) + units > SECTION_AT_MOST {
            sections.push(std::mem::take(&mut section));
        }
        if !section.is_empty() {
            section.push('\n');
        }
        section.push_str(line);
        length += units;
        listed += 1;
    }
    if !section.is_empty() {
        sections.push(section);
    }
    if let left_out @ 1.. = lines.iter().skip(listed).map(|(_, count)| count).sum() {
        sections.push(more(left_out));
    }
    sections
}

/// The length as JavaScript counts it, which is never less than the number of characters.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn all_units(texts: &[String]) -> usize {
    texts.iter().map(|text| units(text)).sum()
}

fn plain(text: String) -> Text {
    Text::PlainText { text, emoji: false }
}

fn marked(text: String) -> Text {
    Text::Mrkdwn { text, verbatim: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_stay_within_their_room_and_count_what_they_leave_out() {
        let lines = || vec!["x".repeat(500); 100];
        for at_most in [0, SECTION_AT_MOST, ALL_AT_MOST] {
            let texts = sections(&lines(), at_most, more_lines);
            let (more, listed) = texts.split_last().expect("a text for what is left out");
            assert!(listed.is_empty() || all_units(&texts) <= at_most, "{at_most}");
            assert!(listed.iter().all(|text| units(text) <= SECTION_AT_MOST), "{at_most}");
            let left_out = 100 - listed.iter().map(|text| text.lines().count()).sum::<usize>();
            assert_eq!(*more, more_lines(left_out));
        }
    }
}
