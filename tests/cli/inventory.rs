//! The organization as inventory: listed, saved, read back, and every way in which it stays unknown.

use crate::support::{ACCOUNT, CALLER, Driftline, Ran, World, policy, simulation};

const SUSPENDED: &str = "222233334444";
const ASLEEP: &str = "333344445555";
const ORGANIZATION: &str = "[inventory]\naccounts = \"organization\"\n";

/// An organization that the caller manages, with an account in every state.
fn world() -> World {
    let units = "Workloads: {units: {Prod: {}}}, \"Retired ##[group]\": {}";
    World::new()
        .organization(&format!("management: \"{CALLER}\", units: {{{units}}}"))
        .account(CALLER, "name: management")
        .account(
            ACCOUNT,
            "name: payments, unit: Workloads/Prod, tags: {env: prod, team: \"ü\\e[31m\"}, regions_on: [me-south-1], \
             list_regions: denied, sessions: {\"*\": {status: ENABLED, finding_publishing_frequency: ONE_HOUR}}",
        )
        .account(SUSPENDED, "name: \"::error::old\\nshop\", unit: Workloads, state: SUSPENDED")
        .account(ASLEEP, "unit: Workloads, state: PENDING_CLOSURE, sessions: {\"*\": {status: PAUSED}}")
        .account("444455556666", "unit: \"Retired ##[group]\", state: CLOSED")
        .account("555566667777", "unit: \"Retired ##[group]\", state: PENDING_ACTIVATION")
}

fn program(world: &World) -> Driftline {
    let declaration = "regions: [eu-west-1, me-south-1], status: ENABLED";
    Driftline::new().policy("a.yaml", policy([declaration])).world(world)
}

fn inventory(world: &World, arguments: &[&str]) -> Driftline {
    program(world).args(["inventory", "--simulate", "world.yaml"]).args(arguments)
}

#[test]
fn the_accounts_are_listed_with_state_and_place() {
    let ran = inventory(&world(), &[]).run(0);
    assert_eq!(ran.stderr, "");
    insta::assert_snapshot!("inventory", ran.stdout);
    insta::assert_snapshot!("inventory_tags_regions", inventory(&world(), &["--tags", "--regions"]).run(0).stdout);
    let painted = inventory(&world(), &["--color", "always"]).run(0).stdout;
    assert!(painted.contains("\u{1b}[") && !painted.contains("\u{1b}[31m"), "{painted}");
}

#[test]
fn states_that_nobody_tells_are_not_known() {
    let organization = format!("management: \"{CALLER}\", status_field: neither");
    let ran = inventory(&World::new().organization(&organization), &[]).run(0);
    assert!(ran.stdout.contains("1 account = 1 state unknown\n"), "{}", ran.stdout);
}

#[test]
fn the_json_is_what_is_saved() {
    let saving = inventory(&world(), &["--tags", "--out", "accounts.json"]);
    let ran = saving.run(0);
    assert_eq!(ran.stdout, "saved: 6 accounts of o-exampleorgid in accounts.json\n");
    assert_eq!(ran.stderr, "");
    let saved = saving.read("accounts.json");
    assert_eq!(saving.names(""), ["a.yaml", "accounts.json", "world.yaml"], "nothing else is left behind");
    assert_eq!(inventory(&world(), &["--tags", "--report", "json"]).run(0).stdout, saved);
    insta::assert_snapshot!("inventory_json", saved);
    let both = inventory(&world(), &["--out", "accounts.json", "--report", "text"]).run(0);
    assert!(both.stdout.starts_with("Organization o-exampleorgid, "), "{}", both.stdout);
}

/// A program in whose folder the inventory was saved.
fn with_saved(world: &World, arguments: &[&str]) -> Driftline {
    let saving = inventory(world, &["--out", "accounts.json"]).args(arguments);
    saving.run(0);
    let saved = std::fs::read(saving.path("accounts.json")).expect("a file");
    program(world).file("saved/accounts.json", saved)
}

