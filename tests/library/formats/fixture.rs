//! One report that holds everything that a format may meet, the same in each run. It is made through the library from policy
//! files and readings, as a run makes it.
//!
//! - every outcome, of targets and of settings; every severity; every reason for being unread; every kind of evidence
//! - waivers: active, ending, expired, for another live value, wider than it need be, about nothing that drifts
//! - declarations that a more specific one overrides, a declaration without a name, lists of accepted values
//! - accounts with a name and without one, with an id that begins with zeros, suspended, reached by no declaration
//! - texts of others, in all the places that others write: names of accounts and declarations, reasons and owners of waivers,
//!   what AWS answers, a policy file's own name; see [`HOSTILE`]
//!
//! | Function | Holds |
//! |---|---|
//! | [`report`] | all of the above: 44 targets |
//! | [`clean`] | two targets in sync, and nothing else |
//! | [`nothing_read`] | three targets, of which nothing is known |
//! | [`many`] | as many accounts in one Region as are asked for: of three, two drift and one is unread |
//! | [`drawn`] | a report in a format, with options |
//!
//! A format's file asserts that it is harmless, beside its snapshot: a snapshot alone is too easily accepted.

use std::sync::Arc;

use driftline::aws::{Caller, RequestCounts};
use driftline::diagnostic::{Diagnostics, Sources};
use driftline::drift::Comparison;
use driftline::inventory::{Accounts, RegionsSource, assemble};
use driftline::model::{
    Account, AccountState, Denial, DenyingLayer, Environment, Evidence, InventoryFields, RegionTable, Resource, Target,
    Unread, UnreadReason, Value,
};
use driftline::policy::{load, resolve};
use driftline::report::{Detail, Format, FormatOptions, Paint, Report, RunFacts, TextOptions, View, render};
use driftline::resource::macie_session::Frequency;
use driftline::resource::{LiveSession, LiveStatus, NotApplicable, NotEnabledEvidence, Reading};
use driftline::resource::{SettingReading, catalog, settings};

/// Pieces of text that some consumer would obey, each of which stands in the report at least once. The formats for programs
/// carry some of them word for word, within their own quotes.
pub(crate) const HOSTILE: [&str; 12] = [
    "\u{1b}[31m",
    "\u{202e}",
    "\u{2066}",
    "\u{0}",
    "##[add-mask]",
    "::error::",
    "<img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A1",
    "@team",
    "#12",
    "</script>",
    "]]>",
];

/// The accounts: id, name, state.
const ACCOUNTS: [(&str, Option<&str>, Option<AccountState>); 10] = [
    ("012345678901", Some("payments"), Some(AccountState::Active)),
    (
        "111122223333",
        Some("<img src=x onerror=alert(1)>&amp;</script> | `code` @team #12 ![x](http://x.example)"),
        Some(AccountState::Active),
    ),
    ("222233334444", Some("\u{1b}[31mred\u{1b}[0m ##[add-mask]x ##vso[task.x]y"), Some(AccountState::Active)),
    ("333344445555", Some("=cmd|' /C calc'!A1"), Some(AccountState::Active)),
    ("444455556666", Some("::error::x\n::set-output name=a::b\r\n/close"), Some(AccountState::PendingClosure)),
    ("555566667777", Some("\u{202e}gnp.exe\u{2066}\u{200f} % %0A , : ; \"quoted\" 'single' \\back"), None),
    ("666677778888", Some(VERY_LONG), Some(AccountState::Active)),
    ("777788889999", None, Some(AccountState::Active)),
    ("888899990000", Some("<b>unreached</b> @team\u{1b}]0;x\u{7}"), Some(AccountState::Active)),
    ("999900001111", Some("\u{0}\u{1}\u{8}\u{fffe}\u{ffff} ]]> <![CDATA["), Some(AccountState::Suspended)),
];

