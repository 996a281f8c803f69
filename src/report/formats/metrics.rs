//! The report as metrics: the textfile collector's format, and OpenMetrics.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::tz::TimeZone;

use crate::drift::{Ledger, Verdict};
use crate::model::{AccountId, Region, Resource, Severity};
use crate::report::escape::label_value;
use crate::report::finding::findings;
use crate::report::model::{ChangeMark, Changes, View};
use crate::report::{FormatOptions, MetricsDetail};
use crate::resource::Outcome;

/// A metric's name with its help. Every series is a gauge: a counter's name would differ between the two formats.
///
/// Source: prometheus/node_exporter, collector/textfile.go: two files that explain one metric in different words are an error.
/// So the words are the same whatever the report says, and whatever the detail.
type Metric = (&'static str, &'static str);

const BUILD_INFO: Metric = ("driftline_build_info", "The version of the driftline that made the report.");
const CHECK_SUCCESS: Metric =
    ("driftline_check_success", "1 if the run read every target but those expected to be unread, 0 if it did not.");
const LAST_RUN: Metric = (
    "driftline_last_run_timestamp_seconds",
    "The Unix time at which the run ended, or that of its oldest reading if it took some over.",
);
const LAST_SUCCESS: Metric =
    ("driftline_last_success_timestamp_seconds", "The same, if the check was a success; absent if it was not.");
const DURATION: Metric = ("driftline_run_duration_seconds", "How long the run took.");
const TARGETS: Metric = ("driftline_targets", "Declared targets by state.");
const EXPECTED_UNREAD: Metric =
    ("driftline_expected_unread_targets", "Unread targets that a waiver expects to be unread.");
const ATTRIBUTES: Metric = ("driftline_attributes", "Declared settings of targets by state.");
const TARGET_UP: Metric = ("driftline_target_up", "1 if the target could be read, 0 if it could not.");
const PROBLEMS: Metric =
    ("driftline_problems", "Problems that count, by severity and by what has become of them since the last run.");
const FIRST_SEEN: Metric = (
    "driftline_drift_first_seen_timestamp_seconds",
    "The Unix time of the first run that found the drift; of several drifts, the earliest.",
);
const WAIVER_EXPIRY: Metric =
    ("driftline_waiver_expiry_timestamp_seconds", "The Unix time at which the waiver ceases to cover.");

/// Labels, sorted by name.
type Labels = BTreeMap<&'static str, String>;

/// Writes the report for the textfile collector of Prometheus's node exporter.
///
/// No sample has a time of its own: the collector skips a file with one. Every state is there, with 0 where nothing has it, so
/// that no series vanishes. The sum over `state` is the same for every detail.
///
/// Sources: prometheus/node_exporter, collector/textfile.go; Prometheus Docs, "Exposition formats".
pub fn write_prometheus(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let set: Labels = [("policy_set", options.policy_set.clone())].into();
    let one = |value: i64| [(set.clone(), value)];
    // An alert on stale metrics must not be calmed by readings of long ago.
    let ended = view.oldest_reading().as_second();
    let is_success = matches!(view.verdict, Verdict::InSync | Verdict::Drift);

    write_metric(BUILD_INFO, [([("version", view.tool.version.to_string())].into(), 1)], out)?;
    write_metric(CHECK_SUCCESS, one(is_success.into()), out)?;
    write_metric(LAST_RUN, one(ended), out)?;
    write_metric(LAST_SUCCESS, is_success.then_some((set.clone(), ended)), out)?;
    write_metric(DURATION, one(view.seconds_taken()), out)?;
    write_metric(TARGETS, by_state(targets(view, options.metrics, &set)), out)?;
    write_metric(EXPECTED_UNREAD, one(i64::try_from(view.ledger.expected_unread).unwrap_or(i64::MAX)), out)?;
    write_metric(ATTRIBUTES, by_state(settings(view, options.metrics, &set)), out)?;
    if options.metrics == MetricsDetail::Target {
        write_metric(TARGET_UP, up(view, &set), out)?;
    }
    write_metric(PROBLEMS, problems(view, &set), out)?;
    write_metric(FIRST_SEEN, first_seen(view, options.metrics, &set), out)?;
    write_metric(WAIVER_EXPIRY, waivers(view, options, &set)?, out)
}