#[test]
fn a_saved_inventory_stands_for_the_organization_without_aws() {
    let settings = "[inventory]\naccounts = \"saved/accounts.json\"\n";
    let simulation = simulation(&world());
    let run = |arguments: &[&str], exit_code| {
        let program = with_saved(&world(), &[]).variables(&simulation.environment());
        program.settings(settings).below("deep").args(arguments).run(exit_code)
    };
    assert_eq!(
        run(&["validate", "../a.yaml"], 0).stdout,
        "valid: 1 policy file, 1 declaration, 6 accounts, 12 targets\n"
    );
    let target = format!("{ACCOUNT}/eu-west-1");
    assert!(run(&["explain", &target, "../a.yaml"], 0).stdout.contains("status: ENABLED"));
    let stranger = run(&["explain", "000000000009/eu-west-1", "../a.yaml"], 1);
    assert!(stranger.stderr.contains("the account is not in the inventory"), "{}", stranger.stderr);
    let option = with_saved(&world(), &[]).args(["validate", "a.yaml", "--inventory", "saved/accounts.json"]).run(0);
    assert_eq!(option.stdout, "valid: 1 policy file, 1 declaration, 6 accounts, 12 targets\n");
    assert!(simulation.calls().is_empty(), "{:?}", simulation.calls());
}

#[test]
fn a_check_reads_every_account_of_the_organization() {
    let ran = program(&world())
        .settings(ORGANIZATION)
        .args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"])
        .run(6);
    let report = ran.json();
    assert_eq!(report["ledger"]["declared"], 12);
    assert_eq!(report["requests"]["organizations"], 2, "neither units nor tags are asked for");
    let told = |id: &str| {
        let targets = report["targets"].as_array().expect("targets");
        let target = targets.iter().find(|target| target["account"] == id).expect("the account");
        (target["account_name"].clone(), target["account_state"].clone(), target["outcome"].clone())
    };
    assert_eq!(told(ACCOUNT), ("payments".into(), "ACTIVE".into(), "in_sync".into()));
    assert_eq!(told(SUSPENDED), ("::error::old\nshop".into(), "SUSPENDED".into(), "unread".into()));
    assert_eq!(told(ASLEEP).2, "drifted", "what is being closed can still be read");
    let text = program(&world()).settings(ORGANIZATION).args(["check", "a.yaml", "--simulate", "world.yaml"]).run(6);
    insta::assert_snapshot!("check_organization", text.stdout);
    assert_eq!(text.stderr, "");
}

#[test]
fn a_saved_inventory_gives_names_and_states_to_a_check() {
    let saved = with_saved(&world(), &[]);
    let ran = saved.args(["check", "a.yaml", "--inventory", "saved/accounts.json", "--simulate", "world.yaml"]).run(6);
    assert!(ran.stdout.contains(&format!("{ACCOUNT}  payments  2 in sync\n")), "{}", ran.stdout);
    assert!(ran.stdout.contains(", 2 to Account Management;") || ran.stdout.contains(" to Account Management;"));
    assert!(!ran.stdout.contains("to Organizations"), "{}", ran.stdout);
}

/// A check of two Regions, one of which is off, in an account that may not ask which are on.
#[track_caller]
fn checked(world: &World, exit: i32) -> serde_json::Value {
    let policy = policy([format!("accounts: [\"{ACCOUNT}\"], regions: [af-south-1], status: NOT_ENABLED")]);
    let program = Driftline::new().policy("a.yaml", policy).world(world).settings(ORGANIZATION);
    program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"]).run(exit).json()
}

