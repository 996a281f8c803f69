//! The results: one for each problem, or one for each rule and line.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::driver::{LEFT_OUT, index, level};
use super::log::{
    ArtifactLocation, Finding, Fingerprints, Location, LogicalLocation, PhysicalLocation, Properties, Region,
    Suppression, Text,
};
use crate::model::{Severity, sha256};
use crate::report::cause::Cause;
use crate::report::escape::{sarif_message, uri_reference};
use crate::report::formats::truncate::shortened;
use crate::report::{
    FormatOptions, Problem, ProblemKind, ProblemLocation, Rule, UnreadResult, View, Why, pluralize, problems,
};

/// The most results of a run: of a file with more, GitHub takes nothing.
///
/// Source: GitHub Docs, "SARIF results exceed one or more limits".
const AT_MOST: usize = 25_000;

/// The most targets that the message of a result lists.
const LISTED_AT_MOST: usize = 50;

/// The most of what kept targets from being read in such a list.
const SAID_AT_MOST: usize = 300;

/// The problems that one result is about: one, or all of one rule and line.
type Group<'a> = Vec<Problem<'a>>;

/// The results, by account, Region and setting; the worst first where they are too many.
pub(super) fn results(view: &View<'_>, options: &FormatOptions) -> Vec<Finding> {
    let listed = problems(view).filter(|problem| options.sarif_waived || !is_waived(problem));
    let mut groups: Vec<Group<'_>> =
        if options.sarif_by_line { by_line(listed, view) } else { listed.map(|problem| vec![problem]).collect() };
    let mut left_out = 0;
    if groups.len() > AT_MOST {
        groups.sort_by_key(|group| (group.first().is_some_and(is_waived), Reverse(severity(group))));
        left_out = groups.len() - (AT_MOST - 1);
        groups.truncate(AT_MOST - 1);
    }
    let mut results: Vec<Finding> = groups.iter().filter_map(|group| result(group, view, options)).collect();
    if options.sarif_by_line {
        number(&mut results);
    }
    if left_out > 0 {
        results.push(cut(left_out, view, options));
    }
    results
}

fn is_waived(problem: &Problem<'_>) -> bool {
    matches!(problem.what, ProblemKind::Waived(_))
}

