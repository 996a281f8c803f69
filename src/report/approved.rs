//! The findings that a change of the policies waives or accepts, with owner, reason and last day, since a reviewer approves them.

use std::borrow::Cow;
use std::io::{self, Write};

use super::escape::terminal;
use super::finding_table::{TableStyle, add_groups, waiver_cell};
use super::live_text::{LiveText, wanted};
use super::markdown::{FULL_REPORT, LimitedMarkdown, cell, table_cell, table_place};
use super::messages::pluralize;
use super::model::{Review, SettingRow, Target, Terms, View};
use super::target_group::{TargetGroup, group_by_key};
use super::text::{Detail, TextOptions, wrapped};
use crate::drift::{Approval, ApprovedFinding};
use crate::model::Resource;
use crate::resource::SettingKey;

/// The classes that a reviewer approves, in the order of reports, with their titles.
pub(super) const CLASSES: [(Review, &str); 2] =
    [(Review::Waives, "Waived by this change"), (Review::Accepts, "Accepted by this change")];

/// The columns of a table.
const HEADS: [&str; 4] = ["Target", "Change", "Waiver", "Declared at"];

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
    let is_approved = |review: &Review| CLASSES.iter().any(|(class, _)| class == review);
    for target in view.targets.iter() {
        found.extend(target.review.filter(is_approved).map(|review| approved(&target, None, review)));
        let rows = target.settings.iter().filter_map(|row| Some((row, row.review.filter(is_approved)?)));
        found.extend(rows.map(|(row, review)| approved(&target, Some(row), review)));
    }
    found.sort_by_key(|finding| CLASSES.iter().position(|(review, _)| *review == finding.review));
    found
}

fn approved(target: &Target<'_>, row: Option<&SettingRow<'_>>, review: Review) -> ApprovedFinding {
    let texts = |values: &[Cow<'_, str>]| values.iter().map(|value| value.clone().into_owned()).collect();
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
pub(super) fn groups<'a>(
    findings: impl IntoIterator<Item = &'a ApprovedFinding>,
) -> Vec<TargetGroup<'a, ApprovedFinding>> {
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
pub(super) fn add_approved(document: &mut LimitedMarkdown, findings: &[ApprovedFinding], style: &TableStyle<'_>) {
    let cells = |finding: &ApprovedFinding| {
        let Words { setting, before, want, is } = Words::new(finding);
        let before = if before.is_empty() { before } else { format!(" (before {})", table_cell(&before)) };
        let change = match setting.as_str() {
            "" => cell(&is),
            _ => format!("{}: want {}{before}, is {}", cell(&setting), table_cell(&want), table_cell(&is)),
        };
        let waiver = finding.waiver.as_ref();
        let terms = waiver.map(|waiver| waiver_cell(waiver.expires, waiver.owner.as_deref(), &waiver.reason));
        let declared = waiver.map(|waiver| &waiver.origin).or(finding.origin.as_ref());
        let declared = declared.map_or_else(String::new, |origin| table_place(origin, style.options));
        vec![change, terms.unwrap_or_default(), declared]
    };
    for (class, title) in CLASSES {
        let of_class: Vec<&ApprovedFinding> = findings.iter().filter(|finding| finding.review == class).collect();
        if !of_class.is_empty() {
            document.must(&format!("### {title} ({})\n\n", of_class.len()));
            add_groups(document, &HEADS, &groups(of_class), cells, (style, ("target", FULL_REPORT)));
        }
    }
}
