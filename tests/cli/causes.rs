//! What is unread, in sum: a cause that accounts share, the table by reason, and the texts to account owners.

use std::fs;

use crate::support::{CALLER, Driftline, World, policy};

const OTHERS: [&str; 4] = ["111122223333", "222233334444", "333344445555", "444455556666"];

/// A check of the caller's account and of others, with a secret that no report may hold.
fn program(world: &World, others: &[&str]) -> Driftline {
    let ids: Vec<&str> = others.iter().copied().chain([CALLER]).collect();
    let declaration = format!("accounts: {ids:?}, regions: [eu-west-1, us-east-1], status: ENABLED");
    let settings = "[aws]\nrole_name = \"DriftlineRead\"\nexternal_id = \"very-secret\"\n";
    Driftline::new().settings(settings).policy("a.yaml", policy([declaration])).world(world)
}

const CHECK: [&str; 4] = ["check", "a.yaml", "--simulate", "world.yaml"];

/// Other accounts whose role has another name.
fn refused(others: &[&str]) -> Driftline {
    let world = others.iter().fold(World::new().enabled(CALLER), |world, id| world.account(id, "roles: [Audit]"));
    program(&world, others)
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    CHECK.iter().chain(more).copied().collect()
}

#[test]
fn a_role_that_all_other_accounts_refuse_is_stated_once() {
    let program = refused(&OTHERS);
    let text = program.run_with(&CHECK, 4).stdout;
    insta::assert_snapshot!("refused_everywhere", text);
    assert!(!text.contains("444455556666"), "folded: {text}");
    let verbose = program.run_with(&with(&["--verbose"]), 4).stdout;
    for id in OTHERS {
        assert!(verbose.contains(id), "{id} with --verbose: {verbose}");
    }
    let json = program.run_with(&with(&["--report", "json"]), 4).json();
    let unread = json["targets"].as_array().expect("targets").iter().filter(|target| target["outcome"] == "unread");
    assert_eq!(unread.count(), 8, "machine formats list each");
}

#[test]
fn every_report_for_people_states_a_shared_cause_and_the_reasons() {
    let program = refused(&OTHERS);
    program.run_with(&with(&["--report", "json=last.json", "--quiet"]), 4);
    for format in ["text", "markdown", "html", "slack", "sns"] {
        let text = program.run_with(&["report", "last.json", "--report", format], 4).stdout;
        assert!(
            text.to_lowercase().contains("role driftlineread was refused in all 4 other accounts"),
            "{format}: {text}"
        );
        assert!(text.contains("[aws] role_name"), "{format}: {text}");
        assert!(text.contains("role_not_assumable") || text.contains("role not assumable"), "{format}: {text}");
    }
    for format in ["slack", "sns"] {
        let text = program.run_with(&["report", "last.json", "--report", format], 4).stdout;
        assert!(!text.contains("444455556666"), "the list is folded in {format}: {text}");
    }
}

#[test]
fn what_one_account_allows_is_no_cause_of_all() {
    let world =
        OTHERS[1..].iter().fold(World::new().enabled(OTHERS[0]), |world, id| world.account(id, "roles: [Audit]"));
    let text = program(&world, &OTHERS).run_with(&CHECK, 6).stdout;
    assert!(text.contains("role_not_assumable in 3 accounts (6 targets): ") && !text.contains("in all"), "{text}");
    assert!(text.contains("444455556666"), "{text}");
    let text = refused(&OTHERS[..1]).run_with(&CHECK, 4).stdout;
    assert!(
        text.contains("role_not_assumable in 111122223333 (2 targets): "),
        "one account is no more than itself: {text}"
    );
}

#[test]
fn credentials_that_expire_have_one_fix_for_all_accounts() {
    let fault = "operations: [\"macie2:GetMacieSession\"], regions: [us-east-1], fault: expired_token";
    let world = OTHERS.iter().fold(World::new().enabled(CALLER), |world, id| world.enabled(id)).faulty(fault);
    let text = program(&world, &OTHERS).run_with(&CHECK, 4).stdout;
    assert!(text.contains("bad_credentials in all 5 accounts (5 targets)"), "{text}");
    assert!(text.contains("--only-unread"), "{text}");
}

