//! Reading never writes.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use driftline::aws::{AccessOptions, AwsSession, Source};
use driftline::collect::{CollectLimits, Collector, ReadRequest};
use driftline::model::{RegionTable, Target};

use crate::support::{ACCOUNT, CALLER, Driftline, World, copied, files_below, policy, repository, simulation};

/// The operations that list an organization.
const LISTING: [&str; 6] = [
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
    "organizations:ListTagsForResource",
];

/// The operations that a reading program calls.
const READING: [&str; 4] = ["account:ListRegions", "macie2:GetMacieSession", "sts:AssumeRole", "sts:GetCallerIdentity"];

/// Worlds in which there is much to set right.
fn worlds() -> Vec<World> {
    let off = World::new().account(ACCOUNT, "regions_on: [me-south-1]");
    let paused = World::new().account(ACCOUNT, "sessions: {\"*\": {status: PAUSED}}");
    let kinds = ["throttle", "server_error", "expired_token", "unrecognized_client", "unknown_status", "empty_200"];
    let faulty = kinds.iter().map(|kind| {
        World::new().enabled(ACCOUNT).faulty(&format!("times: 30, fault: {kind}, operations: [\"macie2:*\"]"))
    });
    [off, paused].into_iter().chain(faulty).collect()
}

#[tokio::test]
async fn a_gathering_changes_nothing_whatever_it_meets() {
    let table = RegionTable::bundled();
    for world in worlds() {
        let simulation = simulation(&world);
        let mut options = AccessOptions::new(Source::Fixed {
            endpoint_url: simulation.endpoint_url().to_owned(),
            access_key_id: simulation.access_key_id().to_owned(),
            secret_access_key: simulation.secret_access_key().to_owned(),
            region: simulation.region().parse().expect("a Region"),
        });
        options.role = "Reader".parse().ok();
        let access = AwsSession::connect(options).await.expect("a way to the simulation");
        let target = |account: &str, region| Target::macie_session(account.parse().expect("an id"), region);
        let questions: Vec<ReadRequest> = [ACCOUNT, CALLER, "000000000001"]
            .into_iter()
            .flat_map(|account| table.macie_regions().map(move |region| (account, region.clone())))
            .map(|(account, region)| ReadRequest {
                target: target(account, region),
                region_named: true,
                member_list_suffices: false,
                declared: None,
            })
            .collect();
        let limits =
            CollectLimits { concurrency: NonZeroUsize::MIN.saturating_add(31), deadline: None, keeps_open: false };
        let gathering =
            Collector::new(&access, &questions, &table, limits, &|_| ()).collect(std::future::pending()).await;
        assert_eq!(gathering.readings.len(), questions.len());
        assert!(!simulation.was_written_to(), "{:?}", simulation.calls());
        assert!(simulation.calls().keys().all(|call| READING.contains(&call.as_str())), "{:?}", simulation.calls());
        assert!(simulation.calls().contains_key("macie2:GetMacieSession"));
    }
}

#[test]
fn a_check_changes_nothing_however_much_there_is_to_set_right() {
    let text =
        format!("accounts: [\"{ACCOUNT}\", \"{CALLER}\"], status: ENABLED, finding_publishing_frequency: SIX_HOURS");
    let simulation = simulation(&World::new().account(ACCOUNT, "sessions: {\"*\": {status: PAUSED}}"));
    let program = Driftline::new().policy("a.yaml", policy([text])).settings("[aws]\nrole_name = \"Reader\"\n");
    program.variables(&simulation.environment()).args(["check", "a.yaml"]).run(2);
    assert!(!simulation.was_written_to());
    assert_eq!(simulation.calls().keys().collect::<Vec<_>>(), READING.iter().collect::<Vec<_>>());
}

#[test]
fn listing_an_organization_changes_nothing_and_asks_for_what_is_needed_only() {
    let organization = format!("management: \"{CALLER}\", paths: false, units: {{Workloads: {{}}}}");
    let simulation = simulation(&World::new().organization(&organization).account(ACCOUNT, "unit: Workloads"));
    let program = || Driftline::new().variables(&simulation.environment());
    program().args(["inventory", "--tags", "--regions"]).run(0);
    assert!(!simulation.was_written_to());
    let called: Vec<String> =
        simulation.calls().into_keys().filter(|call| call.starts_with("organizations:")).collect();
    assert_eq!(called, LISTING);
    let simulation = crate::support::simulation(&World::new().organization(&organization));
    let policy = policy(["regions: [eu-west-1], status: NOT_ENABLED"]);
    let program = Driftline::new().policy("a.yaml", policy).variables(&simulation.environment());
    program.args(["check", "a.yaml", "--inventory", "organization"]).run(0);
    let called: Vec<String> =
        simulation.calls().into_keys().filter(|call| call.starts_with("organizations:")).collect();
    assert_eq!(called, &LISTING[..2], "units and tags are asked for only if a selector needs them");
    let by_place =
        "organizational_units: [Workloads], except: {tags: {env: test}}, regions: [eu-west-1], status: NOT_ENABLED";
    let simulation =
        crate::support::simulation(&World::new().organization(&organization).account(ACCOUNT, "unit: Workloads"));
    let program = Driftline::new()
        .policy("a.yaml", crate::support::policy([by_place]))
        .variables(&simulation.environment())
        .settings("[aws]\nrole_name = \"Reader\"\n");
    let ran = program.args(["check", "a.yaml", "--inventory", "organization", "--report", "json"]).run(0);
    assert_eq!(ran.json()["targets"][0]["account"], ACCOUNT);
    assert_eq!(ran.json()["ledger"]["declared"], 1);
    let called: Vec<String> =
        simulation.calls().into_keys().filter(|call| call.starts_with("organizations:")).collect();
    assert_eq!(called, LISTING);
}

