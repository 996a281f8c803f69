//! Text of others stays text: no terminal, no log and no runner obeys it.

use driftline::report::Format;

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy, simulation};

/// A message that recolours a terminal and commands GitHub's runner, in both of its languages, as JSON within YAML.
const BODY: &str = "{\\\"message\\\": \\\"\\\\u001b[31mred\\\\nline ##[error]x\\\\n::add-mask::y\\\"}";

fn answer(code: &str) -> String {
    format!("{{answer: {{status: 400, headers: {{x-amzn-errortype: {code}}}, body: \"{BODY}\"}}}}")
}

#[track_caller]
fn is_harmless(text: &str) {
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    assert!(!text.contains("##["), "{text}");
    assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
}

#[test]
fn a_report_for_people_obeys_nobody_and_one_for_programs_is_word_for_word() {
    let name = "say \\\"hi\\\" ##[add-mask]x \u{202e}";
    let declaration =
        format!("name: \"{name}\", accounts: [\"{ACCOUNT}\"], regions: [eu-west-1, us-east-1], status: PAUSED");
    let world = World::new().enabled(ACCOUNT);
    let world =
        world.faulty(&format!("operations: [\"macie2:*\"], regions: [eu-west-1], fault: {}", answer("OddException")));
    let program = || {
        let program = Driftline::new().policy("a.yaml", policy([&declaration])).world(&world);
        program.args(["check", "a.yaml", "--simulate", "world.yaml"])
    };
    let report = program().args(["--report", "json"]).run(6).json();
    assert_eq!(report["targets"][0]["unread"]["message"], "\u{1b}[31mred\nline ##[error]x\n::add-mask::y");
    assert_eq!(report["targets"][0]["settings"][0]["origin"]["declaration"], "say \"hi\" ##[add-mask]x \u{202e}");
    for detail in [&[][..], &["--verbose"]] {
        let text = program().args(detail).run(6).stdout;
        assert!(text.contains("OddException: \u{fffd}[31mred line ## [error]x : :add-mask::y"), "{text}");
        assert!(text.contains("(say \"hi\" ## [add-mask]x \u{fffd})"), "{text}");
        is_harmless(&text);
    }
    let explained = Driftline::new().policy("a.yaml", policy([&declaration]));
    is_harmless(&explained.args(["explain", &format!("{ACCOUNT}/eu-west-1"), "a.yaml"]).run(0).stdout);
}

#[test]
fn an_error_obeys_nobody() {
    let body = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>over&#10;::add-mask::y ##[error]x</Message></Error></ErrorResponse>";
    let answer = format!("{{answer: {{status: 403, headers: {{content-type: text/xml}}, body: \"{body}\"}}}}");
    let simulation = simulation(&World::new().fault_of("sts:GetCallerIdentity", CALLER, &answer));
    let program = Driftline::new().policy("a.yaml", policy([format!("accounts: [\"{CALLER}\"], status: ENABLED")]));
    let ran = program.variables(&simulation.environment()).args(["check", "a.yaml"]).run(1);
    ran.says("error: AWS refuses the credentials: ExpiredToken: over : :add-mask::y ## [error]x\n");
    is_harmless(&ran.stderr);
}

/// A command of each CI system that obeys words in a log.
const COMMANDS: &str =
    "##vso[task.x]y ##[group] ##teamcity[x] ##octopus[x] section_start:1:x travis_fold:start:x ::error::x";

/// What moves a terminal, stands there unseen, or reorders text.
const UNSEEN: &str = "\u{202e}\u{200b}\u{2060}\u{feff}\u{ad}\u{e0041}";

#[track_caller]
fn commands_nobody(what: &str, text: &str) {
    for mark in ["##vso[", "##[", "##teamcity[", "##octopus[", "section_start:", "travis_fold:"] {
        assert!(!text.contains(mark), "{what}: {mark} in {text}");
    }
    let unseen: Vec<char> = UNSEEN.chars().filter(|character| !character.is_ascii()).collect();
    assert!(!text.contains(&unseen[..]) && !text.contains('\u{9b}'), "{what}: {text:?}");
    let own =
        |line: &str| ["::error file=", "::warning file=", "::notice file="].iter().any(|own| line.starts_with(own));
    for line in text.lines().filter(|line| !own(line)) {
        assert!(!line.trim_start().starts_with("::"), "{what}: {line}");
    }
    assert!(!text.contains(" ::error::x"), "{what}: {text}");
}

/// The text in YAML's double quotes, in ASCII.
fn quoted(text: &str) -> String {
    let quoted: String = text
        .chars()
        .map(|character| match character {
            '"' | '\\' => format!("\\{character}"),
            ' '..='~' => character.to_string(),
            _ => format!("\\U{:08x}", u32::from(character)),
        })
        .collect();
    format!("\"{quoted}\"")
}

/// A program whose policies, accounts and AWS are full of commands.
fn hostile() -> Driftline {
    let written = format!("{COMMANDS} {UNSEEN}");
    let body = quoted(&serde_json::json!({"message": format!("{written}\u{9b}31m")}).to_string());
    let quoted = quoted(&written);
    let fault = format!("{{answer: {{status: 400, headers: {{x-amzn-errortype: OddException}}, body: {body}}}}}");
    let world = World::new()
        .organization(&format!("management: \"{CALLER}\""))
        .account(ACCOUNT, &format!("name: \"{COMMANDS}\", sessions: {{\"*\": {{}}}}"))
        .faulty(&format!("operations: [\"macie2:*\"], regions: [eu-west-1], fault: {fault}"));
    let one = |region: &str, rest: &str| {
        format!("name: {quoted}, accounts: [\"{ACCOUNT}\"], regions: [{region}], status: {rest}")
    };
    let waiver = format!(
        "waivers:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [us-east-1], reason: {quoted}, owner: {quoted}, expires: 2049-12-31}}\n"
    );
    let declarations = [one("eu-west-1", "ENABLED"), one("us-east-1", "PAUSED"), one("us-east-2", "PAUSED")];
    Driftline::new()
        .policy("##vso[task.x] ::x.yaml", policy(declarations) + &waiver)
        .settings("policies = [\"##vso[task.x] ::x.yaml\"]\n[inventory]\naccounts = \"organization\"\n")
        .world(&world)
}