#[test]
fn a_denial_of_a_setting_in_every_account_is_stated_once() {
    let denied = "sessions: {\"*\": {}}, denials: [{actions: [\"macie2:GetAutomatedDiscoveryConfiguration\"]}]";
    let world = OTHERS[..2].iter().fold(World::new().account(CALLER, denied), |world, id| world.account(id, denied));
    let declaration = format!(
        "accounts: [\"{}\", \"{}\", \"{CALLER}\"], regions: [eu-west-1], status: ENABLED, \
         automated_discovery: {{status: ENABLED}}",
        OTHERS[0], OTHERS[1]
    );
    let program = program(&world, &[]).policy("a.yaml", policy([declaration]));
    let text = program.run_with(&CHECK, 4).stdout;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("was denied in all 2 other accounts, for automated_discovery.status"), "{text}");
    assert!(!text.contains(OTHERS[1]), "folded: {text}");
    assert!(text.contains("fix of these 2: "), "of the accounts and of the caller: {text}");
    assert_eq!(text.matches("fix:").count(), 1, "the caller's user is denied for itself, as its account says: {text}");
}

#[test]
fn declarations_of_one_name_are_two_causes() {
    let world = World::new().enabled(CALLER);
    let declaration = |region: &str, severity: &str| {
        format!("name: same, accounts: [\"{CALLER}\"], regions: [{region}], status: PAUSED, severity: {severity}")
    };
    let policy = policy([declaration("eu-west-1", "low"), declaration("eu-west-2", "critical")]);
    let text = Driftline::new().policy("a.yaml", policy).world(&world).run_with(&CHECK, 2).stdout;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for cause in ["critical a.yaml:4 (same): status 1 ENABLED in", "low a.yaml:3 (same): status 1 ENABLED in"] {
        assert!(words.contains(cause), "{cause}: {text}");
    }
}

#[test]
fn a_page_shows_the_causes_that_fit_and_counts_the_rest() {
    let ids: Vec<String> = (1..=150).map(|id| format!("{id:012}")).collect();
    let world = ids.iter().fold(World::new(), |world, id| world.enabled(id));
    let declaration = |id: &String| format!("accounts: [\"{id}\"], regions: [eu-west-1], status: PAUSED");
    let program = Driftline::new().policy("a.yaml", policy(ids.iter().map(declaration))).world(&world);
    let page = program.run_with(&with(&["--report", "html"]), 2).stdout;
    let shown = page.matches("<li class=\"medium drifted\">").count();
    let rest = page.split("<p class=\"cut\">And ").nth(1).and_then(|rest| rest.split(' ').next());
    let rest: usize = rest.expect("the rest is counted").parse().expect("a number");
    assert!(shown > 100 && shown + rest == ids.len(), "{shown} and {rest}");
    let fixes = [format!("Fix of these {}: ", shown - 10), "Fix of these 10: ".to_owned()];
    assert!(fixes.iter().all(|fix| page.matches(fix.as_str()).count() == 1), "neighbours with one fix state it once");
}

#[test]
fn a_spreadsheet_has_the_fix_of_each_unread_target() {
    let csv = refused(&OTHERS[..1]).run_with(&with(&["--report", "csv"]), 4).stdout;
    let mut lines = csv.lines();
    assert!(lines.next().expect("a head").contains(",message,remediation"), "{csv}");
    let unread = lines.find(|line| line.contains("role_not_assumable")).expect("an unread row");
    assert!(unread.contains("check that the role exists in 111122223333"), "{unread}");
}

#[test]
fn the_time_of_a_change_and_who_to_ask_stand_beside_a_drift() {
    let world = World::new().account(CALLER, "sessions: {\"*\": {status: PAUSED}}");
    let program = program(&world, &[]);
    program.run_with(&with(&["--report", "json=last.json", "--quiet"]), 2);
    let changed = "changed 2026-01-01 00:00 UTC, by Macie's updatedAt";
    for format in ["text", "html", "slack", "sns"] {
        let text = program.run_with(&["report", "last.json", "--report", format], 2).stdout;
        assert!(text.contains(changed), "{format}: {text}");
    }
    let markdown = program.run_with(&["report", "last.json", "--report", "markdown"], 2).stdout;
    assert!(markdown.contains("2026-01-01 00:00 UTC, by Macie's updatedAt"), "{markdown}");
    let text = program.run_with(&["report", "last.json"], 2).stdout;
    assert!(!text.contains("cloudtrail"), "{text}");
    let verbose = program.run_with(&["report", "last.json", "--verbose"], 2).stdout;
    let line = verbose.split_whitespace().collect::<Vec<_>>().join(" ");
    let command = "aws cloudtrail lookup-events --region eu-west-1 --start-time [time] --end-time [time] --lookup-attributes \
                   AttributeKey=EventSource,AttributeValue=macie2.amazonaws.com";
    assert!(line.contains(command), "{line}");
    // A member's status is set in the account of its administrator, if the settings name that.
    let named = program.file("named.toml", "[aws]\nadministrator_account = \"444455556666\"\n");
    let line = named.run_with(&with(&["--config", "named.toml", "--verbose"]), 2).stdout;
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let who = format!("with credentials of {CALLER} or, of a member, its administrator 444455556666: aws cloudtrail");
    assert!(line.contains(&who), "{line}");
}

