//! Columns and line breaks.

use std::borrow::Cow;
use std::io::{self, Write};

use textwrap::{WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr as _;

use super::{Detail, TextOptions};
use crate::diagnostic::tame_start;
use crate::model::{Origin, SettingId, Severity, Unread};
use crate::report::escape::terminal;
use crate::report::finding::{Finding, findings_of};
use crate::report::fold::folded;
use crate::report::model::{Target, View};
use crate::report::unread_summary::UnreadSummary;

/// The widths of the columns of a report, the same for all its accounts.
pub(super) struct Layout {
    pub(super) options: TextOptions,
    /// What stands above the accounts about unread targets, and is not repeated below them.
    pub(super) unread: UnreadSummary,
    pub(super) region: usize,
    setting: usize,
    change: usize,
    severity: usize,
    /// Whether a drifted setting fits on one line.
    one_line: bool,
}

/// The parts of a line about a drifted setting.
struct Drift<'row> {
    region: &'row str,
    setting: Cow<'static, str>,
    change: String,
    severity: Severity,
    /// The place of the declaration, as it is shown.
    origin: String,
    declared: Option<&'row Origin>,
}

impl<'row> Drift<'row> {
    fn new(finding: &'row Finding<'_>, detail: Detail) -> Self {
        // The causes above name the declaration.
        let at = |origin: &Origin| match detail {
            Detail::Verbose => place(origin),
            _ => terminal(&origin.to_string()).into_owned(),
        };
        let change = || format!("want {}, is {}", finding.wanted(), finding.shown_live());
        Self {
            region: finding.target.region.as_str(),
            setting: finding.label(),
            change: terminal(&finding.folded_fact().unwrap_or_else(change)).into_owned(),
            severity: finding.severity(),
            origin: finding.origin().map_or_else(String::new, at),
            declared: finding.origin(),
        }
    }
}

/// The place of a declaration and its name.
pub(super) fn place(origin: &Origin) -> String {
    let name = origin.declaration.as_ref().map_or_else(String::new, |name| format!(" ({})", terminal(name)));
    format!("{}{name}", terminal(&origin.to_string()))
}

impl Layout {
    pub(super) fn new(report: &View<'_>, options: TextOptions) -> Self {
        let unread = UnreadSummary::new(report);
        let mut layout = Self { options, unread, region: 0, setting: 0, change: 0, severity: 0, one_line: true };
        let mut origin = 0;
        for target in report.targets.iter() {
            layout.region = layout.region.max(target.region.as_str().len());
            for finding in layout.findings(&target).iter().filter(|finding| finding.unread().is_none()) {
                let drift = Drift::new(finding, options.detail);
                layout.setting = layout.setting.max(drift.setting.len());
                layout.change = layout.change.max(drift.change.width());
                layout.severity = layout.severity.max(drift.severity.as_str().len());
                origin = origin.max(drift.origin.width());
            }
        }
        let gaps = "  ✗ ".width() + 4 * 2;
        layout.one_line =
            gaps + layout.region + layout.setting + layout.change + layout.severity + origin <= options.width;
        layout
    }

    /// The findings of a target, as they are listed.
    pub(super) fn findings<'t>(&self, target: &'t Target<'t>) -> Vec<Finding<'t>> {
        let findings = findings_of(target).collect();
        if self.options.detail == Detail::Verbose { findings } else { folded(findings) }
    }

    /// Whether the cause of an unread target or setting is stated above for all accounts, and nothing more is to be said.
    pub(super) fn is_stated_above(&self, target: &Target<'_>, setting: Option<SettingId>, unread: &Unread) -> bool {
        self.options.detail < Detail::Verbose && self.unread.shared_cause(target, setting, unread).is_some()
    }

