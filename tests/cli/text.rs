//! The report for people.

use std::fmt::Write as _;
use std::sync::Arc;

use driftline::aws::RequestCounts;
use driftline::diagnostic::{Diagnostics, Sources};
use driftline::drift::Comparison;
use driftline::inventory::{Accounts, RegionsSource, assemble};
use driftline::model::Environment;
use driftline::model::{Denial, DenyingLayer, Evidence, RegionTable, Target, Unread, UnreadReason};
use driftline::policy::{load, resolve};
use driftline::report::{Detail, Paint, Report, RunFacts, TextOptions, write_text};
use driftline::resource::catalog;
use driftline::resource::macie_session::Frequency;
use driftline::resource::{LiveSession, LiveStatus, NotApplicable, NotEnabledEvidence, Reading};

use crate::support::{Driftline, World, copied, policy};

/// A check of the worked example.
fn example() -> Driftline {
    let program = copied(Driftline::new(), "examples/organization");
    program.args(["check", "policies", "--simulate", "world.yaml"])
}

#[test]
fn the_example_in_each_degree_of_detail() {
    insta::assert_snapshot!("example", example().run(6).stdout);
    insta::assert_snapshot!("example_quiet", example().args(["--quiet"]).run(6).stdout);
    insta::assert_snapshot!("example_verbose", example().args(["--verbose"]).run(6).stdout);
    insta::assert_snapshot!(
        "example_colour",
        example().args(["--color", "always"]).run(6).stdout.replace('\u{1b}', "␛")
    );
}

#[test]
fn standard_error_says_nothing_where_nothing_is_amiss() {
    assert_eq!(example().run(6).stderr, "");
}

#[test]
fn everything_in_sync_says_so() {
    let declaration = "accounts: [\"111122223333\", \"222233334444\"], regions: [eu-west-1], status: ENABLED";
    let world = World::new().enabled("111122223333").enabled("222233334444");
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&world);
    insta::assert_snapshot!(program.args(["check", "a.yaml", "--simulate", "world.yaml"]).run(0).stdout, @"
    Verdict   in sync; everything was read

    1 policy file, 2 accounts, 2 targets; live from a simulated AWS

    ✓ 111122223333  1 in sync
    ✓ 222233334444  1 in sync

    Ledger    2 targets = 2 in sync + 0 drifted + 0 waived + 0 not applicable + 0 unread
    Requests  2 to Macie, 3 to STS, 0 to Account Management
    Verdict   in sync; everything was read
    ");
}

/// A check of that many accounts in sync and one that drifts.
fn many(accounts: u32) -> Driftline {
    let ids: Vec<String> = (1..=accounts).map(|id| format!("{id:012}")).collect();
    let world = ids.iter().fold(World::new(), |world, id| world.enabled(id));
    let world = world.account("777777777777", "sessions: {\"*\": {status: PAUSED}}");
    let declaration =
        format!("accounts: {:?}, regions: [eu-west-1], status: ENABLED", [ids, vec!["777777777777".into()]].concat());
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&world);
    program.args(["check", "a.yaml", "--simulate", "world.yaml"])
}

#[test]
fn more_than_12_quiet_accounts_are_counted_unless_all_are_wanted() {
    let listed = |text: &str| text.matches("000000000").count();
    assert_eq!(listed(&many(12).run(2).stdout), 12);
    let counted = many(13).run(2).stdout;
    assert_eq!(listed(&counted), 0, "{counted}");
    assert!(counted.contains("✓ 13 accounts are in sync in every target that applies (--verbose lists them)\n"));
    assert!(counted.contains("777777777777\n  ✗ eu-west-1"), "{counted}");
    assert!(counted.contains("Ledger    14 targets = 13 in sync + 1 drifted"), "{counted}");
    assert_eq!(listed(&many(13).args(["--verbose"]).run(2).stdout), 13);
}

const POLICY: &str = "\
version: 1
macie_sessions:
  - name: what every account owes the security team, whoever runs it and whatever it is for
    accounts: ['111122223333', '222233334444', '333344445555']
    regions: ['eu-*-1', 'us-east-?']
    status: ENABLED
    finding_publishing_frequency: [FIFTEEN_MINUTES, ONE_HOUR]
  - name: sandbox
    accounts: ['333344445555']
    regions: [us-east-1]
    status: [PAUSED, NOT_ENABLED]
    severity: critical
";

fn session(status: LiveStatus, frequency: Frequency) -> Reading {
    Reading::On(LiveSession {
        status,
        frequency,
        service_role: None,
        created_at: None,
        updated_at: None,
        note: None,
        further: None,
    })
}

fn denied() -> Reading {
    let action = "macie2:GetMacieSession";
    let arn = "arn:aws:organizations::999988887777:policy/o-exampleorgid/service_control_policy/p-regions01";
    Reading::Unread(Unread {
        reason: UnreadReason::Denied,
        denial: Some(Arc::new(Denial {
            principal: None,
            action: Some(action.into()),
            layer: Some(DenyingLayer::ServiceControlPolicy),
            explicit: true,
            policy_arn: Some(arn.into()),
        })),
        evidence: Evidence {
            code: Some("AccessDeniedException".into()),
            message: Some(format!("User: arn:aws:sts::111122223333:assumed-role/R/s is not authorized to perform: {action} with an explicit deny in a service control policy: {arn}").into()),
            request_id: Some("request-1".into()),
        },
    })
}