/// The organization of the example, its last report and its saved inventory.
fn example() -> Driftline {
    let program = crate::support::copied(Driftline::new(), "examples/organization");
    let arguments = ["check", "--simulate", "world.yaml", "--report", "json=last.json", "--quiet"];
    program.run_with(&arguments, 6);
    program
}

#[test]
fn each_unread_account_gets_a_text_with_the_policies_to_paste() {
    let program = example();
    let owners = ["report", "last.json", "--report", "owners=texts", "--inventory", "accounts.json", "--quiet"];
    program.run_with(&owners, 6);
    assert_eq!(program.names("texts"), ["333344445555.txt", "555566667777.txt", "666677778888.txt"]);
    insta::assert_snapshot!("owner_denied", program.read("texts/333344445555.txt"));
    insta::assert_snapshot!("owner_refused", program.read("texts/555566667777.txt"));
}

#[cfg(unix)]
#[test]
fn texts_to_owners_are_private_and_those_of_an_earlier_run_are_removed() {
    use std::os::unix::fs::PermissionsExt as _;

    let program = example();
    let owners = ["report", "last.json", "--report", "owners=texts", "--quiet"];
    program.run_with(&owners, 6);
    let text = program.read("texts/555566667777.txt");
    assert!(text.contains("Email    unknown"), "{text}");
    let mode = fs::metadata(program.path("texts/555566667777.txt")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let stale = program.path("texts/999900001111.txt");
    fs::copy(program.path("texts/555566667777.txt"), &stale).expect("a copy");
    fs::write(program.path("texts/123456789012.txt"), "my own notes\n").expect("a file");
    fs::write(program.path("texts/notes.txt"), "mine\n").expect("a file");
    program.run_with(&owners, 6);
    let names = program.names("texts");
    assert!(!names.contains(&"999900001111.txt".to_owned()), "{names:?}");
    assert!(names.contains(&"123456789012.txt".to_owned()) && names.contains(&"notes.txt".to_owned()), "{names:?}");
    fs::write(program.path("texts/555566667777.txt"), "my own notes\n").expect("a file");
    program.run_with(&owners, 1).says("driftline did not write it");
    assert_eq!(program.read("texts/555566667777.txt"), "my own notes\n");
}

#[test]
fn owners_need_a_folder_that_takes_no_file_of_the_run() {
    let program = example();
    program.run_with(&["report", "last.json", "--report", "owners"], 1).says("write owners=FOLDER");
    let both = ["report", "last.json", "--report", "owners=texts", "--report", "asff=texts"];
    program.run_with(&both, 1).says("two reports have the same destination");
    let missing = ["report", "last.json", "--report", "owners=texts", "--inventory", "none.json"];
    program.run_with(&missing, 1).says("there is no saved inventory none.json");
    assert!(!program.path("texts").exists(), "nothing was written");
}

#[test]
fn a_check_writes_the_texts_itself_and_no_secret_is_in_them() {
    let program = refused(&OTHERS[..2]);
    program.run_with(&with(&["--report", "owners=texts", "--quiet"]), 4);
    assert_eq!(program.names("texts"), ["111122223333.txt", "222233334444.txt"]);
    let text = program.read("texts/111122223333.txt");
    assert!(text.contains("EXTERNAL_ID") && !text.contains("very-secret"), "{text}");
    assert!(text.contains("Let the role DriftlineRead in account 111122223333"), "{text}");
}