#[test]
fn commands_that_need_no_aws_do_not_call_it() {
    let simulation = simulation(&World::new());
    for arguments in [
        &["validate", "policies"][..],
        &["validate", "policies", "--inventory", "accounts.json"],
        &["explain", "111122223333/eu-central-1", "policies", "--inventory", "accounts.json"],
        &["schema", "policy"],
        &["man"],
        &["check", "policies", "--simulate", "world.yaml"],
    ] {
        let program = copied(Driftline::new(), "examples/organization").variables(&simulation.environment());
        let exit = if arguments.contains(&"check") { 6 } else { 0 };
        program.args(arguments).run(exit);
        assert!(simulation.calls().is_empty(), "{arguments:?}: {:?}", simulation.calls());
    }
}

/// The one module that may name operations that write.
const WRITERS: [&str; 1] = ["src/resource/macie_session/session_writer.rs"];

/// Where the way to those calls may be named: where it is made, and the room that goes it.
const ON_THE_WAY: [&str; 3] =
    ["src/resource/macie_session/session_writer.rs", "src/resource/macie_session/mod.rs", "src/apply"];

/// Where that room may be let loose: what `apply` and `rollback` share, and nothing else reaches it.
const LET_LOOSE: [&str; 2] = ["src/apply", "src/cli/execute_plan.rs"];

/// The calls of the Macie API that change something, as the SDK spells them, or how such names begin.
const WRITES: [&str; 19] = [
    "accept_invitation",
    "batch_update_",
    "create_allow_list",
    "create_classification_job",
    "create_custom_data",
    "create_findings_filter",
    "create_invitations",
    "create_member",
    "create_sample_findings",
    "delete_member",
    "disable_macie",
    "disable_organization",
    "disassociate_",
    "enable_macie",
    "enable_organization",
    "enable_region",
    "disable_region",
    "put_classification_export",
    "put_findings_publication",
];

fn names_a_write(text: &str) -> Option<&str> {
    let names = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    // `update_macie_session`, `update_member_session` and whatever else is updated, tagged or put on a client.
    let on_client =
        |name: &&str| ["update_", "put_", "delete_", "tag_resource"].iter().any(|start| name.starts_with(start));
    names.into_iter().find(|name| {
        WRITES.iter().any(|write| name.starts_with(write)) || (on_client(name) && text.contains(&format!(".{name}()")))
    })
}

/// Every source file outside some rooms and files, with its path in the repository and its text.
fn sources_outside(rooms: &[&str]) -> Vec<(PathBuf, String)> {
    let root = repository("");
    let inside = |path: PathBuf| path.strip_prefix(&root).expect("a path of the repository").to_owned();
    let paths = files_below(&repository("src")).into_iter().map(inside);
    let looked_at = paths.filter(|path| {
        path.extension().is_some_and(|ending| ending == "rs") && !rooms.iter().any(|room| path.starts_with(room))
    });
    let sources: Vec<_> =
        looked_at.map(|path| (path.clone(), std::fs::read_to_string(root.join(path)).expect("a file"))).collect();
    assert!(sources.len() > 50, "{} files", sources.len());
    sources
}

/// Whether a word occurs in a text, and not as a part of another one.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').any(|found| found == word)
}

#[test]
fn only_apply_has_a_way_to_the_calls_that_write() {
    for (path, text) in sources_outside(&ON_THE_WAY) {
        assert!(!has_word(&text, "SessionWriter"), "{} names the writer", path.display());
    }
    for (path, text) in sources_outside(&LET_LOOSE) {
        assert!(!has_word(&text, "execute"), "{} carries plans out", path.display());
    }
    let users: Vec<PathBuf> = sources_outside(&["src/cli/execute_plan.rs", "src/cli/mod.rs"])
        .into_iter()
        .filter(|(_, text)| has_word(text, "execute_plan"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(users, [PathBuf::from("src/cli/apply.rs"), PathBuf::from("src/cli/rollback.rs")]);
    let writer = std::fs::read_to_string(repository("src/resource/macie_session/session_writer.rs")).expect("a file");
    assert!(
        has_word(&writer, "SessionWriter") && names_a_write(&writer).is_some(),
        "the test looks for the right words"
    );
}

#[test]
fn no_other_source_names_an_operation_that_writes() {
    for (path, text) in sources_outside(&WRITERS) {
        assert_eq!(names_a_write(&text), None, "{}", path.display());
    }
    assert_eq!(names_a_write("clients.macie.update_macie_session().send()"), Some("update_macie_session"));
    assert_eq!(names_a_write("let made = enable_macie::builders();"), Some("enable_macie"));
}
