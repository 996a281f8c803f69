//! Every format holds as many findings and changes as the model, counted in what another program reads of it.

use std::collections::BTreeMap;

use driftline::report::{ChangeMark, End, Finding, Format, Review, View, findings};
use driftline::resource::Outcome;
use proptest::prelude::{prop_assert_eq, proptest};
use proptest::test_runner::Config;
use quick_junit::{NonSuccessKind, TestCaseStatus};
use serde_json::Value;

use super::comparisons::compared;
use super::fixture::clean;
use super::listings::{Checked, check_causes, check_lists, list, rendered};

/// The numbers that every format must agree with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Numbers {
    /// Findings by `change`: new, changed, persisting.
    marks: BTreeMap<String, usize>,
    /// Settings and targets by `review`.
    reviews: BTreeMap<String, usize>,
    /// Findings of the earlier report by `kind`.
    ended: BTreeMap<String, usize>,
    /// Settings and unread targets by the outcome of the finding.
    outcomes: BTreeMap<String, usize>,
}

fn count(words: impl IntoIterator<Item = impl Into<String>>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word.into()).or_default() += 1;
    }
    counts
}

impl Numbers {
    fn of(view: &View<'_>) -> Self {
        let targets: Vec<_> = view.targets.iter().collect();
        let rows = || targets.iter().flat_map(|target| &target.settings);
        let reviews = targets.iter().filter_map(|target| target.review).chain(rows().filter_map(|row| row.review));
        let whole = targets.iter().filter(|target| target.unread().is_some()).map(|_| Outcome::Unread);
        let changes = view.changes.as_ref().expect("a comparison");
        Self {
            marks: count(findings(view).filter_map(|finding| finding.mark()).map(ChangeMark::as_str)),
            reviews: count(reviews.map(Review::as_str)),
            ended: count(changes.resolved.iter().chain(&changes.carried).map(|ended| ended.kind.key())),
            outcomes: count(rows().map(|row| row.outcome).chain(whole).map(Outcome::as_str)),
        }
    }

    fn mark(&self, mark: ChangeMark) -> usize {
        self.marks.get(mark.as_str()).copied().unwrap_or_default()
    }
}

fn parsed(view: &View<'_>, format: Format) -> Value {
    serde_json::from_str(&rendered(view, format)).expect("JSON")
}

fn words<'v>(values: impl IntoIterator<Item = &'v Value>, field: &str) -> BTreeMap<String, usize> {
    count(values.into_iter().filter_map(|value| value[field].as_str()))
}

/// The numbers of targets and changes of a JSON report.
fn numbers_of_json(targets: &[Value], changes: &Value) -> Numbers {
    let settings: Vec<&Value> = targets.iter().flat_map(|target| list(&target["settings"])).collect();
    let unread = || targets.iter().map(|target| &target["unread"]).filter(|unread| unread.is_object());
    let of_rows = settings.iter().copied().chain(settings.iter().map(|row| &row["unread"]).filter(|it| it.is_object()));
    let places: Vec<&Value> = of_rows.chain(unread()).collect();
    let outcomes = settings.iter().filter_map(|row| row["outcome"].as_str()).chain(unread().map(|_| "unread"));
    Numbers {
        marks: words(places.iter().copied(), "mark"),
        reviews: words(places.iter().copied(), "review"),
        ended: words(list(&changes["resolved"]).into_iter().chain(list(&changes["carried"])), "kind"),
        outcomes: count(outcomes),
    }
}

fn check_json(view: &View<'_>, expected: &Numbers) -> Checked {
    let report = parsed(view, Format::Json);
    let targets = report["targets"].as_array().expect("targets");
    prop_assert_eq!(&numbers_of_json(targets, &report["changes"]), expected);
    for mark in [ChangeMark::New, ChangeMark::Changed, ChangeMark::Persisting] {
        prop_assert_eq!(&report["changes"][mark.as_str()], expected.mark(mark));
    }
    let lines = rendered(view, Format::Jsonl);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (targets, end) = (&lines[1..lines.len() - 1], &lines[lines.len() - 1]);
    prop_assert_eq!(&numbers_of_json(targets, &end["changes"]), expected);
    for (review, number) in &expected.reviews {
        prop_assert_eq!(
            (&report["base"]["counts"][review], &end["base"]["counts"][review]),
            (&(*number).into(), &(*number).into())
        );
    }
    Ok(())
}