#[test]
fn the_organization_knows_the_regions_of_an_account_that_may_not_ask() {
    let account = "list_regions: denied, sessions: {\"*\": {}}";
    let with =
        |more: &str| World::new().organization(&format!("management: \"{CALLER}\"{more}")).account(ACCOUNT, account);
    let report = checked(&with(""), 0);
    assert_eq!(report["targets"][0]["evidence"]["basis"], "region_off");
    assert_eq!(report["requests"]["account"], 2);
    // Without trusted access nobody can tell.
    let report = checked(&with(", trusted_access: []"), 4);
    assert_eq!(report["targets"][0]["outcome"], "unread");
    assert_eq!(report["requests"]["account"], 2);
}

#[test]
fn regions_that_may_not_be_asked_for_are_left_out_and_that_is_said_once() {
    let world =
        World::new().organization(&format!("management: \"{CALLER}\", trusted_access: []")).account(ACCOUNT, "");
    let saving = inventory(&world, &["--regions", "--out", "accounts.json"]);
    let ran = saving.run(0);
    assert_eq!(
        ran.stderr
            .matches("warning: the Regions of the accounts are left out: account:ListRegions is denied: ")
            .count(),
        1
    );
    assert_eq!(saving.read("accounts.json").matches("\"regions\": null").count(), 2);
    assert_eq!(inventory(&world, &["--regions", "--quiet"]).run(0).stderr, "");
}

/// What each command says where the accounts cannot be known, which ends it with 1 and an empty standard output.
#[track_caller]
fn fails(world: &World) -> String {
    let ran = inventory(world, &["--out", "accounts.json"]).run(1);
    assert_eq!(ran.stdout, "");
    let check =
        program(world).args(["check", "a.yaml", "--inventory", "organization", "--simulate", "world.yaml"]).run(1);
    assert_eq!((check.stdout, &check.stderr), (String::new(), &ran.stderr));
    ran.stderr
}

#[test]
fn why_the_accounts_are_not_known_is_told_with_the_way_out() {
    insta::assert_snapshot!("standalone", fails(&World::new()));
    let member = World::new().organization(&format!("management: \"{ACCOUNT}\"")).account(ACCOUNT, "");
    insta::assert_snapshot!("member", fails(&member));
    let denied = |action: &str| {
        let denials = format!("denials: [{{actions: [\"{action}\"], layer: identity_policy}}]");
        World::new().organization(&format!("management: \"{CALLER}\"")).account(CALLER, &denials)
    };
    insta::assert_snapshot!("denied", fails(&denied("organizations:ListAccounts")));
    let throttled = World::new().organization(&format!("management: \"{CALLER}\"")).fault_of(
        "organizations:ListAccounts",
        CALLER,
        "too_many_requests",
    );
    assert!(fails(&throttled).contains("asked to slow down organizations:ListAccounts until the retries were used up"));
    let foreign = World::new().organization(&format!("management: \"{CALLER}\"")).fault_of(
        "organizations:ListAccounts",
        CALLER,
        "foreign_body",
    );
    assert!(fails(&foreign).contains("the answer to organizations:ListAccounts cannot be understood: HTTP 200"));
}

