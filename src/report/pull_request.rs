//! The report as a comment on a pull request: the verdict in one line, what matters in a table, the rest folded.
//!
//! What a change of the policies waives or accepts comes first, with owner, reason and last day, since a reviewer approves it. The
//! other formats take it from here.
//!
//! Sources: GitHub Docs, "Basic writing and formatting syntax" (alerts, `details`); the marker in the first line is how the
//! comment is found again and edited in place.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::FormatOptions;
use super::escape::{code_span, terminal};
use super::finding::{Finding, findings, worst_first};
use super::finding_table::{Column, DRIFT, EXPECTED, TargetGroup, UNREAD, WAIVED, add_groups, add_table, group_by_key};
use super::live_text::{LiveText, wanted};
use super::markdown::{FULL_REPORT, LimitedMarkdown, Row, add_unread_in_sum, cell, selection_paragraph};
use super::messages::{self, VerdictFacts, base_changes, pluralize};
use super::model::{Review, SettingRow, Target, Terms, View};
use super::news::{Line, News};
use super::text::{Detail, TextOptions, wrapped};
use super::unread_summary::UnreadSummary;
use crate::drift::{Approval, ApprovedFinding, BaseFacts, Verdict};
use crate::model::{Origin, Resource, Severity};
use crate::resource::{Outcome, SettingKey};

/// The accounts and Regions of a row that a comment names.
pub(super) const NAMED: usize = 8;

/// Writes the report for a comment, always short enough for one: cautions, the summary, and tables. What does not fit is counted.
/// It begins with what changed since an earlier report, if there is one, and leaves the rest to the full report.
pub fn write_markdown(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut cut = LimitedMarkdown::default();
    cut.must(&format!("<!-- driftline:comment v1 key={} -->\n", marker(&options.policy_set)));
    cut.must(&format!("## driftline: {}\n\n", headline(view)));
    cut.must(&selection_paragraph(view.selected()));
    let news = News::from_view(view);
    changes(view, news.as_ref(), options, &mut cut);
    caution(view, &mut cut);
    facts(view, &mut cut);
    let has_rest = news.as_ref().is_none_or(News::is_reminder);
    match &view.base {
        Some(base) => review(view, base, (NAMED, options), &mut cut),
        None if has_rest => table(&mut cut, &rows(view, |row| row.outcome == Outcome::Drifted), DRIFT, options),
        None => {}
    }
    if !has_rest {
        return cut.write(out);
    }
    let unread = findings(view).filter(|finding| finding.unread().is_some());
    let (expected, unread): (Vec<Finding<'_>>, Vec<Finding<'_>>) = unread.partition(|it| it.expected().is_some());
    folded(&mut cut, "Not read", &unread, UNREAD, options);
    folded(&mut cut, "Unread as expected", &expected, EXPECTED, options);
    folded(&mut cut, "Waived", &rows(view, |row| row.outcome == Outcome::Waived), WAIVED, options);
    cut.write(out)
}

/// Nothing in it can end the HTML comment.
fn marker(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._ ".contains(letter);
    text.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect()
}

/// `2 drifted, 1 not read, 1 waived of 36 targets`.
fn headline(view: &View<'_>) -> String {
    let ledger = &view.ledger;
    let facts = VerdictFacts::from_view(view);
    let parts: Vec<String> = [(ledger.drifted, "drifted"), (facts.unexpected, "not read"), (ledger.waived, "waived")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| {
            let partly = if word == "drifted" { messages::partly_unread(ledger, " (") } else { String::new() };
            format!("{count} {word}{partly}{}", if partly.is_empty() { "" } else { ")" })
        })
        .collect();
    let (whole, rest) = (pluralize(ledger.declared, "target"), facts.rest());
    if ledger.drifted == 0 && facts.unexpected == 0 {
        let waived = if ledger.waived > 0 { format!(", {} of them waived", ledger.waived) } else { String::new() };
        let verdict = match view.verdict {
            Verdict::Drift => "drift",
            Verdict::DriftAndIncomplete => "drift, and nothing could be read",
            Verdict::Incomplete => "nothing could be read",
            Verdict::InSync if facts.expected.is_some() => "no drift",
            Verdict::InSync => "in sync",
        };
        return format!("{verdict}, {whole}{waived}{rest}");
    }
    format!("{} of {whole}{rest}", parts.join(", "))
}

