//! The rules, and the run.

use std::collections::BTreeMap;

use super::log::{
    AutomationDetails, Configuration, Descriptor, Driver, Help, Invocation, Notification, Provenance, Reference,
    RuleProperties, Text,
};
use crate::model::{Resource, SettingId, Severity, UnreadReason};
use crate::report::FormatOptions;
use crate::report::escape::terminal;
use crate::report::finding::{findings, label};
use crate::report::messages::pluralize;
use crate::report::model::View;
use crate::report::rule::Rule;

/// The id of the result that stands for those left out. No [`Rule`] has it.
pub(super) const LEFT_OUT: &str = "DL9999";

/// A rule's place in the list; the last is that of [`LEFT_OUT`].
pub(super) fn index(rule: Option<Rule>) -> usize {
    Rule::all().position(|known| Some(known) == rule).unwrap_or_else(|| Rule::all().count())
}

/// SARIF's word for a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The program with its rules.
pub(super) fn driver<'a>(view: &'a View<'_>) -> Driver<'a> {
    let greatest = greatest(view);
    let of = |rule| match rule {
        Rule::Drift(setting) => greatest.get(&setting).copied().unwrap_or_default(),
        Rule::Unread(_) => Severity::Medium,
    };
    let left_out = Descriptor {
        id: LEFT_OUT,
        name: "LeftOut".to_owned(),
        short_description: text("There are more results than GitHub takes"),
        full_description: text(
            "GitHub takes 25,000 results in a run. The worst are kept, and the others are left out.",
        ),
        help: help(
            "Read the JSON report, which holds all; or write one result for each line with `--sarif-group line`.",
        ),
        default_configuration: Configuration { level: "warning" },
        properties: Some(properties(None, Severity::Medium)),
    };
    Driver {
        name: terminal(&view.tool.name),
        semantic_version: terminal(&view.tool.version),
        rules: Rule::all().map(|rule| descriptor(rule, Some(of(rule)))).chain([left_out]).collect(),
        notifications: UnreadReason::ALL.map(|reason| descriptor(Rule::Unread(reason), None)).into(),
    }
}

/// The greatest severity that the policies give each setting, drifted or not: GitHub knows severities of rules only, and one
/// that came and went with the drift would be of no use.
fn greatest(view: &View<'_>) -> BTreeMap<SettingId, Severity> {
    let mut greatest = BTreeMap::new();
    for target in view.targets.iter() {
        for row in &target.settings {
            let known = greatest.entry(row.setting).or_insert(row.severity);
            *known = row.severity.max(*known);
        }
    }
    greatest
}

fn descriptor(rule: Rule, severity: Option<Severity>) -> Descriptor {
    Descriptor {
        id: rule.id(),
        name: match rule {
            Rule::Drift(setting) => pascal(&label(setting)),
            Rule::Unread(reason) => format!("Unread{}", pascal(reason.as_str())),
        },
        short_description: text(&rule.title()),
        full_description: text(&rule.explanation()),
        help: help(rule.help()),
        default_configuration: Configuration { level: level(severity.unwrap_or(Severity::Medium)) },
        properties: severity.map(|severity| properties(Some(rule), severity)),
    }
}

/// Source: GitHub Docs, "SARIF support for code scanning": over 9.0 is critical, 7.0 to 8.9 high, 4.0 to 6.9 medium.
fn properties(rule: Option<Rule>, severity: Severity) -> RuleProperties {
    let (problem_severity, security_severity) = match severity {
        Severity::Critical => ("error", "9.5"),
        Severity::High => ("error", "8.0"),
        Severity::Medium => ("warning", "5.5"),
        Severity::Low => ("recommendation", "2.0"),
    };
    let service = match rule {
        Some(Rule::Drift(setting)) => match setting.spec().resource {
            Resource::MacieSession => Some("macie"),
            Resource::SessionManagerPreferences | Resource::SessionManagerSessions => Some("session-manager"),
        },
        Some(Rule::Unread(_)) | None => None,
    };
    let tags = ["aws"].into_iter().chain(service).chain(["security"]).collect();
    RuleProperties { precision: "very-high", problem_severity, security_severity, tags }
}

fn text(text: &str) -> Text {
    let end = if text.ends_with('.') { "" } else { "." };
    Text { text: format!("{text}{end}") }
}

fn help(markdown: &'static str) -> Help {
    Help { text: markdown.replace('`', ""), markdown }
}

/// A label such as `table some_table.some_key` as `TableSomeTableSomeKey`.
fn pascal(key: &str) -> String {
    key.split(['_', '.', ' '])
        .flat_map(|word| word.chars().take(1).map(|letter| letter.to_ascii_uppercase()).chain(word.chars().skip(1)))
        .collect()
}

/// The run. Only one that read nothing at all counts as failed: GitHub refuses such an upload, and
/// with it the results. One notification for each reason for being unread says how many targets there are.
///
/// Source: github/codeql-action, upload-lib.ts.
pub(super) fn invocation(view: &View<'_>, options: &FormatOptions) -> Invocation {
    let mut unread: BTreeMap<(UnreadReason, bool), usize> = BTreeMap::new();
    for finding in findings(view) {
        if let Some(found) = finding.unread() {
            *unread.entry((found.reason, view.excuse(&finding).is_some())).or_default() += 1;
        }
    }
    Invocation {
        execution_successful: view.ledger.unread < view.ledger.declared || view.ledger.declared == 0,
        exit_code: options.exit_code,
        start_time_utc: view.run.started_at.to_string(),
        end_time_utc: view.run.finished_at.to_string(),
        properties: (!view.is_live())
            .then(|| Provenance { source: view.source(), read_at: view.oldest_reading().to_string() }),
        tool_execution_notifications: unread.into_iter().map(notification).collect(),
    }
}

fn notification(((reason, is_excused), count): ((UnreadReason, bool), usize)) -> Notification {
    let rule = Rule::Unread(reason);
    let place = UnreadReason::ALL.into_iter().position(|known| known == reason).unwrap_or_default();
    Notification {
        descriptor: Reference { id: rule.id(), index: place },
        associated_rule: Reference { id: rule.id(), index: index(Some(rule)) },
        level: if is_excused { "note" } else { "error" },
        message: Text {
            text: format!(
                "{} could not be read{}: '{}'.",
                pluralize(count, "target"),
                if is_excused { ", as expected" } else { "" },
                reason.as_str()
            ),
        },
    }
}

/// The category. What follows the last slash would be the id of the run, so there is nothing.
///
/// Source: SARIF 2.1.0, 3.17.3; GitHub Docs, "SARIF support for code scanning".
pub(super) fn automation_details(category: &str) -> AutomationDetails {
    AutomationDetails { id: format!("driftline/{}/", category.trim_matches('/')) }
}
