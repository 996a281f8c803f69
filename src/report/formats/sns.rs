//! The report as a notification by Amazon SNS: plain text, its first line the subject.

use std::io::{self, Write};

use super::notification;
use crate::model::Environment;
use crate::report::FormatOptions;
use crate::report::escape::{ascii, notification};
use crate::report::finding::worst_first;
use crate::report::messages::{self, pluralize};
use crate::report::model::View;

/// The most characters of a subject: SNS wants fewer than 100.
///
/// Source: the service model of SNS, Publish: ASCII that begins with a letter, a digit or a punctuation mark, without line breaks
/// and control characters.
const SUBJECT_AT_MOST: usize = 99;

/// The most findings that are listed. Each is short, so that the message stays far below the 256 KiB that SNS takes.
const FINDINGS_AT_MOST: usize = 20;

/// Writes the subject, an empty line, and the message.
///
/// Source: the service model of SNS, Publish.
pub fn write_sns(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n", subject(view, options))?;
    writeln!(out, "{}", messages::ledger(&view.ledger))?;
    writeln!(out, "{}", notification(&notification::run(view, options)))?;
    for remark in notification::remarks(view) {
        writeln!(out, "{remark}")?;
    }
    let findings = worst_first(view);
    if !findings.is_empty() {
        writeln!(out)?;
    }
    for finding in findings.iter().take(FINDINGS_AT_MOST) {
        writeln!(out, "- {}: {}", finding.severity(), notification(&notification::line(finding, options)))?;
    }
    match findings.len().saturating_sub(FINDINGS_AT_MOST) {
        0 => Ok(()),
        more => {
            writeln!(out, "… and {}, none of them more severe, in the full report.", pluralize(more, "more problem"))
        }
    }
}

fn subject(view: &View<'_>, options: &FormatOptions) -> String {
    let source = match (view.run.snapshot.is_some(), view.run.source) {
        (true, Environment::Aws) => " (snapshot)",
        (true, Environment::Simulation) => " (snapshot of a simulated AWS)",
        (false, Environment::Simulation) => " (simulated AWS)",
        (false, Environment::Aws) => "",
    };
    let mut subject = format!("driftline{source}: {} ({})", notification::headline(view), ascii(&options.policy_set));
    if subject.len() > SUBJECT_AT_MOST {
        // It is ASCII: each byte is a character.
        subject.truncate(SUBJECT_AT_MOST - 3);
        subject.push_str("...");
    }
    subject
}
