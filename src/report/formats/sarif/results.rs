//! The log and its results: one for each finding, or one for each rule and line.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::log::{
    ArtifactLocation, Fingerprints, Location, Log, LogicalLocation, PhysicalLocation, Properties, Region, Run,
    SarifResult, Suppression, Text, Tool,
};
use super::run::{LEFT_OUT, automation_details, driver, index, invocation, level};
use crate::diagnostic::write_json_document;
use crate::model::{Origin, Severity, sha256};
use crate::report::FormatOptions;
use crate::report::escape::{sarif_message, shortened, uri_reference};
use crate::report::finding::{Finding, FindingLocation, findings, label};
use crate::report::messages::pluralize;
use crate::report::model::{ChangeMark, Review, SettingRow, View, Why};
use crate::report::rule::Rule;
use crate::report::unread_group::describe;

/// The most results of a run: of a file with more, GitHub takes nothing.
///
/// Source: GitHub Docs, "SARIF results exceed one or more limits".
const AT_MOST: usize = 25_000;

/// The most targets that the message of a result lists.
const LISTED_AT_MOST: usize = 50;

/// The most of what kept targets from being read in such a list.
const SAID_AT_MOST: usize = 300;

/// The findings that one result is about: one, or all of one rule and line.
type Group<'a> = Vec<Finding<'a>>;

/// Writes what drifts and what is unread as SARIF 2.1.0. What is waived is left out unless it is asked for: GitHub does not
/// honour suppressions. What is unread is in it, since GitHub closes an alert that is missing from the next upload.
pub fn write_sarif(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: driver(view) },
            automation_details: options.sarif_category.as_deref().map(automation_details),
            column_kind: "unicodeCodePoints",
            invocations: [invocation(view, options)],
            results: results(view, options),
        }],
    };
    write_json_document(&log, out)
}

/// The results, by account, Region and setting; the worst first where they are too many.
fn results(view: &View<'_>, options: &FormatOptions) -> Vec<SarifResult> {
    let listed = findings(view).filter(|finding| options.sarif_waived || !finding.is_waived());
    let mut groups: Vec<Group<'_>> =
        if options.sarif_by_line { by_line(listed, view) } else { listed.map(|finding| vec![finding]).collect() };
    let mut left_out = 0;
    if groups.len() > AT_MOST {
        groups.sort_by_key(|group| (group.first().is_some_and(Finding::is_waived), Reverse(severity(group))));
        left_out = groups.len() - (AT_MOST - 1);
        groups.truncate(AT_MOST - 1);
    }
    let mut results: Vec<SarifResult> = groups.iter().filter_map(|group| result(group, view, options)).collect();
    if options.sarif_by_line {
        number(&mut results);
    }
    if left_out > 0 {
        results.push(cut(left_out, view, options));
    }
    results
}

