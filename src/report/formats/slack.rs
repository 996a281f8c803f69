//! The report as the payload of a Slack webhook.

use std::io::{self, Write};

use serde::Serialize;

use super::notification;
use crate::diagnostic::write_json_document;
use crate::report::FormatOptions;
use crate::report::escape::slack;
use crate::report::finding::worst_first;
use crate::report::messages::{self, pluralize};
use crate::report::model::View;

/// The most of a section's text, in characters.
///
/// Source: Slack API Docs, "Section block".
const SECTION_AT_MOST: usize = 3_000;

/// The most of all blocks together. Slack refuses messages somewhat longer than this.
///
/// Source: slackapi/bolt-js#2509.
const ALL_AT_MOST: usize = 12_000;

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

/// Writes a message of blocks within Slack's limits: the worst problems first, as many as fit, and how many more there are.
///
/// Sources: Slack API Docs, "Blocks" (at most 50 in a message; these are never twenty), "Formatting text for app surfaces".
pub fn write_slack(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("driftline: {}", notification::headline(view));
    let mut about = vec![slack(&messages::ledger(&view.ledger))];
    about.extend(notification::remarks(view).iter().map(|remark| slack(remark)));
    let run = marked(slack(&notification::run(view, options)));
    let mut blocks =
        vec![Block::Header { text: plain(title.clone()) }, Block::Section { text: marked(about.join("\n")) }];
    blocks.extend(sections(view, options).into_iter().map(|text| Block::Section { text: marked(text) }));
    blocks.push(Block::Context { elements: [run] });
    write_json_document(&Payload { text: title, blocks }, out)
}

/// The texts of the sections that list findings, and the number left out.
fn sections(view: &View<'_>, options: &FormatOptions) -> Vec<String> {
    let findings = worst_first(view);
    let (mut sections, mut section, mut listed, mut length) = (Vec::new(), String::new(), 0, 0);
    for finding in &findings {
        let line = format!("• *{}* {}", finding.severity(), slack(&notification::line(finding, options)));
        // No line is longer than a section: a line has some 560 characters, and none grows more than fivefold.
        let units = units(&line) + 1;
        if length + units > ALL_AT_MOST {
            break;
        }
        if self::units(&section) + units > SECTION_AT_MOST {
            sections.push(std::mem::take(&mut section));
        }
        if !section.is_empty() {
            section.push('\n');
        }
        section.push_str(&line);
        length += units;
        listed += 1;
    }
    if !section.is_empty() {
        sections.push(section);
    }
    if let more @ 1.. = findings.len() - listed {
        sections
            .push(format!("… and {}, none of them more severe, in the full report.", pluralize(more, "more problem")));
    }
    sections
}

/// The length as JavaScript counts it, which is never less than the number of characters.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn plain(text: String) -> Text {
    Text::PlainText { text, emoji: false }
}

fn marked(text: String) -> Text {
    Text::Mrkdwn { text, verbatim: true }
}