fn check_csv(view: &View<'_>, expected: &Numbers) -> Checked {
    let text = rendered(view, Format::Csv);
    let rows: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(text.as_bytes()).into_deserialize().map(|row| row.expect("a row")).collect();
    let column = |name: &str, is_of: fn(&str) -> bool| {
        let cells = rows.iter().filter(|row| is_of(&row["outcome"])).map(|row| row[name].as_str());
        count(cells.filter(|cell| !cell.is_empty()))
    };
    let (is_present, is_ended) = (|outcome: &str| !outcome.is_empty(), |outcome: &str| outcome.is_empty());
    let found = Numbers {
        marks: column("change", is_present),
        reviews: column("review", is_present),
        ended: column("resolution", is_ended),
        outcomes: column("outcome", is_present),
    };
    prop_assert_eq!(&found, expected);
    let resolved = view.changes.as_ref().map(|changes| changes.resolved.len());
    prop_assert_eq!(
        column("change", is_ended).get("resolved").copied().unwrap_or_default(),
        resolved.unwrap_or_default()
    );
    Ok(())
}

fn check_junit(view: &View<'_>, expected: &Numbers) -> Checked {
    // The reader wants an offset, which other readers refuse.
    let text = rendered(view, Format::Junit).replace(" timestamp=\"2027-03-31T12:00:00\"", "");
    let report = quick_junit::Report::deserialize_from_str(&text).expect("JUnit");
    let cases: Vec<_> = report.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
    let property = |name: &str| {
        let properties = cases.iter().flat_map(|case| &case.properties).filter(|property| property.name == *name);
        count(properties.map(|property| property.value.to_string()))
    };
    prop_assert_eq!((&property("change"), &property("review")), (&expected.marks, &expected.reviews));
    let last = report.test_suites.last().expect("a suite");
    let of = |name: &str| last.properties.iter().filter(|property| property.name == *name).count();
    let ended: usize = expected.ended.values().sum();
    let carried = expected.ended.get(End::Unknown.key()).copied().unwrap_or_default();
    prop_assert_eq!((of("resolved"), of("carried")), (ended - carried, carried));
    let of_kind = |wanted: NonSuccessKind| {
        let is = |status: &TestCaseStatus| matches!(status, TestCaseStatus::NonSuccess { kind, .. } if *kind == wanted);
        cases.iter().filter(|case| is(&case.status)).count()
    };
    let counts = |finding: &Finding<'_>| !finding.is_waived();
    let drifted = findings(view).filter(|finding| counts(finding) && finding.unread().is_none()).count();
    prop_assert_eq!(of_kind(NonSuccessKind::Failure), drifted);
    prop_assert_eq!(
        cases.len(),
        view.targets
            .iter()
            .map(|target| if target.unread().is_some() { 1 } else { target.settings.len() })
            .sum::<usize>()
    );
    Ok(())
}

fn check_sarif(view: &View<'_>, expected: &Numbers) -> Checked {
    let log = parsed(view, Format::Sarif);
    let results = list(&log["runs"][0]["results"]);
    let states = words(results.iter().copied(), "baselineState");
    let renamed = [("new", ChangeMark::New), ("updated", ChangeMark::Changed), ("unchanged", ChangeMark::Persisting)];
    for (state, mark) in renamed {
        prop_assert_eq!(states.get(state).copied().unwrap_or_default(), expected.mark(mark), "{}", state);
    }
    let since = results.iter().filter(|result| result["properties"]["since"].is_string()).count();
    prop_assert_eq!(since, findings(view).count());
    let reviews = results.iter().flat_map(|result| list(&result["properties"]["review"])).filter_map(Value::as_str);
    // What the policies accept is no finding.
    let mut reviewed = expected.reviews.clone();
    reviewed.remove(Review::Accepts.as_str());
    prop_assert_eq!(count(reviews), reviewed);
    Ok(())
}

fn check_entries(view: &View<'_>) -> Checked {
    let entries = parsed(view, Format::Codequality);
    prop_assert_eq!(list(&entries).len(), findings(view).filter(|finding| !finding.is_waived()).count());
    Ok(())
}