#[test]
fn no_format_of_a_report_carries_a_command() {
    let program = hostile().args(["check", "--simulate", "world.yaml", "--report"]);
    for format in Format::ALL.into_iter().filter(|format| !format.is_folder()) {
        let ran = program.run_with(&[format.as_str()], 6);
        commands_nobody(format.as_str(), &ran.stdout);
        commands_nobody(format.as_str(), &ran.stderr);
    }
    for folder in ["asff", "owners"] {
        program.run_with(&[&format!("{folder}={folder}")], 6);
        assert!(!program.names(folder).is_empty(), "{folder}");
        for name in program.names(folder) {
            commands_nobody(folder, &program.read(format!("{folder}/{name}")));
        }
    }
    let report = hostile().args(["check", "--simulate", "world.yaml", "--report", "json"]).run(6).json();
    let written = format!("{COMMANDS} {UNSEEN}");
    let unread = &report["targets"].as_array().expect("targets")[0];
    assert_eq!(unread["unread"]["message"], format!("{written}\u{9b}31m"), "what is read back is what was written");
    assert_eq!(unread["settings"][0]["origin"]["declaration"], written);
    assert_eq!(unread["account_name"], COMMANDS);
    assert_eq!(report["waivers"][0]["reason"], written);
}

#[test]
fn no_command_of_the_program_carries_one_of_a_ci_system() {
    let target = format!("{ACCOUNT}/us-east-1");
    let simulated = ["--simulate", "world.yaml"];
    let cases: [(&[&str], bool, i32); 14] = [
        (&["check", "--verbose"], true, 6),
        (&["plan"], true, 6),
        (&["plan", "--report", "json"], true, 6),
        (&["plan", "--report", "markdown"], true, 6),
        (&["inventory"], true, 0),
        (&["inventory", "--out", "/dev/stdout"], true, 0),
        (&["validate"], false, 0),
        (&["validate", "--report", "json"], false, 0),
        (&["targets", "--inventory", "saved.json"], false, 0),
        (&["targets", "--inventory", "saved.json", "--report", "json"], false, 0),
        (&["explain", &target, "--inventory", "saved.json"], false, 0),
        (&["explain", &target, "--inventory", "saved.json", "--report", "json"], false, 0),
        (&["diff", "none.yaml", "##vso[task.x] ::x.yaml", "--inventory", "saved.json"], false, 2),
        (&["diff", "none.yaml", "##vso[task.x] ::x.yaml", "--inventory", "saved.json", "--report", "json"], false, 2),
    ];
    let program = hostile().policy("none.yaml", policy([format!("accounts: [\"{ACCOUNT}\"], status: ENABLED")]));
    program.run_with(&["inventory", "--out", "saved.json", "--simulate", "world.yaml"], 0);
    for (arguments, asks, exit) in cases {
        let more: &[&str] = if asks { &simulated } else { &[] };
        let ran = program.run_with(&[arguments, more].concat(), exit);
        commands_nobody(&arguments.join(" "), &ran.stdout);
        commands_nobody(&arguments.join(" "), &ran.stderr);
    }
}

#[test]
fn no_error_carries_a_command() {
    let hostile = format!("x{COMMANDS}{UNSEEN}\u{9b}\n::error::x");
    let declaration = format!("name: '{}', stat: 1, \"{}\": 1", hostile.replace(['\n', '\u{9b}'], " "), UNSEEN);
    let program = || Driftline::new().policy("a.yaml", policy([&declaration]));
    for arguments in [
        &["validate", "a.yaml"][..],
        &["validate", &hostile],
        &["check", &hostile],
        &["--color", "always", "validate", "a.yaml"],
        &[&hostile],
        &["check", "--fail-on", &hostile],
        &["explain", &hostile],
        &["diff", "--base", &hostile],
        &["report", &hostile],
        &["check", "--config", &hostile],
    ] {
        let ran = program().args(arguments).run(1);
        commands_nobody(&arguments.join(" "), &ran.stderr);
        assert!(!ran.stderr.is_empty());
    }
    let ran = program().env("DRIFTLINE_EXTERNAL_ID", &hostile).args(["check", "a.yaml"]).run(1);
    commands_nobody("a variable", &ran.stderr);
}

#[test]
fn a_message_without_end_is_kept_with_its_beginning_and_its_end() {
    let message = format!("Odd thing: {}, the end", "x".repeat(100_000));
    let body = quoted(&serde_json::json!({"message": message}).to_string());
    let fault = format!("{{answer: {{status: 400, headers: {{x-amzn-errortype: OddException}}, body: {body}}}}}");
    let world = World::new().enabled(ACCOUNT).faulty(&format!("operations: [\"macie2:*\"], fault: {fault}"));
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    let program = Driftline::new().policy("a.yaml", policy([&declaration])).world(&world);
    let report = program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"]).run(4).json();
    let kept = report["targets"][0]["unread"]["message"].as_str().expect("a message");
    assert!(kept.starts_with("Odd thing: xxx") && kept.ends_with("xxx, the end"), "{kept}");
    assert!(kept.len() <= 1_024 && kept.contains(" bytes left out) … "), "{kept}");
}