/// A name of 600 characters, longer than AWS allows, without a place to break it.
const VERY_LONG: &str = "\
    a-very-long-name-that-goes-on-and-on-without-a-space-a-very-long-name-that-goes-on-and-on-without-a-space-\
    a-very-long-name-that-goes-on-and-on-without-a-space-a-very-long-name-that-goes-on-and-on-without-a-space-\
    a-very-long-name-that-goes-on-and-on-without-a-space-a-very-long-name-that-goes-on-and-on-without-a-space-\
    a-very-long-name-that-goes-on-and-on-without-a-space-a-very-long-name-that-goes-on-and-on-without-a-space-\
    a-very-long-name-that-goes-on-and-on-without-a-space-a-very-long-name-that-goes-on-and-on-without-a-space-\
    ünïcödé-名前-a-very-long-name-that-goes-on-and-on-without-a-space-the-end";

/// The policy files.
const FILES: [(&str, &str); 3] = [
    (
        "policies/baseline.yaml",
        r#"version: 1
macie_sessions:
  - name: every account
    except: {accounts: ["888899990000", "777788889999"]}
    regions: [eu-central-1, eu-west-1, us-east-?]
    status: ENABLED
    finding_publishing_frequency: [FIFTEEN_MINUTES, ONE_HOUR]
    severity: high
  - accounts: ["777788889999"]
    status: ENABLED
    regions: [ap-northeast-1, ap-south-1, ap-southeast-1, ca-central-1, eu-west-1, eu-west-2, eu-west-3, sa-east-1, us-east-2, us-west-2, eu-north-1, ap-northeast-2]
"#,
    ),
    (
        "policies/team a, 100%.yaml",
        r#"version: 1
macie_sessions:
  - name: "::error::x ##[add-mask]y <img src=x onerror=alert(1)> | `code` @team #12 =cmd() \u202e\u2066 </script> ]]>"
    accounts: ["111122223333", "222233334444"]
    regions: [eu-west-1]
    finding_publishing_frequency: FIFTEEN_MINUTES
    severity: critical
  - name: "a name as long as a name may be a name as long as a name may be a name as long as a name may be a name as long as a name may be a name as long as a name may be a name as long as a name may be!!"
    accounts: ["333344445555"]
    regions: [us-east-1]
    status: [PAUSED, NOT_ENABLED]
    severity: low
  - accounts: ["666677778888"]
    regions: [eu-central-1]
    finding_publishing_frequency: SIX_HOURS
  - accounts: ["666677778888"]
    regions: [eu-central-1, eu-west-1]
    automated_discovery: {status: ENABLED}
"#,
    ),
    (
        "policies/waivers.yaml",
        r#"version: 1
waivers:
  - accounts: ["444455556666"]
    regions: [eu-west-1]
    settings: [status]
    while_live: PAUSED
    reason: "::error::waived ##[add-mask]z <img src=x onerror=alert(1)> | ``code`` @team fixes #12 =cmd|' /C calc'!A1 \u202e"
    owner: "@team"
    expires: 2049-12-31
  - accounts: ["555566667777"]
    regions: [eu-central-1]
    reason: ends soon
    expires: 2027-04-07
  - accounts: ["666677778888"]
    regions: [eu-west-1]
    settings: [status]
    reason: has ended
    owner: shop@example.com
    expires: 2027-03-01
  - accounts: ["222233334444"]
    regions: [eu-central-1]
    while_live: PAUSED
    reason: paused is not switched off
    expires: 2028-01-01
  - accounts: ["012345678901", "333344445555"]
    settings: [finding_publishing_frequency]
    reason: wider than it need be
    expires: 2027-12-31
  - accounts: ["777788889999"]
    settings: [status]
    reason: nobody knows whether there is need
    expires: 2027-12-31
"#,
    ),
];

fn on(status: LiveStatus, frequency: Frequency) -> Reading {
    Reading::On(LiveSession {
        status,
        frequency,
        service_role: Some(
            "arn:aws:iam::111122223333:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie".into(),
        ),
        created_at: "2026-01-01T00:00:00Z".parse().ok(),
        updated_at: None,
        note: None,
        further: None,
    })
}

/// A session with a reading of its automated discovery.
fn with_discovery(reading: Reading, discovery: SettingReading) -> Reading {
    let setting = settings().find(Resource::MacieSession, "automated_discovery.status").expect("a setting");
    match reading {
        Reading::On(session) => Reading::On(LiveSession { further: Some([(setting, discovery)].into()), ..session }),
        other => other,
    }
}

