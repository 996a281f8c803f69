//! Variables that stand for options: the option takes precedence over the variable, and that over the settings file.

use driftline::cli::VARIABLES;

use crate::support::{ACCOUNT, Driftline, World, policy};

/// A check of one account that is in sync.
fn check() -> Driftline {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&World::new().enabled(ACCOUNT));
    program.args(["check", "a.yaml", "--simulate", "world.yaml"])
}

#[test]
fn the_settings_file() {
    let program = || check().settings("[limits]\ndeadline = \"1h\"\n").file("other.toml", "").file("third.toml", "");
    let file = |program: Driftline| program.args(["--report", "json"]).run(0).json()["run"]["settings_file"].clone();
    assert_eq!(file(program()), "driftline.toml");
    assert_eq!(file(program().env("DRIFTLINE_CONFIG", "other.toml")), "other.toml");
    assert_eq!(file(program().env("DRIFTLINE_CONFIG", "other.toml").args(["--config", "third.toml"])), "third.toml");
    let missing = program().env("DRIFTLINE_CONFIG", "missing.toml");
    let ran = missing.run(1);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: DRIFTLINE_CONFIG is "missing.toml": there is no such file
      fix: set DRIFTLINE_CONFIG to a value of --config (see --help), or unset it; --config takes precedence
    "#);
    assert_eq!(ran.stdout, "");
    missing.run_with(&["--config", "third.toml"], 0);
    // Each policy set has a settings file of its own.
    let all = Driftline::new()
        .settings("")
        .policy("policies/a.yaml", policy([format!("accounts: [\"{ACCOUNT}\"], status: ENABLED")]));
    all.env("DRIFTLINE_CONFIG", "missing.toml").args(["validate", "--all", "."]).run(0);
}

#[test]
fn the_colour() {
    let has_colour = |program: Driftline| program.run(0).stdout.contains('\u{1b}');
    assert!(!has_colour(check()));
    assert!(has_colour(check().env("DRIFTLINE_COLOR", "always")));
    assert!(has_colour(check().env("DRIFTLINE_COLOR", "always").env("NO_COLOR", "1")));
    assert!(!has_colour(check().env("DRIFTLINE_COLOR", "never").env("CLICOLOR_FORCE", "1")));
    assert!(!has_colour(check().env("DRIFTLINE_COLOR", "always").args(["--color", "never"])));
    let ran = check().env("DRIFTLINE_COLOR", "green").run(1);
    ran.says("error: DRIFTLINE_COLOR is \"green\": it is neither auto, always nor never\n  fix: ");
    check().env("DRIFTLINE_COLOR", "green").args(["--color", "never"]).run(0);
}

#[test]
fn the_deadline() {
    let short = "[limits]\ndeadline = \"1ns\"\n";
    check().settings(short).run(4);
    check().settings(short).env("DRIFTLINE_DEADLINE", "5m").run(0);
    check().env("DRIFTLINE_DEADLINE", "1ns").run(4);
    check().env("DRIFTLINE_DEADLINE", "1ns").args(["--deadline", "5m"]).run(0);
    for command in [&["check"][..], &["plan"], &["apply", "--auto-approve"], &["snapshot", "--out", "s.json"]] {
        let program = check().env("DRIFTLINE_DEADLINE", "soon");
        let program =
            Driftline::new().policy("a.yaml", program.read("a.yaml")).file("world.yaml", program.read("world.yaml"));
        let program =
            program.env("DRIFTLINE_DEADLINE", "soon").args(command).args(["a.yaml", "--simulate", "world.yaml"]);
        program.run(1).says("error: DRIFTLINE_DEADLINE is \"soon\": it is not a number with a unit\n  fix: ");
    }
    let listing = Driftline::new().world(&World::new().enabled(ACCOUNT)).env("DRIFTLINE_DEADLINE", "0s");
    listing.args(["inventory", "--simulate", "world.yaml"]).run(1).says("DRIFTLINE_DEADLINE is \"0s\": it is zero");
}

#[test]
fn the_reports_of_a_check() {
    let both = check().env("DRIFTLINE_REPORT", "json, csv=a.csv");
    assert_eq!(both.run(0).json()["verdict"], "in_sync");
    assert!(both.path("a.csv").is_file());
    let option = check().env("DRIFTLINE_REPORT", "csv=a.csv").args(["--report", "json"]);
    option.run(0).json();
    assert!(!option.path("a.csv").exists(), "the option takes the place of the whole list");
    for wrong in ["yaml", "json,,text", "json,json", "json=a.json,text=a.json"] {
        let ran = check().env("DRIFTLINE_REPORT", wrong).run(1);
        assert_eq!(ran.stdout, "", "{wrong}");
    }
    check().env("DRIFTLINE_REPORT", "yaml").run(1).says("error: DRIFTLINE_REPORT is \"yaml\": ");
    let others =
        Driftline::new().policy("a.yaml", check().read("a.yaml")).file("world.yaml", check().read("world.yaml"));
    let others = others.env("DRIFTLINE_REPORT", "yaml");
    for arguments in
        [&["validate", "a.yaml"][..], &["targets", "a.yaml"], &["plan", "a.yaml", "--simulate", "world.yaml"]]
    {
        others.run_with(arguments, 0);
    }
}

#[test]
fn an_empty_variable_is_unset() {
    for variable in VARIABLES.iter().filter(|variable| variable.option.is_some()) {
        for nothing in ["", " "] {
            check().settings("").env(variable.name, nothing).run(0);
        }
    }
}

#[test]
fn the_help_names_the_variable_beside_its_option() {
    let help = Driftline::new().args(["check", "--help"]).run(0).stdout;
    for variable in VARIABLES.iter().filter(|variable| variable.name != "DRIFTLINE_SHARD") {
        let Some(option) = variable.option else { continue };
        let (_, rest) = help.split_once(&format!("      {option} <")).unwrap_or_else(|| panic!("{option}"));
        let text: Vec<&str> = rest.split("\n      --").next().unwrap_or_default().split_whitespace().collect();
        assert!(text.join(" ").contains(&format!("[env: {}]", variable.name)), "{option}: {rest}");
    }
}