/// The selected settings, the most severe first.
fn rows<'a>(view: &'a View<'_>, is_selected: impl Fn(&SettingRow<'_>) -> bool) -> Vec<Finding<'a>> {
    let mut rows: Vec<Finding<'a>> = Vec::new();
    for target in view.targets.iter() {
        let selected = target.settings.iter().enumerate().filter(|(_, row)| is_selected(row));
        let places: Vec<usize> = selected.map(|(place, _)| place).collect();
        rows.extend(places.into_iter().map(|place| Finding { target: target.clone(), place: Some(place), fold: None }));
    }
    rows.sort_by_key(|finding| Reverse(finding.row().map_or(Severity::Low, |row| row.severity)));
    rows
}

/// What the change of policies does: first what a reviewer approves, then what it causes, the rest folded.
pub(super) fn review(
    view: &View<'_>,
    base: &BaseFacts,
    (named, options): (usize, &FormatOptions),
    cut: &mut LimitedMarkdown,
) {
    let changes = base_changes(&base.counts);
    cut.must(&format!("Against {}, this change {changes}.\n\n", code_span(&base.revision)));
    add_approved(cut, &approved_findings(view), (named, options));
    let found = worst_first(view);
    let causes = reviewed(&found, Review::Causes);
    if !causes.is_empty() {
        cut.must(&format!("### Caused by this change ({})\n\n", causes.len()));
        cut.must("Live is not what the new policies want. After the merge, this stays until it is applied.\n\n");
        add_table(cut, &causes, DRIFT, (named, options));
    }
    let already = reviewed(&found, Review::Already);
    if !already.is_empty() {
        cut.folded(&format!("There already ({})", already.len()), |cut| {
            add_table(cut, &already, DRIFT, (named, options));
        });
    }
}

/// The findings of a class, in their order.
fn reviewed<'a>(found: &[Finding<'a>], review: Review) -> Vec<Finding<'a>> {
    let of_class = |finding: &&Finding<'_>| finding.review() == Some(review);
    found.iter().filter(of_class).cloned().collect()
}

/// The number of targets that could not be read, as a whole or in part.
fn caution(view: &View<'_>, cut: &mut LimitedMarkdown) {
    let is_whole = |target: &Target<'_>| target.unread().is_some() && target.expected.is_none();
    let whole = view.targets.iter().filter(|target| is_whole(target)).count();
    let is_partly =
        |target: &Target<'_>| target.settings.iter().any(|row| row.unread.is_some() && row.expected.is_none());
    let partly = view.targets.iter().filter(|target| is_partly(target)).count();
    let mut lines = Vec::new();
    if whole > 0 {
        let whole = pluralize(whole, "target");
        lines.push(format!("> {whole} could not be read: nobody knows what is configured there."));
    }
    if partly > 0 {
        lines.push(format!("> {} could be read only in part.", pluralize(partly, "target")));
    }
    if !lines.is_empty() {
        cut.must(&format!("> [!WARNING]\n{}\n\n", lines.join("\n")));
        add_unread_in_sum(cut, &UnreadSummary::new(view));
        cut.must("\n");
    }
}

/// The counts, the run, and what has changed since the last one.
fn facts(view: &View<'_>, cut: &mut LimitedMarkdown) {
    cut.must(&format!(
        "{} · {} · {}{}\n\n",
        messages::ledger(&view.ledger),
        if view.is_live() { code_span(&view.run.finished_at.to_string()) } else { code_span(&view.source()) },
        pluralize(view.run.policy_files.len(), "policy file"),
        view.run.settings_file.as_ref().map_or_else(String::new, |file| format!(" · {}", code_span(file))),
    ));
    cut.must(&ledger_list(view));
}

/// The ledger of each resource as a list with a blank line behind; empty if there is only one.
pub(super) fn ledger_list(view: &View<'_>) -> String {
    let lines: Vec<String> = messages::ledgers(view).iter().map(|line| format!("- {line}\n")).collect();
    if lines.is_empty() { String::new() } else { format!("{}\n", lines.concat()) }
}

/// Changes since an earlier report, and one line for the rest.
pub(super) fn changes(view: &View<'_>, news: Option<&News<'_>>, options: &FormatOptions, cut: &mut LimitedMarkdown) {
    let Some(changes) = &view.changes else { return };
    cut.must(&format!("Since the last run: {}.\n\n", messages::change_counts(changes)));
    let Some(news) = news else { return };
    let row = |line: Line| (format!("- **{}** {}\n", line.label, code_span(&line.text)), 1);
    let lines: Vec<Row> = news.lines(|file| options.path(file)).into_iter().map(row).collect();
    if !lines.is_empty() {
        cut.rows(lines, "change", FULL_REPORT);
        cut.must("\n");
    }
    if let Some(rest) = news.rest() {
        cut.must(&format!("{rest}\n\n"));
    }
}

