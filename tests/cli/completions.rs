//! `completions`: scripts for shells, and the candidates that they ask for.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use driftline::cli::command;

use crate::support::{ACCOUNT, Driftline, policy};

/// A saved inventory with names that a shell would take for something else, and with one that it would not.
fn accounts() -> String {
    let names = [("222233334444", "payments-prod"), ("333344445555", "$(touch ran)"), ("444455556666", "web shop")];
    let accounts: Vec<_> = names
        .into_iter()
        .map(|(id, name)| {
            serde_json::json!({"id": id, "name": name, "email": null, "state": "ACTIVE", "units": [], "tags": null, "regions": null})
        })
        .collect();
    serde_json::json!({
        "format": "driftline.inventory",
        "format_version": 1,
        "tool": {"name": "driftline", "version": "0.1.0"},
        "taken_at": "2026-11-01T00:00:00Z",
        "organization": {"id": "o-simulated01", "management_account": "222233334444"},
        "caller": {"account": "222233334444", "arn": "arn:aws:iam::222233334444:user/auditor"},
        "knows": {"names": true, "units": true, "tags": false},
        "accounts": accounts,
    })
    .to_string()
}

/// A project with a policy, settings and a saved inventory.
fn project() -> Driftline {
    let saved = Driftline::new().settings("[inventory]\naccounts = \"organization\"\noffline = \"accounts.json\"\n");
    let declared = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    saved.policy("policies/a.yaml", policy([declared])).file("accounts.json", accounts())
}

/// The candidates for the last word of a line, with their meanings.
fn lines(program: Driftline, words: &[&str]) -> Vec<String> {
    let ran = program.args(["completions", "zsh", "--"]).args(words).run(0);
    assert_eq!(ran.stderr, "");
    ran.stdout.lines().map(str::to_owned).collect()
}

/// The candidates for the last word of a line.
fn candidates(program: Driftline, words: &[&str]) -> Vec<String> {
    lines(program, words).iter().map(|line| line.split('\t').next().expect("a value").to_owned()).collect()
}

#[test]
fn every_shell_gets_completions_of_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Driftline::new().args(["completions", shell]).run(0).stdout;
        for subcommand in command().get_subcommands() {
            assert!(script.contains(subcommand.get_name()), "{shell} does not complete {}", subcommand.get_name());
        }
        assert!(script.contains("deny-warnings"), "{shell} completes the options, too");
        // Not every script has the values of options, or those of arguments.
        let known: &[&str] = match shell {
            "bash" | "zsh" => &["codequality", "DL9001", "driftline.toml"],
            "fish" => &["codequality"],
            _ => &[],
        };
        for value in known {
            assert!(script.contains(value), "{shell} completes {value}");
        }
    }
    let listed = Driftline::new().args(["completions", "--help"]).run(0).stdout;
    assert!(listed.contains("[possible values: bash, elvish, fish, powershell, zsh]"), "{listed}");
}

#[test]
fn commands_options_and_listed_values_are_completed() {
    let found = |words: &[&str]| candidates(Driftline::new(), words);
    assert_eq!(found(&["che"]), ["check"]);
    assert!(found(&[""]).len() > 12);
    assert_eq!(found(&["validate", "--deny"]), ["--deny-warnings"]);
    assert_eq!(found(&["completions", "e"]), ["elvish"]);
    assert_eq!(found(&["schema", "re"]), ["report", "report-line"]);
    assert_eq!(found(&["check", "--reader="]), ["--reader=auto", "--reader=direct", "--reader=administrator"]);
    assert_eq!(found(&["check", "--fail-on", ""]), ["drift,unread", "drift", "unread", "none"]);
    assert_eq!(found(&["check", "--fail-on", "drift,"]), ["drift,unread"]);
    assert_eq!(found(&["explain", "DL900"]).first().map(String::as_str), Some("DL9001"));
    assert_eq!(found(&["man", "driftline"]), ["driftline.toml"]);
    assert!(found(&["check", "--none=", ""]).is_empty() && found(&["schema", "policy", ""]).is_empty());
    let with_meaning = lines(Driftline::new(), &["explain", "unknown-ke"]);
    assert!(with_meaning.concat().starts_with("unknown-key\t"), "{with_meaning:?}");
}

#[test]
fn each_command_offers_the_formats_that_it_takes() {
    let found = |command: &str| candidates(Driftline::new(), &[command, "--report", ""]);
    assert_eq!(found("diff"), ["text", "json"]);
    assert_eq!(found("plan"), ["text", "json", "markdown"]);
    let check = found("check");
    assert_eq!(check.len(), 17, "{check:?}");
    assert!(check.contains(&"sarif".to_owned()) && check.contains(&"asff=".to_owned()), "{check:?}");
    let program = Driftline::new().file("out.json", "{}");
    assert_eq!(candidates(program, &["check", "--report", "json=o"]), ["json=out.json"]);
}

#[test]
fn files_are_offered_by_what_the_argument_takes() {
    let program = || {
        let names = [
            "a.yaml",
            "b.txt",
            "c.json",
            "d.jsonl",
            "e.toml",
            ".hidden.yaml",
            "a b.yaml",
            "$(x).yaml",
            "-f.yaml",
            "g/h.yaml",
        ];
        names.into_iter().fold(Driftline::new(), |program, name| program.file(name, ""))
    };
    assert_eq!(candidates(program(), &["check", ""]), ["a.yaml", "c.json", "e.toml", "g/"]);
    assert_eq!(candidates(program(), &["check", "g/"]), ["g/h.yaml"]);
    assert_eq!(candidates(program(), &["check", "."]), [".hidden.yaml"]);
    assert_eq!(candidates(program(), &["rollback", ""]), ["d.jsonl", "g/"]);
    assert_eq!(candidates(program(), &["check", "--config", ""]), ["e.toml", "g/"]);
    assert_eq!(candidates(program(), &["init", ""]), ["g/"]);
}