fn evidence(code: &str, message: &str) -> Evidence {
    Evidence { code: Some(code.into()), message: Some(message.into()), request_id: Some("request-1".into()) }
}

fn unread(reason: UnreadReason, code: &str, message: &str) -> Reading {
    Reading::Unread(Unread { reason, denial: None, evidence: evidence(code, message) })
}

fn denied() -> Reading {
    let arn = "arn:aws:organizations::999988887777:policy/o-exampleorgid/service_control_policy/p-regions01";
    Reading::Unread(Unread {
        reason: UnreadReason::Denied,
        denial: Some(Arc::new(Denial {
            principal: Some("arn:aws:sts::777788889999:assumed-role/driftline/run".into()),
            action: Some("macie2:GetMacieSession".into()),
            layer: Some(DenyingLayer::ServiceControlPolicy),
            explicit: true,
            policy_arn: Some(arn.into()),
        })),
        evidence: evidence(
            "AccessDeniedException",
            &format!(
                "User: arn:aws:sts::777788889999:assumed-role/driftline/run is not authorized to perform: macie2:GetMacieSession with an explicit deny in a service control policy: {arn}"
            ),
        ),
    })
}

/// What the targets of account 777788889999 are, one for each reason, with what AWS says in all its hostility.
fn of_each_reason(region: &str) -> Reading {
    match region {
        "ap-northeast-1" => denied(),
        "ap-south-1" => unread(
            UnreadReason::RoleNotAssumable,
            "AccessDenied",
            "\u{1b}[31mred\u{0}\n::error::obeyed\r\n##[add-mask]x \u{202e}",
        ),
        "ap-southeast-1" => {
            Reading::Unread(Unread::local(UnreadReason::WrongAccount, "the credentials belong to 111122223333"))
        }
        "ca-central-1" => unread(
            UnreadReason::RegionOff,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        "eu-west-1" => unread(
            UnreadReason::BadCredentials,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        "eu-west-2" => unread(UnreadReason::Throttled, "ThrottlingException", "Rate exceeded"),
        "eu-west-3" => unread(
            UnreadReason::Unreachable,
            "503",
            "<html><head><title>503 | `Service` Unavailable</title><script>alert(1)</script></head><body onload=\"x\">@team #12 ]]> =cmd()</body></html>",
        ),
        "sa-east-1" => Reading::Unread(Unread::local(
            UnreadReason::Unintelligible,
            format!("Macie's answer has the status \"{}\", which is unknown", "x".repeat(3_000)),
        )),
        "us-east-2" => {
            Reading::Unread(Unread { reason: UnreadReason::Deadline, denial: None, evidence: Evidence::default() })
        }
        "eu-north-1" => Reading::Unread(Unread::local(
            UnreadReason::Contradicted,
            "Macie's administrator 999988887777 lists the account as PAUSED, and the account itself has a session that is ENABLED",
        )),
        "ap-northeast-2" => Reading::Unread(Unread::local(
            UnreadReason::NotListed,
            "Macie's administrator 999988887777 does not list itself; the account itself was not to be asked",
        )),
        _ => Reading::Unread(Unread::local(UnreadReason::Interrupted, "the run was interrupted")),
    }
}

/// What the readings are.
fn reading(target: &Target) -> Reading {
    use Frequency::{FifteenMinutes, OneHour, SixHours};
    use LiveStatus::{Enabled, Paused};
    match (target.account.to_string().as_str(), target.region.as_str()) {
        ("777788889999", region) => of_each_reason(region),
        ("999900001111", _) => unread(
            UnreadReason::RoleNotAssumable,
            "AccessDenied",
            "User: arn:aws:iam::999988887777:user/x is not authorized to perform: sts:AssumeRole",
        ),
        ("012345678901", "us-east-1") => Reading::NotApplicable(NotApplicable::RegionOff),
        ("111122223333", "us-east-1") => Reading::NotApplicable(NotApplicable::RegionOffInferred),
        ("222233334444", "us-east-1") => Reading::NotApplicable(NotApplicable::NoMacieInRegion),
        ("111122223333", "eu-west-1") => on(Paused, OneHour),
        // The waiver that is wider than it need be covers the first.
        ("012345678901" | "222233334444", "eu-west-1") => on(Enabled, SixHours),
        ("222233334444", "eu-central-1") => Reading::NotEnabled(NotEnabledEvidence::Answer(evidence(
            "AccessDeniedException",
            "Macie is not enabled ::error::",
        ))),
        ("333344445555", "us-east-1") => on(Enabled, OneHour),
        ("333344445555", "eu-central-1") => Reading::NotEnabled(NotEnabledEvidence::RegionOff),
        // Of the first a waiver covers the status alone, of the second one that ends soon covers both settings.
        ("444455556666", "eu-west-1") | ("555566667777", "eu-central-1") => on(Paused, SixHours),
        ("444455556666", "eu-central-1") => Reading::NotEnabled(NotEnabledEvidence::NoMacieInRegion),
        // The first drifts and is unread in part, the second drifts in two settings.
        ("666677778888", "eu-west-1") => {
            let message = "User: x is not authorized to perform: macie2:GetAutomatedDiscoveryConfiguration ::error::";
            let denied = Unread {
                reason: UnreadReason::Denied,
                denial: None,
                evidence: evidence("AccessDeniedException", message),
            };
            with_discovery(on(Paused, FifteenMinutes), SettingReading::Unread(denied.into()))
        }
        ("666677778888", "eu-central-1") => {
            with_discovery(on(Enabled, FifteenMinutes), SettingReading::Known(Value::Word("DISABLED").into()))
        }
        _ => on(Enabled, FifteenMinutes),
    }
}

/// A report from policy files, accounts, and what the reading of each target is.
fn made(files: &[(&str, &str)], list: Vec<Account>, reading: impl Fn(usize, &Target) -> Reading) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("policies")).expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let (table, mut sources, mut told) = (RegionTable::bundled(), Sources::default(), Diagnostics::default());
    let set = load(&[folder.path().join("policies")], folder.path(), catalog(&table), &mut sources, &mut told);
    assert!(!told.has_errors(), "{:?}", told.sorted(&sources));
    let accounts = Accounts {
        list,
        knowledge: InventoryFields { names: true, ..InventoryFields::default() },
        management_account: None,
    };
    let inventory = assemble(accounts, &RegionsSource::Macie, set.named_regions(), &set.declared_resources(), &table)
        .expect("accounts");
    let desired = resolve(&set, &inventory, &mut told);
    assert!(!told.has_errors(), "{:?}", told.sorted(&sources));
    let readings = desired.targets().iter().enumerate().map(|(nth, target)| reading(nth, &target.target())).collect();
    Report {
        run: RunFacts {
            command: "check".into(),
            started_at: "2027-03-31T12:00:00Z".parse().expect("a moment"),
            finished_at: "2027-03-31T12:01:30.5Z".parse().expect("a moment"),
            source: Environment::Aws,
            // The real one is of the text, which the fixture would have to repeat whenever it changes.
            policy_digest: format!("sha256:{}", "0123456789abcdef".repeat(4)),
            policy_files: set.files,
            settings_file: None,
            as_of: None,
            selection: None,
            shard: None,
            carried: None,
            snapshot: None,
            management_account: None,
            caller: Some(Caller {
                account: "999988887777".parse().expect("an id"),
                arn: "arn:aws:sts::999988887777:assumed-role/audit/::error::".into(),
                partition: "aws".into(),
            }),
        },
        comparison: Comparison::new(desired, readings, jiff::civil::date(2027, 3, 31)),
        accounts: inventory,
        requests: RequestCounts {
            macie2: 41,
            ssm: 0,
            sts: 11,
            account: 9,
            organizations: 0,
            retried: 2,
            throttled: 2,
            access_denied: 6,
        },
        base: None,
    }
}