/// A table of findings; nothing if there are none.
fn table(cut: &mut LimitedMarkdown, rows: &[Finding<'_>], columns: &[Column], options: &FormatOptions) {
    if !rows.is_empty() {
        add_table(cut, rows, columns, (NAMED, options));
    }
}

/// The same, folded under a title.
fn folded(cut: &mut LimitedMarkdown, title: &str, rows: &[Finding<'_>], columns: &[Column], options: &FormatOptions) {
    if !rows.is_empty() {
        cut.folded(&format!("{title} ({})", rows.len()), |cut| table(cut, rows, columns, options));
    }
}

/// The classes that a reviewer approves, in the order of reports, with their titles.
pub(super) const CLASSES: [(Review, &str); 2] =
    [(Review::Waives, "Waived by this change"), (Review::Accepts, "Accepted by this change")];

/// The columns of a table behind the targets.
const HEADS: [&str; 8] = ["Setting", "Want before", "Want", "Is", "Until", "Owner", "Reason", "Declared"];

/// More groups than these are counted in a text.
const LISTED_AT_MOST: usize = 20;

/// The accounts and Regions of a group that a text names.
const NAMED_IN_TEXT: usize = 4;

/// The findings that the change accepts or waives, waived ones first, else by account, Region and setting.
pub(crate) fn approved_findings(view: &View<'_>) -> Vec<ApprovedFinding> {
    let mut found = Vec::new();
    if view.base.is_none() {
        return found;
    }
    for target in view.targets.iter() {
        found.extend(target.review.map(|review| approved(&target, None, review)));
        let rows = target.settings.iter().filter_map(|row| Some((row, row.review?)));
        found.extend(rows.map(|(row, review)| approved(&target, Some(row), review)));
    }
    found.retain(|finding| CLASSES.iter().any(|(review, _)| *review == finding.review));
    found.sort_by_key(|finding| CLASSES.iter().position(|(review, _)| *review == finding.review));
    found
}

fn approved(target: &Target<'_>, row: Option<&SettingRow<'_>>, review: Review) -> ApprovedFinding {
    let texts = |values: &[std::borrow::Cow<'_, str>]| values.iter().map(|value| value.clone().into_owned()).collect();
    let unread = row.map_or(target.unread(), |row| row.unread.as_deref());
    ApprovedFinding {
        review,
        resource: target.resource,
        account: target.account,
        account_name: target.account_name.as_deref().map(Into::into),
        region: target.region.clone(),
        setting: row.map(|row| SettingKey::from(row.setting)),
        base_desired: row.map(|row| texts(&row.base_desired)).unwrap_or_default(),
        desired: row.map(|row| texts(&row.desired)).unwrap_or_default(),
        live: row.and_then(|row| row.live.as_deref()).map(str::to_owned),
        unread: unread.map(|unread| unread.reason),
        origin: row.map(|row| row.origin.clone().into_owned()),
        waiver: approval(target, row),
    }
}

/// The waiver behind a finding.
fn approval(target: &Target<'_>, row: Option<&SettingRow<'_>>) -> Option<Approval> {
    let Terms { origin, reason, owner, expires } = match row {
        Some(row) => row.terms()?,
        None => target.expected.as_ref()?.terms(),
    };
    let owner = owner.map(str::to_owned);
    Some(Approval { reason: reason.to_owned(), owner, expires, origin: origin.clone() })
}

/// What a finding is about and what is live, for people: `status`, `want ENABLED`, `is PAUSED`.
pub(super) struct Words {
    pub(super) setting: String,
    pub(super) before: String,
    pub(super) want: String,
    pub(super) is: String,
}

impl Words {
    pub(super) fn new(finding: &ApprovedFinding) -> Self {
        let resource = finding.resource;
        let whole = match resource {
            Resource::MacieSession => String::new(),
            _ => format!("{} ", resource.subject()),
        };
        let whole = if finding.setting.is_none() { whole } else { String::new() };
        Self {
            setting: finding.setting.map_or_else(String::new, |key| resource.label(key.as_str()).into_owned()),
            before: wanted(&finding.base_desired),
            want: wanted(&finding.desired),
            is: match (&finding.unread, &finding.live) {
                (Some(reason), _) => format!("{whole}unread: {}", reason.as_str()),
                (None, Some(live)) => live_text(finding, live),
                (None, None) => "not applicable".to_owned(),
            },
        }
    }
}

/// What is live, in words.
fn live_text(finding: &ApprovedFinding, live: &str) -> String {
    let setting = finding.setting.and_then(|key| key.resolve(finding.resource).ok());
    setting.map_or_else(|| LiveText::value(live), |setting| LiveText::new(setting, live)).to_string()
}

/// Groups of findings that share everything but account and Region.
pub(super) fn groups(findings: &[ApprovedFinding]) -> Vec<TargetGroup<'_, ApprovedFinding>> {
    group_by_key(
        findings,
        |finding| {
            let Words { setting, before, want, is } = Words::new(finding);
            let place = CLASSES.iter().position(|(review, _)| *review == finding.review);
            (place, finding.waiver.as_ref(), finding.resource, [setting, before, want, is], finding.origin.as_ref())
        },
        |finding| (finding.account, finding.account_name.as_deref(), finding.region.as_str()),
    )
}

/// Writes the findings for people, in groups; nothing if there are none.
pub(crate) fn write_approved_text(
    findings: &[ApprovedFinding],
    options: TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let groups = groups(findings);
    if groups.is_empty() {
        return Ok(());
    }
    let paint = options.paint;
    writeln!(out, "{}", paint.strong("Approved by the change of the policies"))?;
    let in_full = options.detail == Detail::Verbose;
    let (listed, named) = if in_full { (usize::MAX, usize::MAX) } else { (LISTED_AT_MOST, NAMED_IN_TEXT) };
    for group in groups.iter().take(listed) {
        let Some(finding) = group.first() else { continue };
        let Words { setting, before, want, is } = Words::new(finding);
        let what = match (finding.review, setting.as_str()) {
            (_, "") => is,
            (Review::Accepts, _) => format!("{setting} is {is}, want {want} (before: {before})"),
            (_, _) => format!("{setting} is {is}, want {want}"),
        };
        let class = if finding.review == Review::Waives { "waives " } else { "accepts" };
        let targets = group.describe(|text| terminal(text).into_owned(), named, "; ");
        for (nth, line) in
            wrapped(&format!("{class}  {}: {targets}", terminal(&what)), options.width.saturating_sub(11))
                .iter()
                .enumerate()
        {
            writeln!(out, "{}{line}", if nth == 0 { "  ≈ " } else { "             " })?;
        }
        let below = match (&finding.waiver, &finding.origin) {
            (Some(waiver), _) => {
                let owner = waiver.owner.as_deref().map_or_else(String::new, |owner| format!(", {owner}"));
                format!("until {}{owner}: {} · {}", waiver.expires, waiver.reason, waiver.origin)
            }
            (None, Some(origin)) => origin.to_string(),
            (None, None) => continue,
        };
        for line in wrapped(&terminal(&below), options.width.saturating_sub(13)) {
            writeln!(out, "             {}", paint.faint(&line))?;
        }
    }
    let rest: usize = groups.iter().skip(listed).map(TargetGroup::len).sum();
    if rest > 0 {
        writeln!(out, "    and {} (--verbose lists them)", pluralize(rest, "more finding"))?;
    }
    writeln!(out)
}

/// Adds the findings as tables, one for each class that has any.
pub(super) fn add_approved(
    document: &mut LimitedMarkdown,
    findings: &[ApprovedFinding],
    (named, options): (usize, &FormatOptions),
) {
    let place = |origin: &Origin| code_span(&format!("{}:{}", options.path(&origin.file), origin.line));
    let cells = |finding: &ApprovedFinding| {
        let Words { setting, before, want, is } = Words::new(finding);
        let waiver = finding.waiver.as_ref();
        let (reason, owner) = waiver.map_or(("", ""), |waiver| (&waiver.reason, waiver.owner.as_deref().unwrap_or("")));
        let declared = waiver.map(|waiver| &waiver.origin).or(finding.origin.as_ref());
        vec![
            cell(&setting),
            cell(&before),
            cell(&want),
            cell(&is),
            waiver.map_or_else(String::new, |waiver| waiver.expires.to_string()),
            cell(owner),
            cell(reason),
            declared.map_or_else(String::new, place),
        ]
    };
    for (class, title) in CLASSES {
        let of_class: Vec<ApprovedFinding> =
            findings.iter().filter(|finding| finding.review == class).cloned().collect();
        if !of_class.is_empty() {
            document.must(&format!("### {title} ({})\n\n", of_class.len()));
            add_groups(document, &HEADS, &groups(&of_class), cells, (named, ("target", FULL_REPORT)));
        }
    }
}