fn severity(group: &[Problem<'_>]) -> Severity {
    group.iter().map(|problem| problem.severity()).max().unwrap_or_default()
}

/// The problems of each rule and line together, in the order of the first ones.
fn by_line<'a>(listed: impl Iterator<Item = Problem<'a>>, view: &View<'_>) -> Vec<Group<'a>> {
    let mut places: BTreeMap<(bool, Option<Rule>, String, u32, u32), usize> = BTreeMap::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for problem in listed {
        let place = problem.place(view);
        let key = (is_waived(&problem), problem.rule(), place.file.to_owned(), place.line, place.column);
        let nth = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(nth) {
            Some(group) => group.push(problem),
            None => groups.push(vec![problem]),
        }
    }
    groups
}

fn result(group: &[Problem<'_>], view: &View<'_>, options: &FormatOptions) -> Option<Finding> {
    let first = group.first()?;
    let rule = first.rule()?;
    let severity = severity(group);
    let (message, hash) = if options.sarif_by_line {
        (together(group, rule), hash_of_line(first, rule, options))
    } else {
        (first.sentence(), first.identity()?)
    };
    let mut location = location(first.place(view), options);
    if !options.sarif_by_line {
        let target = &first.target;
        location.logical = vec![LogicalLocation {
            name: rule.subject(),
            fully_qualified_name: format!("{}/{}/{}", target.account, target.region, rule.subject()),
            kind: "resource",
        }];
    }
    Some(Finding {
        rule_id: rule.id(),
        rule_index: index(Some(rule)),
        level: if matches!(rule, Rule::Unread(_)) { "warning" } else { level(severity) },
        message: Text { text: sarif_message(&message) },
        locations: [location],
        // What else there is to see differs from target to target.
        related_locations: if options.sarif_by_line { Vec::new() } else { related(first, options) },
        partial_fingerprints: fingerprints(&hash),
        suppressions: suppressions(group),
        properties: Some(Properties {
            severity: severity.as_str(),
            account_name: first.target.account_name.as_deref().filter(|_| !options.sarif_by_line).map(sarif_message),
        }),
    })
}

/// The identity of a result. It is always written: what is missing is filled in from the text of the line, which is one for
/// many targets, and they would be taken for one.
///
/// Source: github/codeql-action, fingerprints.ts.
fn fingerprints(hash: &str) -> Fingerprints {
    Fingerprints { primary_location_line_hash: format!("{}:1", hash.get(..16).unwrap_or(hash)) }
}

/// The identity of a result about a line: what is said there, and not where, so that moving it makes no other result.
fn hash_of_line(first: &Problem<'_>, rule: Rule, options: &FormatOptions) -> String {
    let setting = first.setting().or_else(|| first.target.settings.first());
    let file = setting.map(|setting| options.path(&setting.origin.file)).unwrap_or_default();
    let name = setting.and_then(|setting| setting.origin.declaration.as_deref()).unwrap_or_default();
    let wanted = setting.map(|setting| setting.wanted()).unwrap_or_default();
    let waived = if is_waived(first) { "waived" } else { "" };
    let text = [rule.id(), &file, name, &wanted, waived].join("\0");
    sha256(text.as_bytes()).trim_start_matches("sha256:").to_owned()
}

/// Numbers the results that would be taken for one: the same said twice in one file.
fn number(results: &mut [Finding]) {
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
fn together(group: &[Problem<'_>], rule: Rule) -> String {
    let targets = pluralize(group.len(), "target");
    let shown = group.get(..LISTED_AT_MOST).unwrap_or(group);
    let listed: Vec<String> = shown.chunk_by(is_told_together).map(named).collect();
    let more = match group.len() - shown.len() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let head = match (rule, group.first().and_then(Problem::setting)) {
        (Rule::Unread(reason), _) => format!("The session of {targets} could not be read ({})", reason.as_str()),
        (Rule::Drift(setting), found) => {
            let wanted = found.map(|found| found.wanted()).unwrap_or_default();
            format!("{} of {targets} is not '{wanted}' as the policy wants it", setting.key())
        }
    };
    format!("{head}: {}{more}.", listed.join(", "))
}

/// Targets that follow each other, with the live value that they have or with what kept them from being read.
fn named(problems: &[Problem<'_>]) -> String {
    let targets: Vec<String> =
        problems.iter().map(|problem| format!("'{}/{}'", problem.target.account, problem.target.region)).collect();
    let targets = targets.join(", ");
    let Some(first) = problems.first() else { return targets };
    if let Some(live) = first.setting().and_then(|setting| setting.live.as_deref()) {
        return format!("{targets} is '{live}'");
    }
    match first.unread().map(UnreadResult::describe) {
        Some(said) if !said.is_empty() => format!("{targets} ('{}')", shortened(&said, SAID_AT_MOST)),
        _ => targets,
    }
}

/// Whether two problems have the same cause. Of drift, each stands for itself.
fn is_told_together(one: &Problem<'_>, other: &Problem<'_>) -> bool {
    let (Some(unread), Some(other_unread)) = (one.unread(), other.unread()) else { return false };
    one.target.account == other.target.account
        && Cause::new(unread, &one.target.region) == Cause::new(other_unread, &other.target.region)
}

fn location(place: ProblemLocation<'_>, options: &FormatOptions) -> Location {
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
fn related(problem: &Problem<'_>, options: &FormatOptions) -> Vec<Location> {
    let Some(setting) = problem.setting() else { return Vec::new() };
    let at = |file: &str, line: u32, column: u32, message: String| {
        let (line, column) = (line.max(1), column.max(1));
        let mut location =
            location(ProblemLocation { file, line, column, end_column: column.saturating_add(1) }, options);
        location.message = Some(Text { text: sarif_message(&message) });
        location
    };
    let mut related: Vec<Location> = Vec::new();
    for overridden in &setting.overridden {
        let message = format!("Overridden: it wants '{}'.", overridden.desired.join(" or "));
        related.push(at(&overridden.file, overridden.line, overridden.column, message));
    }
    if let Some(waiver) = &setting.waiver {
        let message = format!("Waived until {}: '{}'.", waiver.expires, waiver.reason);
        related.push(at(&waiver.origin.file, waiver.origin.line, waiver.origin.column, message));
    }
    for lapsed in &setting.lapsed_waivers {
        let why = match lapsed.why {
            Why::Expired => format!("has ended on {}", lapsed.waiver.expires),
            Why::OtherLiveValue => "is for another live value".to_owned(),
        };
        let (origin, reason) = (&lapsed.waiver.origin, &lapsed.waiver.reason);
        related.push(at(&origin.file, origin.line, origin.column, format!("This waiver {why}: '{reason}'.")));
    }
    for (nth, location) in related.iter_mut().enumerate() {
        location.id = Some(nth + 1);
    }
    related
}

/// Why a result is borne, where it is; each reason once.
fn suppressions(group: &[Problem<'_>]) -> Vec<Suppression> {
    let waived = group.iter().filter(|problem| is_waived(problem)).filter_map(Problem::setting);
    let reasons: BTreeSet<String> =
        waived.filter_map(|setting| setting.waiver.as_ref()).map(|waiver| sarif_message(&waiver.reason)).collect();
    let accepted = |justification| Suppression { kind: "external", status: "accepted", justification };
    reasons.into_iter().map(accepted).collect()
}

/// The result that stands for those left out.
fn cut(left_out: usize, view: &View<'_>, options: &FormatOptions) -> Finding {
    let verb = if left_out == 1 { "is" } else { "are" };
    let said = format!(
        "{} {verb} left out here: GitHub takes 25,000. The JSON report holds all.",
        pluralize(left_out, "result")
    );
    Finding {
        rule_id: LEFT_OUT,
        rule_index: index(None),
        level: "warning",
        message: Text { text: said },
        locations: [location(ProblemLocation::beginning(view), options)],
        related_locations: Vec::new(),
        partial_fingerprints: fingerprints(sha256(LEFT_OUT.as_bytes()).trim_start_matches("sha256:")),
        suppressions: Vec::new(),
        properties: None,
    }
}
