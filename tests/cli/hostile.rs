//! Text of others stays text: no terminal, no log and no runner obeys it.

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