/// A finding for each setting that applies; those of an unread target repeat what is said of the target.
fn check_compliance(view: &View<'_>) -> Checked {
    let targets: Vec<_> = view.targets.iter().collect();
    let rows = targets.iter().flat_map(|target| target.settings.iter().map(move |row| (target, row)));
    let rows: Vec<_> = rows.filter(|(_, row)| row.outcome != Outcome::NotApplicable).collect();
    let marks = count(rows.iter().filter_map(|(target, row)| row.mark.or(target.mark)).map(ChangeMark::as_str));
    let reviews = count(rows.iter().filter_map(|(target, row)| row.review.or(target.review)).map(Review::as_str));
    let lines = rendered(view, Format::Ocsf);
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let facts: Vec<&Value> = events.iter().map(|event| &event["unmapped"]["driftline"]).collect();
    prop_assert_eq!((events.len(), words(facts.iter().copied(), "change")), (rows.len(), marks.clone()));
    prop_assert_eq!(words(facts, "review"), reviews.clone());
    let first_seen = events.iter().filter(|event| event["finding_info"]["first_seen_time"].is_i64()).count();
    prop_assert_eq!(first_seen, marks.values().sum::<usize>());
    let findings = parsed(view, Format::Asff);
    let fields: Vec<&Value> = list(&findings).into_iter().map(|finding| &finding["ProductFields"]).collect();
    prop_assert_eq!((fields.len(), words(fields.iter().copied(), "driftline/change")), (rows.len(), marks.clone()));
    prop_assert_eq!(words(fields, "driftline/review"), reviews);
    let first_seen = list(&findings).into_iter().filter(|finding| finding["FirstObservedAt"].is_string()).count();
    prop_assert_eq!(first_seen, marks.values().sum::<usize>());
    Ok(())
}

fn check_metrics(view: &View<'_>) -> Checked {
    let text = rendered(view, Format::Prometheus);
    let samples = |name: &str| -> Vec<(String, usize)> {
        let start = format!("{name}{{");
        let sample = |line: &str| {
            line.strip_prefix(&start)?
                .rsplit_once("} ")
                .map(|(labels, value)| (labels.to_owned(), value.parse().expect("a number")))
        };
        text.lines().filter_map(sample).collect()
    };
    let changes = view.changes.as_ref().expect("a comparison");
    let carried = changes.carried_drift().count();
    for mark in [ChangeMark::New, ChangeMark::Changed, ChangeMark::Persisting] {
        let label = format!("change=\"{}\"", mark.as_str());
        let of_mark = samples("driftline_problems").into_iter().filter(|(labels, _)| labels.contains(&label));
        let counting = findings(view).filter(|finding| finding.counts() && finding.mark() == Some(mark)).count();
        let more = if mark == ChangeMark::Persisting { carried } else { 0 };
        prop_assert_eq!(of_mark.map(|(_, value)| value).sum::<usize>(), counting + more, "{}", label);
    }
    let drifted = findings(view).filter(|finding| finding.outcome() == Outcome::Drifted);
    let drifted = drifted
        .map(|finding| (finding.target.account, finding.target.region.to_string(), finding.since().expect("a time")));
    let carried = changes.carried_drift().map(|drift| (drift.account, drift.region.to_string(), drift.since));
    let mut earliest = BTreeMap::new();
    for (account, region, since) in drifted.chain(carried) {
        let since = usize::try_from(since.as_second()).expect("a time of this century");
        let known = earliest.entry((account.to_string(), region)).or_insert(since);
        *known = since.min(*known);
    }
    let found: BTreeMap<(String, String), usize> = samples("driftline_drift_first_seen_timestamp_seconds")
        .into_iter()
        .map(|(labels, value)| {
            let label = |name: &str| {
                labels.split(',').find_map(|label| Some(label.strip_prefix(name)?.trim_matches('"').to_owned()))
            };
            ((label("account_id=").expect("an account"), label("region=").expect("a Region")), value)
        })
        .collect();
    prop_assert_eq!(found, earliest);
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_format_counts_what_the_model_holds(report in compared()) {
        let like = clean();
        let view = report.view(View::from(&like));
        let expected = Numbers::of(&view);
        check_json(&view, &expected)?;
        check_csv(&view, &expected)?;
        check_junit(&view, &expected)?;
        check_sarif(&view, &expected)?;
        check_entries(&view)?;
        check_compliance(&view)?;
        check_metrics(&view)?;
        check_lists(&view)?;
        check_causes(&view, View::from(&like))?;
    }
}