    /// A drifted setting, waived or not: one line where all of them fit on one, else two.
    pub(super) fn drift(&self, finding: &Finding<'_>, out: &mut dyn Write) -> io::Result<()> {
        let paint = self.options.paint;
        let waived = finding.is_waived();
        let mark = if waived { paint.faint("≈") } else { paint.bad("✗") };
        let bad = |text: &str| if waived { text.to_owned() } else { paint.bad(text) };
        let drift = Drift::new(finding, self.options.detail);
        let region = format!("{:<1$}", drift.region, self.region);
        if self.one_line {
            let setting = format!("{:<1$}", drift.setting, self.setting);
            let change = padded(&drift.change, self.change);
            let severity = format!("{:<1$}", drift.severity.as_str(), self.severity);
            let severity = if waived { severity } else { paint.severity(drift.severity, &severity) };
            let (change, origin) = (bad(&change), self.options.linked(paint.faint(&drift.origin), drift.declared));
            return writeln!(out, "  {mark} {region}  {setting}  {change}  {severity}  {origin}");
        }
        // Painted apart from each other, so that a line break never falls between a colour and its end.
        let line = format!("{region}  {}", drift.setting);
        if "  ✗ ".width() + line.width() + 2 + drift.change.width() <= self.options.width {
            writeln!(out, "  {mark} {line}  {}", bad(&drift.change))?;
        } else {
            self.hanging(&mark, &line, out)?;
            self.indented(&drift.change, bad, out)?;
        }
        let mut severity = Some(drift.severity.as_str());
        let mut painted = |part: &str| match severity.take().and_then(|word| Some((word, part.strip_prefix(word)?))) {
            Some((word, rest)) if !waived => format!("{}{}", paint.severity(drift.severity, word), paint.faint(rest)),
            _ => paint.faint(part),
        };
        let text = format!("{} · {}", drift.severity, drift.origin);
        self.indented(&text, |part| self.options.linked(painted(part), drift.declared), out)
    }

    /// A paragraph below a line about a target, each of its lines painted for itself.
    pub(super) fn indented(
        &self,
        text: &str,
        mut paint: impl FnMut(&str) -> String,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        const INDENT: &str = "      ";
        for line in wrapped(text, self.options.width.saturating_sub(INDENT.len())) {
            writeln!(out, "{INDENT}{}", paint(&line))?;
        }
        Ok(())
    }

    /// The part of AWS's answer that was not understood, with `--verbose`.
    pub(super) fn note(&self, target: &Target<'_>, out: &mut dyn Write) -> io::Result<()> {
        match target.note().filter(|_| self.options.detail == Detail::Verbose) {
            Some(note) => self.indented(&terminal(note), |part| self.options.paint.faint(part), out),
            None => Ok(()),
        }
    }

    /// A line that begins with a painted mark and goes on below its text if it is too long.
    pub(super) fn hanging(&self, mark: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        for (index, line) in wrapped(text, self.options.width.saturating_sub(4)).iter().enumerate() {
            writeln!(out, "  {} {line}", if index == 0 { mark } else { " " })?;
        }
        Ok(())
    }
}

/// Lines of at most `width` columns, broken between words; a longer word stays whole, so that it can be copied.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width.max(20))
        // An optimal fit lets a long word stick out by a few columns rather than leave a line ragged.
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(|line| tame_start(line.trim_end()).into_owned()).collect()
}

/// A paragraph with a label before it, each of its lines painted for itself.
pub(crate) fn labelled(
    label: &str,
    text: &str,
    options: TextOptions,
    mut paint: impl FnMut(&str) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    const LABEL: usize = 10;
    for (index, line) in wrapped(text, options.width.saturating_sub(LABEL)).iter().enumerate() {
        let label = if index == 0 { options.paint.strong(&format!("{label:<LABEL$}")) } else { " ".repeat(LABEL) };
        writeln!(out, "{label}{}", paint(line))?;
    }
    Ok(())
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_begin_with_no_command() {
        assert_eq!(wrapped("one two three --- four", 20), ["one two three ---", "four"]);
        assert_eq!(wrapped("one two three and four --- five", 24), ["one two three and four", " --- five"]);
    }

    #[test]
    fn a_message_of_megabytes_is_broken_into_lines() {
        for piece in ["word ", "w", " ", "a-b/c:d "] {
            let lines = wrapped(&piece.repeat(500_000), 100);
            assert!(lines.iter().map(String::len).sum::<usize>() <= 500_000 * piece.len());
        }
    }
}