fn account(id: &str) -> Account {
    Account::from_id(id.parse().expect("an id"))
}

/// The report that holds everything.
pub(crate) fn report() -> Report {
    let accounts =
        ACCOUNTS.iter().map(|(id, name, state)| Account { name: name.map(Into::into), state: *state, ..account(id) });
    made(&FILES, accounts.collect(), |_, target| reading(target))
}

const ONE_REGION: &str = "version: 1\nmacie_sessions:\n  - regions: [eu-west-1]\n    status: ENABLED\n";

/// A report in which everything is in sync.
pub(crate) fn clean() -> Report {
    let accounts = ["111122223333", "222233334444"].map(account).into();
    made(&[("policies/a.yaml", ONE_REGION)], accounts, |_, _| on(LiveStatus::Enabled, Frequency::OneHour))
}

/// A report in which everything is unread.
pub(crate) fn nothing_read() -> Report {
    let accounts = ["111122223333", "222233334444", "333344445555"].map(account).into();
    made(&[("policies/a.yaml", ONE_REGION)], accounts, |_, _| denied())
}

/// A report of so many accounts in one Region: of three, two drift and one is unread.
pub(crate) fn many(accounts: u32) -> Report {
    let accounts = (1..=accounts).map(|id| account(&format!("{id:012}"))).collect();
    made(&[("policies/a.yaml", ONE_REGION)], accounts, |nth, _| match nth % 3 {
        2 => unread(UnreadReason::Throttled, "ThrottlingException", "Rate exceeded"),
        _ => on(LiveStatus::Paused, Frequency::OneHour),
    })
}