#[test]
fn accounts_and_regions_come_from_policies_and_the_saved_inventory() {
    let found = candidates(project(), &["check", "--account", ""]);
    assert_eq!(found, [ACCOUNT, "222233334444", "333344445555", "444455556666", "payments-prod"]);
    let with_names = lines(project(), &["check", "--account", "333"]);
    assert_eq!(with_names, ["333344445555\t$(touch ran)"]);
    assert_eq!(candidates(project(), &["check", "--region", "eu-central"]), ["eu-central-1", "eu-central-2"]);
    assert_eq!(candidates(project(), &["plan", "--only", "pay"]), ["payments-prod/"]);
    assert_eq!(candidates(project(), &["explain", "payments-prod/eu-west-"]).len(), 3);
}

#[test]
fn what_cannot_be_read_is_not_told() {
    for settings in ["this is not TOML", "[inventory]\naccounts = \"nowhere.json\"\n"] {
        let program = Driftline::new().settings(settings);
        assert!(candidates(program, &["check", "--account", ""]).is_empty());
    }
    assert_eq!(candidates(Driftline::new(), &["diff", "--base", ""]), ["HEAD"], "there is no repository");
}

/// Runs git in the folder of a program.
fn git(program: &Driftline, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(program.path(""))
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
        .env("HOME", program.path("../home"))
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn branches_are_offered_and_nothing_of_the_repository_runs() {
    let program = Driftline::new().file("a", "").file("hook", "#!/bin/sh\ntouch \"$0.ran\"\n");
    git(&program, &["init", "--quiet"]);
    git(&program, &["add", "a"]);
    git(&program, &["commit", "--quiet", "--message", "one"]);
    git(&program, &["branch", "feature/1"]);
    git(&program, &["branch", "$(touch${IFS}ran)"]);
    for (name, value) in [("core.fsmonitor", "./hook"), ("core.pager", "./hook"), ("core.sshCommand", "./hook")] {
        git(&program, &["config", name, value]);
    }
    let ran = program.args(["completions", "zsh", "--", "diff", "--base", ""]);
    assert_eq!(ran.run(0).stdout, "HEAD\nfeature/1\nmain\n");
    assert!(!ran.path("hook.ran").exists());
}

/// Runs a script of a shell with the program in its path; `None` without the shell.
fn shell(program: &Driftline, shell: &[&str], script: &str) -> Option<Output> {
    let built = Path::new(env!("CARGO_BIN_EXE_driftline")).parent().expect("a folder").display().to_string();
    let path = format!("{built}:{}", std::env::var("PATH").unwrap_or_default());
    let (name, arguments) = shell.split_first().expect("a shell");
    Command::new(name)
        .args(arguments)
        .arg(script)
        .current_dir(program.path(""))
        .env_clear()
        .env("PATH", path)
        .env("HOME", program.path("../home"))
        .stdin(Stdio::null())
        .output()
        .ok()
}

#[track_caller]
fn printed(output: &Output) -> Vec<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_with_the_dynamic_script() {
    let program = project().file("out.json", "");
    let complete = |words: &[&str], current: &str| {
        let list = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        let script = format!(
            "source <(driftline completions bash --dynamic); COMP_WORDS=(driftline {list}); COMP_CWORD={}; \
             _driftline driftline '{current}' x; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.len()
        );
        shell(&program, &["bash", "--norc", "-c"], &script).map(|output| printed(&output))
    };
    let Some(found) = complete(&["check", "--account", "pay"], "pay") else { return };
    assert_eq!(found, ["payments-prod"]);
    // Bash splits words at each equals sign.
    assert_eq!(complete(&["check", "--report", "=", "js"], "js").expect("bash"), ["json", "jsonl"]);
    assert_eq!(
        complete(&["check", "--report", "json", "="], "").expect("bash"),
        ["accounts.json", "driftline.toml", "out.json", "policies/"]
    );
    assert_eq!(complete(&["check", "--account", "none"], "none").expect("bash"), [""]);
}

#[test]
fn fish_completes_with_the_dynamic_script() {
    let program = project();
    let script = "driftline completions fish --dynamic | source; complete -C 'driftline check --account pay'; \
                  complete -C 'driftline che'; complete -C 'driftline check --report=js'";
    let Some(output) = shell(&program, &["fish", "--no-config", "-c"], script) else { return };
    let found = printed(&output);
    assert_eq!(found.first().map(String::as_str), Some("payments-prod\t222233334444"), "{found:?}");
    assert!(found.get(1).is_some_and(|line| line.starts_with("check\t")), "{found:?}");
    assert_eq!(found.get(2..).unwrap_or_default(), ["--report=json", "--report=jsonl"]);
}

#[test]
fn zsh_completes_with_the_dynamic_script() {
    let program = project();
    // Outside of the line editor, the functions of the completion system are stood in for.
    let script = "compdef() { : }; source <(driftline completions zsh --dynamic)\n\
                  _describe() { print -rl -- $whole; print -r -- \"open: $open\" }\n\
                  words=(driftline check --account pay); CURRENT=4; PREFIX=pay; _driftline\n\
                  words=(driftline check po); CURRENT=3; PREFIX=po; _driftline\n";
    let Some(output) = shell(&program, &["zsh", "-f", "-c"], script) else { return };
    assert_eq!(printed(&output), ["payments-prod:222233334444", "open: ", "", "open: policies/"]);
}

#[test]
fn shells_without_a_dynamic_script_are_named() {
    let ran = Driftline::new().args(["completions", "elvish", "--dynamic"]).run(1);
    ran.says("there is no dynamic completion for elvish");
}