fn severity(group: &[Finding<'_>]) -> Severity {
    group.iter().map(|finding| finding.severity()).max().unwrap_or_default()
}

/// The findings of each rule and line together, in the order of the first ones.
fn by_line<'a>(listed: impl Iterator<Item = Finding<'a>>, view: &View<'_>) -> Vec<Group<'a>> {
    let (mut places, mut groups) = (BTreeMap::new(), Vec::<Group<'a>>::new());
    for finding in listed {
        let place = finding.location(view);
        let terms = [finding.is_waived(), view.excuse(&finding).is_some()];
        let key = (terms, finding.rule(), place.file.to_owned(), place.line, place.column);
        let nth = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(nth) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

fn result(group: &[Finding<'_>], view: &View<'_>, options: &FormatOptions) -> Option<SarifResult> {
    let first = group.first()?;
    let rule = first.rule()?;
    let severity = severity(group);
    let is_excused = view.excuse(first).is_some();
    let (message, hash) = if options.sarif_by_line {
        (together(group, rule, is_excused), hash_of_line(first, rule, (is_excused, options)))
    } else {
        (if is_excused { first.sentence_with_waiver() } else { first.sentence() }, first.identity()?)
    };
    let mut location = location(first.location(view), options);
    if !options.sarif_by_line {
        let target = &first.target;
        location.logical = vec![LogicalLocation {
            name: first.subject(),
            fully_qualified_name: format!("{}/{}/{}", target.account, target.region, first.label().replace(' ', "/")),
            kind: "resource",
        }];
    }
    Some(SarifResult {
        rule_id: rule.id(),
        rule_index: index(Some(rule)),
        level: match rule {
            Rule::Unread(_) if is_excused => "note",
            Rule::Unread(_) => "warning",
            Rule::Drift(_) => level(severity),
        },
        message: Text { text: sarif_message(&message) },
        locations: [location],
        // They differ from target to target.
        related_locations: if options.sarif_by_line { Vec::new() } else { related(first, options) },
        partial_fingerprints: fingerprints(&hash),
        baseline_state: baseline_state(group),
        suppressions: suppressions(group),
        properties: Some(Properties {
            severity: severity.as_str(),
            account_name: first.target.account_name.as_deref().filter(|_| !options.sarif_by_line).map(sarif_message),
            since: group.iter().filter_map(Finding::since).min().map(|since| since.to_string()),
            review: group.iter().filter_map(Finding::review).map(Review::as_str).collect(),
        }),
    })
}

/// How a result compares with an earlier report, in the words of SARIF; `None` without a comparison.
fn baseline_state(group: &[Finding<'_>]) -> Option<&'static str> {
    let marks: Option<BTreeSet<ChangeMark>> = group.iter().map(Finding::mark).collect();
    match marks?.iter().collect::<Vec<_>>().as_slice() {
        [ChangeMark::New] => Some("new"),
        [ChangeMark::Persisting] => Some("unchanged"),
        _ => Some("updated"),
    }
}

/// The identity of a result. It is always written: what is missing is filled in from the text of the line, which is one for
/// many targets, and they would be taken for one.
///
/// Source: github/codeql-action, fingerprints.ts.
fn fingerprints(hash: &str) -> Fingerprints {
    Fingerprints { primary_location_line_hash: format!("{}:1", hash.get(..16).unwrap_or(hash)) }
}

/// The identity of a result about a line: what is said there, and not where, so that moving it makes no other result.
fn hash_of_line(first: &Finding<'_>, rule: Rule, (is_excused, options): (bool, &FormatOptions)) -> String {
    let row = first.declared();
    let file = row.map(|row| options.path(&row.origin.file)).unwrap_or_default();
    let name = row.and_then(|row| row.origin.declaration.as_deref()).unwrap_or_default();
    let wanted = row.map(|row| row.wanted()).unwrap_or_default();
    let terms = match first.is_waived() {
        _ if is_excused => "expected",
        true => "waived",
        false => "",
    };
    let text = [rule.id(), &file, name, &wanted, terms].join("\0");
    sha256(text.as_bytes()).trim_start_matches("sha256:").to_owned()
}

/// Numbers the results that would be taken for one: the same said twice in one file.
fn number(results: &mut [SarifResult]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for result in results {
        let hash = &mut result.partial_fingerprints.primary_location_line_hash;
        let count = seen.entry(hash.clone()).or_default();
        *count += 1;
        if let Some(base) = hash.strip_suffix(":1") {
            *hash = format!("{base}:{count}");
        }
    }
}

/// The message of a result about a line.
fn together(group: &[Finding<'_>], rule: Rule, is_excused: bool) -> String {
    let targets = pluralize(group.len(), "target");
    let shown = group.get(..LISTED_AT_MOST).unwrap_or(group);
    let listed: Vec<String> = shown.chunk_by(has_same_cause).map(named).collect();
    let more = match group.len() - shown.len() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let head = match (rule, group.first().and_then(Finding::row)) {
        (Rule::Unread(reason), row) => {
            let whole = || {
                format!("The {}", group.first().map_or_else(String::new, |it| it.target.resource.noun().to_owned()))
                    .into()
            };
            let subject = row.map_or_else(whole, |row| label(row.setting));
            let expected = if is_excused { ", as expected" } else { "" };
            format!("{subject} of {targets} could not be read ({}){expected}", reason.as_str())
        }
        (Rule::Drift(setting), found) => {
            let wanted = found.map(|row| row.wanted()).unwrap_or_default();
            if found.is_some_and(SettingRow::is_rule_about_sessions) {
                return format!(
                    "{} is violated in {targets}, the policy wants '{wanted}': {}{more}.",
                    label(setting),
                    listed.join(", ")
                );
            }
            format!("{} of {targets} is not '{wanted}' as the policy wants it", label(setting))
        }
    };
    format!("{head}: {}{more}.", listed.join(", "))
}

/// Targets that follow each other, with the live value that they have or with what kept them from being read.
fn named(findings: &[Finding<'_>]) -> String {
    let targets: Vec<String> =
        findings.iter().map(|finding| format!("'{}/{}'", finding.target.account, finding.target.region)).collect();
    let targets = targets.join(", ");
    let Some(first) = findings.first() else { return targets };
    if let Some(row) = first.row().filter(|row| row.live.is_some()) {
        let live = row.shown_live();
        return match live.as_clause() {
            Some(clause) => format!("{targets} ({clause})"),
            None => format!("{targets} is {}", live.marked(|value| format!("'{value}'"))),
        };
    }
    match first.unread().map(describe) {
        Some(said) if !said.is_empty() => format!("{targets} ('{}')", shortened(&said, SAID_AT_MOST)),
        _ => targets,
    }
}

/// Whether two unread findings have the same cause. Each drift stands for itself.
fn has_same_cause(one: &Finding<'_>, other: &Finding<'_>) -> bool {
    one.target.account == other.target.account && one.cause().is_some_and(|cause| other.cause() == Some(cause))
}

fn location(place: FindingLocation<'_>, options: &FormatOptions) -> Location {
    Location {
        id: None,
        physical: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri_reference(&options.path(place.file)) },
            region: Region {
                start_line: place.line,
                start_column: place.column,
                end_line: place.line,
                end_column: place.end_column,
            },
        },
        logical: Vec::new(),
        message: None,
    }
}

/// The declarations that were overridden, and the waivers that select the drift.
fn related(finding: &Finding<'_>, options: &FormatOptions) -> Vec<Location> {
    let at = |origin: &Origin, message: String| {
        let (file, line, column) = (&*origin.file, origin.line.max(1), origin.column.max(1));
        let mut location =
            location(FindingLocation { file, line, column, end_column: column.saturating_add(1) }, options);
        location.message = Some(Text { text: sarif_message(&message) });
        location
    };
    let mut related: Vec<Location> = Vec::new();
    if let Some(expected) = finding.expected() {
        let message = format!("Expected to be unread until {}: '{}'.", expected.expires, expected.reason);
        related.push(at(&expected.origin, message));
    }
    let (overridden, waiver, lapsed) = finding
        .row()
        .map_or_else(Default::default, |row| (&*row.overridden, row.waiver.as_ref(), &*row.lapsed_waivers));
    for overridden in overridden {
        let message = format!("Overridden: it wants '{}'.", overridden.desired.join(" or "));
        related.push(at(&overridden.origin, message));
    }
    if let Some(waiver) = waiver {
        let message = format!("Waived until {}: '{}'.", waiver.expires, waiver.reason);
        related.push(at(&waiver.origin, message));
    }
    for lapsed in lapsed {
        let why = match lapsed.why {
            Why::Expired => format!("has ended on {}", lapsed.waiver.expires),
            Why::OtherLiveValue => "is for another live value".to_owned(),
            Why::OtherReason => "expects another reason".to_owned(),
        };
        related.push(at(&lapsed.waiver.origin, format!("This waiver {why}: '{}'.", lapsed.waiver.reason)));
    }
    for (nth, location) in related.iter_mut().enumerate() {
        location.id = Some(nth + 1);
    }
    related
}

/// The reasons of the waivers that cover a result, each once.
fn suppressions(group: &[Finding<'_>]) -> Vec<Suppression> {
    let waived = group.iter().filter(|finding| finding.is_waived()).filter_map(Finding::row);
    let reasons: BTreeSet<String> =
        waived.filter_map(|row| row.waiver.as_ref()).map(|waiver| sarif_message(&waiver.reason)).collect();
    let accepted = |justification| Suppression { kind: "external", status: "accepted", justification };
    reasons.into_iter().map(accepted).collect()
}

/// The result that stands for those left out.
fn cut(left_out: usize, view: &View<'_>, options: &FormatOptions) -> SarifResult {
    let verb = if left_out == 1 { "is" } else { "are" };
    let said = format!(
        "{} {verb} left out here: GitHub takes 25,000. The JSON report holds all.",
        pluralize(left_out, "result")
    );
    SarifResult {
        rule_id: LEFT_OUT,
        rule_index: index(None),
        level: "warning",
        message: Text { text: said },
        locations: [location(FindingLocation::beginning(view), options)],
        related_locations: Vec::new(),
        partial_fingerprints: fingerprints(sha256(LEFT_OUT.as_bytes()).trim_start_matches("sha256:")),
        baseline_state: None,
        suppressions: Vec::new(),
        properties: None,
    }
}