/// A report in a format.
pub(crate) fn drawn(report: &Report, format: Format, options: &FormatOptions) -> String {
    let text =
        TextOptions { width: 100, paint: Paint::Plain, detail: Detail::Normal, administrator: None, links: None };
    let mut out = Vec::new();
    render(&View::from(report), format, text, options, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn the_fixture_holds_what_it_promises() {
    use driftline::model::Severity;
    use driftline::report::{Rule, State, findings};
    use driftline::resource::Outcome;

    let report = report();
    let view = View::from(&report);
    let json = drawn(&report, Format::Json, &FormatOptions::default());
    let ledger = view.ledger;
    assert_eq!(ledger.declared, 44);
    for outcome in Outcome::ALL {
        assert!(ledger.count(outcome) > 0, "no target is {}", outcome.as_str());
        assert!(view.targets.iter().any(|target| target.settings.iter().any(|setting| setting.outcome == outcome)));
    }
    let found: Vec<_> = findings(&view).collect();
    // Of the settings that driftline only reports, one stands for all.
    let is_reported = |rule: &Rule| matches!(rule, Rule::Drift(setting) if setting.spec().change.is_report_only());
    assert!(found.iter().filter_map(|problem| problem.rule()).any(|rule| is_reported(&rule)));
    for rule in Rule::all().filter(|rule| !is_reported(rule)) {
        assert!(found.iter().any(|problem| problem.rule() == Some(rule)), "{}", rule.id());
    }
    for severity in Severity::ALL {
        let of_drift = |outcome| outcome == Outcome::Drifted;
        assert!(
            found.iter().any(|finding| of_drift(finding.outcome()) && finding.severity() == severity),
            "{severity}"
        );
    }
    for state in [State::Active, State::Ending, State::Expired] {
        assert!(view.waivers.iter().any(|waiver| waiver.state == state), "{state:?}");
    }
    assert!(view.waivers.iter().any(|waiver| waiver.covered > 0 && waiver.in_sync > 0), "none is too wide");
    assert!(view.waivers.iter().any(|waiver| waiver.unread > 0), "none is about what is unread");
    assert_eq!(view.unreached.len(), 1);
    assert!(view.targets.iter().any(|target| target.settings.iter().any(|setting| !setting.overridden.is_empty())));
    assert!(view.targets.iter().any(|target| target.settings.iter().any(|setting| !setting.lapsed_waivers.is_empty())));
    // Some of them stand there escaped, which means the same.
    let json = serde_json::from_str::<serde_json::Value>(&json).expect("JSON").to_string();
    for piece in HOSTILE {
        let quoted = serde_json::to_string(piece).expect("JSON");
        assert!(json.contains(quoted.trim_matches('"')), "{piece:?}");
    }
    assert_eq!(View::from(&clean()).ledger.in_sync, 2);
    assert_eq!(View::from(&nothing_read()).ledger.unread, 3);
    assert_eq!(View::from(&many(9)).ledger.drifted, 6);
}