#[test]
fn a_delegated_administrator_may_ask_as_well() {
    let organization =
        format!("management: \"{ACCOUNT}\", delegated_administrators: [\"{CALLER}\"], empty_pages: true, page_size: 1");
    let ran = inventory(&World::new().organization(&organization).account(ACCOUNT, "").account(ASLEEP, ""), &[]).run(0);
    assert!(ran.stdout.contains("3 accounts = 3 active"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains(&format!("{ACCOUNT}  active  (root)  account-{ACCOUNT} (management account)")),
        "{}",
        ran.stdout
    );
}

#[test]
fn places_are_found_without_paths_too() {
    let units = "units: {Workloads: {units: {Prod: {}}}, \"Retired ##[group]\": {}}";
    let without = world().organization(&format!("management: \"{CALLER}\", {units}, paths: false"));
    assert_eq!(inventory(&without, &[]).run(0).stdout, inventory(&world(), &[]).run(0).stdout);
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_aws_is_asked() {
    let simulation = simulation(&world());
    for (out, why, fix) in [
        ("missing/accounts.json", "missing/accounts.json cannot be written: ", "choose a folder that exists"),
        (".", ". cannot be written: it is a folder", "name a file in an existing folder"),
    ] {
        let program = Driftline::new().variables(&simulation.environment()).args(["inventory", "--out", out]);
        let ran = program.run(1);
        ran.says(&format!("error: {why}")).says(&format!("fix: {fix}"));
        assert_eq!(ran.stdout, "");
    }
    assert!(simulation.calls().is_empty());
}

#[test]
fn a_slip_in_a_word_is_told_from_a_file_that_is_missing() {
    let run = |settings: &str, arguments: &[&str]| {
        program(&world()).settings(settings).args(["validate", "a.yaml"]).args(arguments).run(1).stderr
    };
    insta::assert_snapshot!("slip", run("[inventory]\naccounts = \"organisation\"\n", &[]));
    insta::assert_snapshot!("missing", run("[inventory]\naccounts = \"saved/accounts.json\"\n", &[]));
    let option = run("", &["--inventory", "declaired"]);
    assert!(
        option.contains("there is no saved inventory declaired") && option.contains("did you mean \"declared\"?"),
        "{option}"
    );
    insta::assert_snapshot!("an_id", run(&format!("[inventory]\naccounts = \"{ACCOUNT}\"\n"), &[]));
    let id = run("", &["--inventory", ACCOUNT]);
    assert!(id.contains("it is an account id; a list of ids goes under `[inventory] accounts`"), "{id}");
}

#[test]
fn the_option_overrides_the_settings_and_making_the_file_does_not_need_it() {
    let settings = "[inventory]\naccounts = \"accounts.json\"\n";
    let declared = program(&world())
        .settings(settings)
        .policy("b.yaml", policy([format!("accounts: [\"{ACCOUNT}\"], status: ENABLED")]))
        .args(["validate", "b.yaml", "--inventory", "declared"]);
    assert_eq!(declared.run(0).stdout, "valid: 1 policy file, 1 declaration, 1 account, 22 targets\n");
    inventory(&world(), &["--out", "accounts.json"]).settings(settings).run(0);
}

#[test]
fn commands_that_do_not_ask_aws_say_how_to_get_an_inventory() {
    let validate = program(&world()).settings(ORGANIZATION).args(["validate", "a.yaml"]).run(0);
    assert_eq!(validate.stderr, "");
    insta::assert_snapshot!(validate.stdout, @"valid: 1 policy file, 1 declaration; its targets cannot be counted without the accounts of the organization: see `[inventory] offline` in driftline.toml");
    let target = format!("{ACCOUNT}/eu-west-1");
    let explain = program(&world()).settings(ORGANIZATION).args(["explain", &target, "a.yaml"]).run(1);
    assert_eq!(explain.stdout, "");
    insta::assert_snapshot!(explain.stderr, @r#"
    error: the inventory is the organization, and this command does not call AWS
      fix: save the inventory with `driftline inventory --out accounts.json`, and set offline = "accounts.json" under `[inventory]` in driftline.toml, or use --inventory accounts.json
    "#);
    // Mistakes that need no accounts to be seen are told all the same.
    let declared = |status: &str| format!("accounts: [\"{ACCOUNT}\"], status: {status}");
    let program =
        program(&world()).settings(ORGANIZATION).policy("a.yaml", policy([declared("ENABLED"), declared("PAUSED")]));
    program.args(["validate", "a.yaml"]).run(1).says("ambiguous-declarations");
}

#[test]
fn a_waiver_that_ends_is_doubted_without_an_inventory_too() {
    let waiver = "waivers:\n  - {accounts: [\"111122223333\"], reason: r, owner: o, expires: 2027-03-31}\n";
    let text = policy(["organizational_units: [Nowhere], status: ENABLED"]) + waiver;
    let run = |day: &str, exit: i32| {
        let program = Driftline::new().policy("a.yaml", &text).settings(ORGANIZATION);
        program.args(["validate", "a.yaml", "--as-of", day]).run(exit).stderr
    };
    assert!(run("2027-01-01", 0).contains("names-not-checked"), "which units there are is not known");
    assert!(run("2027-03-30", 0).contains("waiver-ending"));
    assert!(run("2027-04-01", 0).contains("waiver-expired"));
}

/// What is said of a saved inventory in which something is replaced.
fn spoilt(from: &str, to: &str) -> Ran {
    let saving = inventory(&world(), &["--out", "accounts.json"]);
    saving.run(0);
    let text = std::fs::read_to_string(saving.path("accounts.json")).expect("a file");
    assert!(from.is_empty() || text.contains(from), "{from} is not in {text}");
    let text = if from.is_empty() { to.to_owned() } else { text.replacen(from, to, 1) };
    let ran = program(&world())
        .file("accounts.json", text)
        .args(["validate", "a.yaml", "--inventory", "accounts.json"])
        .run(1);
    assert_eq!(ran.stdout, "");
    ran
}

#[test]
fn what_is_wrong_in_a_saved_inventory_is_shown_at_its_place() {
    let twice = format!("\"id\": \"{SUSPENDED}\"");
    insta::assert_snapshot!("spoilt_twice", spoilt(&twice, &format!("\"id\": \"{ACCOUNT}\"")).stderr);
    insta::assert_snapshot!("spoilt_id", spoilt(&twice, "\"id\": \"22223333444\"").stderr);
    insta::assert_snapshot!(
        "spoilt_half",
        spoilt("", "{\n  \"format\": \"driftline.inventory\",\n  \"format_ver").stderr
    );
    for (from, to, code, text) in [
        ("", "", "syntax", "accounts.json is not valid JSON: EOF while parsing a value"),
        ("", "[1, 2]", "bad-inventory", "accounts.json is not a valid inventory: "),
        ("", "{}", "bad-inventory", "accounts.json is not a saved inventory: it has no `format`"),
        ("driftline.inventory", "driftline.report", "bad-inventory", "its `format` is \"driftline.report\""),
        (
            "\"format_version\": 1",
            "\"format_version\": 2",
            "unsupported-version",
            "has an unsupported format version: it has format version 2, and",
        ),
        ("\"format_version\": 1,", "", "bad-inventory", "accounts.json has no `format_version`"),
        ("\"accounts\": [", "\"accounts\": [,", "syntax", "accounts.json is not valid JSON: expected value"),
        (&format!("\"{SUSPENDED}\""), "\"22223333444\"", "bad-inventory", "an account id has exactly 12 digits"),
        ("\"units\": []", "\"units\": [{\"id\": \"ou-1\"}]", "bad-inventory", "missing field `name`"),
        (
            "\"tags\": false",
            "\"tags\": true",
            "bad-inventory",
            "`knows.tags` is true, but account 111122223333 has no `tags`",
        ),
    ] {
        let ran = spoilt(from, to);
        assert!(ran.stderr.starts_with(&format!("{code}\n")), "{}", ran.stderr);
        let said: Vec<&str> = ran.stderr.split_whitespace().filter(|word| *word != "│").collect();
        let said = said.join(" ");
        assert!(said.contains(text), "{text}: {}", ran.stderr);
    }
    let empty = format!(
        "{{\"format\": \"driftline.inventory\", \"format_version\": 1, \"tool\": {{\"name\": \"x\", \"version\": \"1\"}}, \
         \"taken_at\": \"2027-03-31T00:00:00Z\", \"organization\": {{\"id\": \"o-1\", \"management_account\": \"{CALLER}\"}}, \
         \"caller\": {{\"account\": \"{CALLER}\", \"arn\": \"x\"}}, \"knows\": {{\"names\": true, \"units\": true, \"tags\": false}}, \
         \"accounts\": []}}"
    );
    spoilt("", &empty).says("it lists no account");
}