/// What the readings of [`POLICY`] are, for a report that does not change.
fn reading(target: &Target) -> Reading {
    match (target.account.to_string().as_str(), target.region.as_str()) {
        (_, "eu-central-1") => session(LiveStatus::Enabled, Frequency::OneHour),
        ("111122223333", "eu-west-1") => session(LiveStatus::Paused, Frequency::SixHours),
        ("111122223333", "us-east-1" | "us-east-2") => denied(),
        ("222233334444", "eu-north-1") => Reading::NotEnabled(NotEnabledEvidence::Answer(Evidence {
            code: Some("AccessDeniedException".into()),
            message: Some("Macie is not enabled".into()),
            request_id: Some("request-2".into()),
        })),
        ("222233334444", "eu-south-1") => Reading::NotApplicable(NotApplicable::RegionOffInferred),
        _ => session(LiveStatus::Enabled, Frequency::FifteenMinutes),
    }
}

/// A report about [`POLICY`], the same in each run.
fn fixed() -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.yaml"), POLICY).expect("a file");
    let (table, mut sources, mut told) = (RegionTable::bundled(), Sources::default(), Diagnostics::default());
    let set = load(&[folder.path().join("a.yaml")], folder.path(), catalog(&table), &mut sources, &mut told);
    let accounts = Accounts::from_ids(set.declared_accounts());
    let inventory = assemble(accounts, &RegionsSource::Macie, set.named_regions(), &set.declared_resources(), &table)
        .expect("accounts");
    let desired = resolve(&set, &inventory, &mut told);
    assert!(told.is_empty(), "{:?}", told.sorted(&sources));
    let readings = desired.targets().iter().map(|target| reading(&target.target())).collect();
    let moment = "2027-03-31T12:00:00Z".parse().expect("a moment");
    Report {
        run: RunFacts {
            command: "check".into(),
            started_at: moment,
            finished_at: moment,
            source: Environment::Aws,
            policy_digest: set.digest,
            policy_files: set.files,
            settings_file: None,
            as_of: None,
            selection: None,
            shard: None,
            carried: None,
            snapshot: None,
            management_account: None,
            caller: None,
        },
        comparison: Comparison::new(desired, readings, jiff::civil::date(2027, 3, 31)),
        accounts: inventory,
        requests: RequestCounts {
            macie2: 17,
            ssm: 0,
            sts: 4,
            account: 3,
            organizations: 0,
            retried: 2,
            throttled: 2,
            access_denied: 4,
        },
        base: None,
    }
}

fn drawn(width: usize, detail: Detail, paint: Paint) -> String {
    let mut out = Vec::new();
    write_text(&(&fixed()).into(), TextOptions { width, paint, detail, administrator: None, links: None }, &mut out)
        .expect("a report");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn the_report_fits_its_width() {
    for width in [50, 80, 160] {
        insta::assert_snapshot!(format!("width_{width}"), drawn(width, Detail::Normal, Paint::Plain));
    }
    // Only a word that is longer than a line sticks out, so that it can be copied.
    for width in [50, 80, 160] {
        let text = drawn(width, Detail::Verbose, Paint::Plain);
        for line in text.lines().filter(|line| line.chars().count() > width) {
            assert!(line.split_whitespace().count() <= 2, "{width} columns: {line}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour_and_ends_on_its_line() {
    for width in [50, 80, 160] {
        let painted = drawn(width, Detail::Verbose, Paint::Ansi);
        let mut plain = String::new();
        for line in painted.lines() {
            let mut parts = line.split('\u{1b}');
            plain.push_str(parts.next().unwrap_or_default());
            let mut open = false;
            for part in parts {
                let (style, text) = part.split_once('m').expect("the end of a style");
                open = style != "[0";
                plain.push_str(text);
            }
            assert!(!open, "a style leaks out of {line:?}");
            let _ = writeln!(plain);
        }
        assert_eq!(plain, drawn(width, Detail::Verbose, Paint::Plain));
    }
}

#[test]
fn quiet_shortens_what_is_printed_and_no_file() {
    let declaration = "accounts: [\"111122223333\"], regions: [eu-west-1, us-east-1], status: ENABLED";
    let world = World::new().account("111122223333", "sessions: {\"*\": {}, eu-west-1: {status: PAUSED}}");
    let program = Driftline::new()
        .policy("a.yaml", policy([declaration]))
        .policy("b.yaml", policy([declaration.replace("ENABLED", "PAUSED")]))
        .world(&world);
    let simulated = ["--simulate", "world.yaml"];
    for (command, exit) in [
        (["check", "a.yaml"], 2),
        (["plan", "a.yaml"], 2),
        (["targets", "a.yaml"], 0),
        (["diff", "a.yaml"], 2),
        (["validate", "a.yaml"], 0),
        (["apply", "a.yaml"], 8),
    ] {
        let name = command[0];
        let more: &[&str] = match name {
            "diff" => &["b.yaml"],
            "targets" | "validate" => &[],
            _ => &simulated,
        };
        let run = |last: &[&str]| program.run_with(&[&command[..], more, last].concat(), exit).stdout;
        let file = format!("text={name}.txt");
        let printed = run(&["--report", &file]);
        let whole = program.read(format!("{name}.txt"));
        let quiet = run(&["--report", &file, "--quiet"]);
        assert_eq!(program.read(format!("{name}.txt")), whole, "{name}");
        assert!(quiet.len() < printed.len() || name == "validate", "{name}: {quiet}");
    }
}