/// Writes the same as OpenMetrics, which says where it ends.
///
/// Source: OpenMetrics 1.0, "Text Format".
pub fn write_openmetrics(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    write_prometheus(view, options, out)?;
    out.write_all(b"# EOF\n")
}

/// The outcomes behind each series. Without accounts there is one of each resource, also over no target.
type Counted = BTreeMap<Labels, Vec<Outcome>>;

fn counted(view: &View<'_>, detail: MetricsDetail, set: &Labels) -> Counted {
    let mut resources: BTreeSet<Resource> = view.ledger_by_resource.keys().copied().collect();
    if resources.is_empty() {
        resources.insert(Resource::default());
    }
    let is_listed = |_: &Resource| detail == MetricsDetail::Summary;
    resources.into_iter().filter(is_listed).map(|resource| (of_resource(set, resource), Vec::new())).collect()
}

/// The labels of a resource: an account and a Region may have a target of each.
fn of_resource(set: &Labels, resource: Resource) -> Labels {
    let mut labels = set.clone();
    labels.insert("resource", resource.to_string());
    labels
}

/// The labels of a target, as far as a series tells targets apart.
fn of_place(set: &Labels, detail: MetricsDetail, (account, region, resource): (AccountId, &str, Resource)) -> Labels {
    let mut labels = of_resource(set, resource);
    if detail >= MetricsDetail::Account {
        labels.insert("account_id", account.to_string());
    }
    if detail >= MetricsDetail::Target {
        labels.insert("region", region.to_owned());
    }
    labels
}

/// Targets, by account on request.
fn targets(view: &View<'_>, detail: MetricsDetail, set: &Labels) -> Counted {
    let mut counted = counted(view, detail, set);
    for target in view.targets.iter() {
        let mut labels = of_resource(set, target.resource);
        if detail >= MetricsDetail::Account {
            labels.insert("account_id", target.account.to_string());
        }
        counted.entry(labels).or_default().push(target.outcome);
    }
    counted
}

/// Settings, by account and by Region on request.
fn settings(view: &View<'_>, detail: MetricsDetail, set: &Labels) -> Counted {
    let mut counted = counted(view, detail, set);
    for target in view.targets.iter() {
        let labels = of_place(set, detail, target.place());
        counted.entry(labels).or_default().extend(target.settings.iter().map(|row| row.outcome));
    }
    counted
}

/// A series for each state.
fn by_state(counted: Counted) -> impl Iterator<Item = (Labels, i64)> {
    counted.into_iter().flat_map(|(labels, outcomes)| {
        let ledger: Ledger = outcomes.into_iter().collect();
        Outcome::ALL.map(|state| {
            let mut labels = labels.clone();
            labels.insert("state", state.as_str().to_owned());
            (labels, i64::try_from(ledger.count(state)).unwrap_or(i64::MAX))
        })
    })
}

fn up(view: &View<'_>, set: &Labels) -> impl Iterator<Item = (Labels, i64)> {
    view.targets.iter().map(|target| {
        let labels = of_place(set, MetricsDetail::Target, target.place());
        let is_unread = target.outcome == Outcome::Unread || target.settings.iter().any(|row| row.unread.is_some());
        (labels, (!is_unread).into())
    })
}

