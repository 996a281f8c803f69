//! The report for GitHub Actions: annotations on the lines of the policies, and the outputs of a step.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::Severity;
use crate::report::FormatOptions;
use crate::report::escape::{terminal, workflow_message, workflow_property};
use crate::report::finding::{Finding, worst_first};
use crate::report::fold::folded;
use crate::report::messages::pluralize;
use crate::report::model::View;

/// So many of each level, and one that says how many more there are: of a step, ten of each are shown, and of a composite
/// action all steps together count as one.
///
/// Source: actions/runner, ExecutionContext.cs.
const AT_MOST: usize = 9;

/// The most characters of a message; the runner cuts at 4,096, within a word.
///
/// Source: actions/runner, ExecutionContext.cs.
const LETTERS_AT_MOST: usize = 4_000;

/// How loud an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    /// The workflow command.
    fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    /// What is unread is a warning, whatever it is about.
    fn for_finding(finding: &Finding<'_>) -> Self {
        match (finding.unread(), finding.severity()) {
            (Some(_), _) | (None, Severity::Medium) => Self::Warning,
            (None, Severity::Critical | Severity::High) => Self::Error,
            (None, Severity::Low) => Self::Notice,
        }
    }
}

/// What one annotation is about: a finding, or what is unread in several Regions of one account for one cause.
struct Annotated<'f, 'a> {
    finding: &'f Finding<'a>,
    regions: Vec<&'f str>,
}

impl<'f, 'a> Annotated<'f, 'a> {
    /// The findings, in their order.
    fn all(findings: &'f [Finding<'a>]) -> Vec<Self> {
        let (mut all, mut places) = (Vec::<Self>::new(), BTreeMap::new());
        for finding in findings {
            let region = finding.target.region.as_str();
            let place = finding.cause().map_or(all.len(), |cause| {
                let target = (finding.target.account, finding.target.resource);
                *places.entry((target, finding.subject_cell(), cause.at_any_time())).or_insert(all.len())
            });
            match all.get_mut(place) {
                Some(known) => known.regions.push(region),
                None => all.push(Self { finding, regions: vec![region] }),
            }
        }
        all
    }
}

/// Writes drift and unread targets as workflow commands, the most severe first, without waived drift and what is unread as
/// expected. What is unread stands there once for each account and cause.
///
/// Sources: GitHub Docs, "Workflow commands for GitHub Actions"; actions/runner, ActionCommandManager.cs: columns count only
/// within one line, and a line only with a file.
pub fn write_github(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let findings = folded(worst_first(view));
    let annotated = Annotated::all(&findings);
    for level in Level::ALL {
        let mut of_level = annotated.iter().filter(|annotated| Level::for_finding(annotated.finding) == level);
        for annotated in of_level.by_ref().take(AT_MOST) {
            writeln!(out, "{}", annotation(annotated, level, view, options))?;
        }
        let more: usize = of_level.map(|annotated| annotated.regions.len()).sum();
        if more > 0 {
            let (word, said) = (level.as_str(), pluralize(more, "more result"));
            let verb = if more == 1 { "is" } else { "are" };
            writeln!(
                out,
                "::{word} title=driftline::{said} of this level {verb} in the summary of the job and in the reports"
            )?;
        }
    }
    Ok(())
}

fn annotation(
    Annotated { finding, regions }: &Annotated<'_, '_>,
    level: Level,
    view: &View<'_>,
    options: &FormatOptions,
) -> String {
    let place = finding.location(view);
    let file = workflow_property(&options.path(place.file));
    let (line, column, end_column) = (place.line, place.column, place.end_column);
    let id = finding.rule().map(|rule| rule.id()).unwrap_or_default();
    let title = format!("driftline {id} {} {}", finding.target.account, regions.join(", "));
    let title = workflow_property(&title);
    let mut lines = vec![finding.sentence_about(regions)];
    lines.extend(finding.unread().is_none().then(|| format!("Severity: {}", finding.severity())));
    lines.extend((!view.is_live()).then(|| format!("Readings: {}", view.source())));
    lines.extend(finding.remediation().map(|fix| format!("Fix: {fix}")));
    // The last lines are short and say what to do, so it is the first one that is cut where there is too much.
    let mut room = LETTERS_AT_MOST;
    let mut message: Vec<String> =
        lines.iter().rev().map(|line| workflow_message(&shortened(line, &mut room))).collect();
    message.reverse();
    format!(
        "::{} file={file},line={line},endLine={line},col={column},endColumn={end_column},title={title}::{}",
        level.as_str(),
        message.join("%0A")
    )
}

/// The text, as far as there is room for it, harmless already: that may lengthen it.
fn shortened(text: &str, room: &mut usize) -> String {
    let text = terminal(text);
    let letters = text.chars().count();
    let shown = if letters <= *room { text.into_owned() } else { text.chars().take(*room).chain(['…']).collect() };
    *room = room.saturating_sub(letters);
    shown
}

/// Writes the outputs of a step: words and numbers of driftline itself, never untrusted text.
///
/// Source: actions/runner, FileCommandManager.cs: `name=value`, line by line.
pub fn write_github_outputs(
    view: &View<'_>,
    options: &FormatOptions,
    changed: Option<bool>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "verdict={}", view.verdict.as_str())?;
    writeln!(out, "exit-code={}", options.exit_code)?;
    writeln!(out, "drifted={}", view.ledger.drifted)?;
    writeln!(out, "unread={}", view.ledger.unread)?;
    writeln!(out, "waived={}", view.ledger.waived)?;
    writeln!(out, "partly-unread={}", view.ledger.partly_unread)?;
    writeln!(out, "expected-unread={}", view.ledger.expected_unread)?;
    match changed {
        Some(changed) => writeln!(out, "changed={changed}"),
        None => Ok(()),
    }
}
