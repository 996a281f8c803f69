//! Any text, read as a report.

use driftline::drift::Ledger;
use driftline::model::{Clock, ConsoleUrl};
use driftline::report::{
    Detail, End, Format, FormatOptions, History, LinkBase, MetricsDetail, OwnerFacts, Paint, ReportError, Targets,
    TextOptions, View, asff_files, github_summary, merge, read_json, render, write_github_outputs,
};
use driftline::resource::Outcome;
use serde_json::Value;

use super::told::{is_a_readable_line, steers_no_terminal};

/// The formats that carry texts of others word for word, within their own quotes.
const VERBATIM: [Format; 2] = [Format::Json, Format::Jsonl];

/// The others.
const TAME: [Format; 15] = [
    Format::Text,
    Format::Markdown,
    Format::Github,
    Format::Sarif,
    Format::Junit,
    Format::Codequality,
    Format::Csv,
    Format::Prometheus,
    Format::Openmetrics,
    Format::Html,
    Format::Ocsf,
    Format::Asff,
    Format::Owners,
    Format::Slack,
    Format::Sns,
];

/// What is tried of one text.
pub fn try_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let view = match read_json(text) {
        Ok(view) => view,
        Err(error) => {
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
            // A field that stands twice may be found before the place where it is no JSON.
            assert!(
                is_json
                    || matches!(error, ReportError::NotJson(_) | ReportError::NotAReport(_) | ReportError::CutOff(_)),
                "{error:?}"
            );
            return is_a_readable_line(&error.to_string());
        }
    };
    adds_up(&view);
    let (plain, rich) = options();
    for (options, detail, width) in [(&plain, Detail::Normal, 100), (&rich, Detail::Verbose, 30)] {
        let text = TextOptions { width, paint: Paint::Plain, detail, administrator: None, links: None };
        for format in TAME {
            let Some(drawn) = drawn(&view, format, text, options) else { continue };
            steers_no_terminal(&drawn.replace("\r\n", "\n"));
            if matches!(format, Format::Sarif | Format::Codequality | Format::Slack) {
                assert!(serde_json::from_str::<Value>(&drawn).is_ok(), "{format:?}: {drawn}");
            }
        }
        for format in VERBATIM {
            let Some(drawn) = drawn(&view, format, text, options) else { continue };
            if format == Format::Jsonl {
                assert!(drawn.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{drawn}");
            }
        }
        for file in asff_files(&view, options).flatten() {
            let (_, bytes) = file;
            assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
        }
        steers_no_terminal(&github_summary(&view, options, 0));
        written(|out| write_github_outputs(&view, options, Some(true), out));
    }
    is_the_same_again(&view);
    becomes_one_with_another(text);
}

/// Everything that can be said beside the report, left out and said.
fn options() -> (FormatOptions, FormatOptions) {
    let rich = FormatOptions {
        path_prefix: "infra".to_owned(),
        path_root: None,
        paths: std::collections::BTreeMap::new(),
        link_base: LinkBase::parse("https://example.com/repository").ok(),
        console: ConsoleUrl::parse("https://{region}.example.com/{account}").ok(),
        policy_set: "a set".to_owned(),
        plan_key: Some("another set".to_owned()),
        sarif_by_line: true,
        sarif_waived: true,
        sarif_category: Some("a category".to_owned()),
        csv_raw: false,
        metrics: MetricsDetail::Target,
        exit_code: 6,
        owners: OwnerFacts::default(),
    };
    (FormatOptions::default(), rich)
}

/// The report in a format; `None` where it says a time in a way that the format cannot use, which is told.
fn drawn(view: &View<'_>, format: Format, text: TextOptions, options: &FormatOptions) -> Option<String> {
    let mut out = Vec::new();
    match render(view, format, text, options, &mut out) {
        Ok(()) => Some(String::from_utf8(out).expect("UTF-8")),
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "a vector takes everything");
            is_a_readable_line(&error.to_string());
            None
        }
    }
}

fn written(write: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("UTF-8")
}

/// No target is lost or counted twice.
fn adds_up(view: &View<'_>) {
    let Ledger { declared, in_sync, drifted, waived, not_applicable, unread, .. } = view.ledger;
    assert_eq!(declared, in_sync + drifted + waived + not_applicable + unread);
    assert_eq!(declared, view.targets.iter().count());
    let of = |outcome| view.targets.iter().filter(|target| target.outcome == outcome).count();
    assert!(Outcome::ALL.into_iter().all(|outcome| of(outcome) == view.ledger.count(outcome)));
    let keys: Vec<_> = view.targets.iter().map(|target| (target.account, target.region.to_string())).collect();
    assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:?}");
}

/// Written and read again it is the same, and nothing of it is new.
fn is_the_same_again(view: &View<'_>) {
    let json = |view: &View<'_>| {
        let text =
            TextOptions { width: 100, paint: Paint::Plain, detail: Detail::Normal, administrator: None, links: None };
        written(|out| render(view, Format::Json, text, &FormatOptions::default(), out))
    };
    let once = json(view);
    let again = read_json(&once).expect("what was written can be read");
    assert_eq!(json(&again), once);
    let history = History::from_report(view, Clock::System.now());
    let again = again.since(Some(&history));
    let changes = again.changes.expect("something to tell");
    assert!(changes.resolved.iter().all(|gone| gone.kind == End::Undeclared || !gone.setting.is_empty()));
}

/// A report and one without targets, of the same run, are one report.
fn becomes_one_with_another(text: &str) {
    let (Ok(one), Ok(mut other)) = (read_json(text), read_json(text)) else { return };
    let (ledger, shard) = (one.ledger, one.run.shard);
    other.targets = Targets::Saved(Vec::new());
    (other.ledger, other.verdict) = (Ledger::default(), Ledger::default().verdict());
    match merge(vec![("one.json".to_owned(), one), ("other.json".to_owned(), other)]) {
        Ok(whole) => {
            adds_up(&whole);
            assert_eq!(whole.ledger, ledger);
        }
        Err(mistakes) => {
            assert!(shard.is_some(), "{mistakes:?}");
            for mistake in mistakes {
                is_a_readable_line(&mistake.to_string());
            }
        }
    }
}