/// What counts, by severity and change, if there was a comparison with an earlier report: nothing that a waiver covers or
/// expects. The drift of targets that are unread now persists.
fn problems(view: &View<'_>, set: &Labels) -> Vec<(Labels, i64)> {
    let Some(changes) = &view.changes else { return Vec::new() };
    let mut counts: BTreeMap<(Severity, ChangeMark), i64> = BTreeMap::new();
    let mut count = |severity, mark| *counts.entry((severity, mark)).or_default() += 1;
    for finding in findings(view).filter(|finding| !finding.is_waived() && !finding.is_expected()) {
        count(finding.severity(), finding.mark().unwrap_or(ChangeMark::New));
    }
    for severity in carried_severities(view, changes) {
        count(severity, ChangeMark::Persisting);
    }
    let pairs = Severity::ALL.into_iter().flat_map(|severity| {
        [ChangeMark::New, ChangeMark::Changed, ChangeMark::Persisting].map(|mark| (severity, mark))
    });
    pairs
        .map(|(severity, mark)| {
            let mut labels = set.clone();
            labels.insert("severity", severity.to_string());
            labels.insert("change", mark.as_str().to_owned());
            (labels, counts.get(&(severity, mark)).copied().unwrap_or_default())
        })
        .collect()
}

/// When the earliest drift of each series was first found, if there was a comparison with an earlier report: drift that no waiver covers,
/// also that of targets that are unread now. Without an earlier report, it is the end of this run.
fn first_seen(view: &View<'_>, detail: MetricsDetail, set: &Labels) -> BTreeMap<Labels, i64> {
    let Some(changes) = &view.changes else { return BTreeMap::new() };
    let drifted = findings(view).filter(|finding| finding.outcome() == Outcome::Drifted).map(|finding| {
        let since = finding.since().unwrap_or(view.run.finished_at);
        (of_place(set, detail, finding.target.place()), since)
    });
    let carried = changes.carried_drift().map(|drift| {
        let place = (drift.account, drift.region.as_str(), drift.resource);
        (of_place(set, detail, place), drift.since)
    });
    let mut earliest = BTreeMap::new();
    for (labels, since) in drifted.chain(carried) {
        let known = earliest.entry(labels).or_insert(since.as_second());
        *known = since.as_second().min(*known);
    }
    earliest
}

/// The severities of the carried drift, as the declarations of the unread targets have them.
fn carried_severities(view: &View<'_>, changes: &Changes) -> Vec<Severity> {
    let mut carried: BTreeMap<(AccountId, Region, Resource), Vec<&str>> = BTreeMap::new();
    for drift in changes.carried_drift() {
        carried.entry((drift.account, drift.region.clone(), drift.resource)).or_default().push(&drift.setting);
    }
    let mut severities = Vec::new();
    for target in view.targets.iter().filter(|_| !carried.is_empty()) {
        let Some(keys) = carried.get(&(target.account, target.region.clone(), target.resource)) else { continue };
        let rows = target.settings.iter().filter(|row| keys.contains(&row.setting.key()));
        severities.extend(rows.map(|row| row.severity));
    }
    severities
}

/// When each waiver ceases to cover: with the day after its last one, in UTC. Its place is the only name that a waiver has.
fn waivers(view: &View<'_>, options: &FormatOptions, set: &Labels) -> io::Result<BTreeMap<Labels, i64>> {
    let mut soonest = BTreeMap::new();
    for used in &view.waivers {
        let origin = &used.waiver.origin;
        let mut labels = set.clone();
        labels.insert("waiver", format!("{}:{}", options.path(&origin.file), origin.line));
        // The end of the calendar has no day after it; its own beginning is late enough.
        let end = used.waiver.expires.tomorrow().unwrap_or(used.waiver.expires);
        let end = end.to_zoned_datetime(TimeZone::UTC).map_err(io::Error::other)?.timestamp().as_second();
        // Two waivers on one line make one series: two of one name would be an error.
        let known = soonest.entry(labels).or_insert(end);
        *known = end.min(*known);
    }
    Ok(soonest)
}

fn write_metric(
    (name, help): Metric,
    series: impl IntoIterator<Item = (Labels, i64)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut series = series.into_iter().peekable();
    if series.peek().is_some() {
        writeln!(out, "# HELP {name} {help}")?;
        writeln!(out, "# TYPE {name} gauge")?;
    }
    for (labels, value) in series {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", label_value(value))).collect();
        writeln!(out, "{name}{{{}}} {value}", labels.join(","))?;
    }
    Ok(())
}
