//! `driftline init`: a project to start from.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schemas::toml;
use crate::support::{Driftline, files_below};

const FILES: [&str; 9] = [
    ".driftline/policy.schema.json",
    ".driftline/settings.schema.json",
    ".github/workflows/macie.yml",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".taplo.toml",
    "driftline.toml",
    "policies/macie.yaml",
    "world.yaml",
];

fn files(program: &Driftline, folder: &str) -> Vec<String> {
    let root = program.path(folder);
    let below =
        |path: &Path| path.strip_prefix(&root).expect("a path below it").to_str().expect("UTF-8").replace('\\', "/");
    files_below(&root).iter().map(|path| below(path)).collect()
}

#[test]
fn a_project_to_start_from_works_at_once() {
    let program = Driftline::new().args(["init"]);
    let ran = program.run(0);
    insta::assert_snapshot!("init", ran.stdout);
    assert_eq!(ran.stderr, "");
    assert_eq!(files(&program, ""), FILES);
    let again = |arguments: &[&str]| {
        let copy = Driftline::new();
        FILES
            .iter()
            .fold(copy, |copy, file| copy.file(file, fs::read(program.path(file)).expect("a file")))
            .args(arguments)
    };
    let ran = again(&["validate", "--deny-warnings"]).run(0);
    assert_eq!(ran.stdout, "valid: 1 policy file, 2 declarations, 22 targets in the caller's account\n");
    let ran = again(&["check", "--simulate", "world.yaml"]).run(2);
    assert!(ran.stdout.contains("2 targets are not as wanted; everything was read"), "{}", ran.stdout);
}

#[test]
fn a_folder_is_made_where_there_is_none() {
    let program = Driftline::new().args(["init", "infra/macie"]);
    let ran = program.run(0);
    assert!(ran.stdout.contains("wrote infra/macie/driftline.toml\n") && ran.stdout.contains("  cd infra/macie\n"));
    assert_eq!(files(&program, "infra/macie"), FILES);
    let program = Driftline::new().args(["init", "--organization"]);
    insta::assert_snapshot!("init_organization", program.run(0).stdout);
    let more = [".github/workflows/macie-inventory.yml", "accounts.json"];
    assert_eq!(files(&program, "").len(), FILES.len() + more.len());
    assert!(more.iter().all(|file| program.path(file).is_file()));
    assert_eq!(Driftline::new().args(["init", "--quiet"]).run(0).stdout, "");
}

#[test]
fn nothing_is_written_over() {
    let program = Driftline::new().settings("mine").file("policies/macie.yaml", "mine").args(["init"]);
    let ran = program.run(1);
    assert_eq!(
        ran.stderr,
        "error: nothing was written, because these files exist: driftline.toml, policies/macie.yaml\n  fix: choose another \
         folder: driftline init FOLDER\n"
    );
    assert_eq!(files(&program, ""), ["driftline.toml", "policies/macie.yaml"]);
    assert_eq!(program.read("driftline.toml"), "mine");
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_in_the_way_too() {
    let program = Driftline::new();
    std::os::unix::fs::symlink("nowhere", program.path("world.yaml")).expect("a link");
    program.args(["init"]).run(1).says("these files exist: world.yaml");
}

#[test]
fn what_cannot_be_written_whole_is_not_written_at_all() {
    // Where a folder is to be, there is a file.
    let program = Driftline::new().file(".github", "a file").args(["init"]);
    program.run(1).says("error: the starter project cannot be written to .: ");
    assert_eq!(files(&program, ""), [".github"]);
    assert_eq!(program.names(""), [".github"], "folders that were made are gone, too");
}

#[test]
fn the_schemas_that_its_files_refer_to_are_there_and_accept_them() {
    let program = Driftline::new().args(["init"]);
    program.run(0);
    let schema = |name: &str| -> Value { serde_json::from_str(&program.read(name)).expect("JSON") };
    let policy: Value = serde_yaml::from_str(&program.read("policies/macie.yaml")).expect("YAML");
    assert!(
        program
            .read("policies/macie.yaml")
            .starts_with("# yaml-language-server: $schema=../.driftline/policy.schema.json\n")
    );
    assert!(jsonschema::is_valid(&schema(".driftline/policy.schema.json"), &policy));
    assert!(jsonschema::is_valid(&schema(".driftline/settings.schema.json"), &toml(&program.read("driftline.toml"))));
    for rule in toml(&program.read(".taplo.toml"))["rule"].as_array().expect("rules") {
        assert!(program.path(rule["schema"]["path"].as_str().expect("a path")).is_file(), "{rule}");
    }
}

#[test]
fn files_that_projects_often_have_are_kept() {
    let optional = [".gitignore", ".pre-commit-config.yaml", "accounts.json"];
    let program = optional.iter().fold(Driftline::new(), |program, file| program.file(file, "mine"));
    let ran = program.args(["init", "--organization"]);
    let stdout = ran.run(0).stdout;
    for file in optional {
        assert!(stdout.contains(&format!("kept {file}\n")) && ran.read(file) == "mine", "{stdout}");
    }
    let ignored = Driftline::new().args(["init"]);
    ignored.run(0);
    let text = ignored.read(".gitignore");
    assert!(text.lines().filter(|line| !line.starts_with('#')).all(|line| stdout.contains(&format!("  {line}\n"))));
    ran.run(1).says("these files exist: driftline.toml, policies/macie.yaml, world.yaml, .taplo.toml, .github/");
}

#[test]
fn the_accounts_are_those_of_the_simulated_organization() {
    let program = Driftline::new().args(["init", "--organization"]);
    program.run(0);
    let written = program.read("accounts.json");
    let saving = Driftline::new().file("world.yaml", program.read("world.yaml"));
    let saving = saving.args(["inventory", "--simulate", "world.yaml", "--out", "accounts.json"]);
    saving.run(0);
    assert_eq!(written, saving.read("accounts.json"));
}

/// The job of a workflow.
fn job(program: &Driftline, workflow: &str, name: &str) -> Value {
    let text = program.read(format!(".github/workflows/{workflow}"));
    let file: Value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    file["jobs"][name].clone()
}

/// The commands of a job, without the installation of driftline.
fn steps(job: &Value) -> Vec<String> {
    let steps = job["steps"].as_array().expect("steps").iter().filter(|step| step["name"] != "Install driftline");
    steps.filter_map(|step| step["run"].as_str()).map(str::to_owned).collect()
}

#[test]
fn the_workflows_run_on_a_role_and_only_where_there_is_one() {
    let program = Driftline::new().args(["init", "--organization"]);
    program.run(0);
    assert_eq!(steps(&job(&program, "macie.yml", "validate")).len(), 2);
    for job in [job(&program, "macie.yml", "check"), job(&program, "macie-inventory.yml", "inventory")] {
        assert!(job["if"].as_str().is_some_and(|when| when.ends_with("vars.DRIFTLINE_ROLE_ARN != ''")), "{job}");
        assert_eq!(job["permissions"]["id-token"], "write");
    }
}

/// Runs a command in the project, as a user or a CI system would, with driftline on the path.
#[cfg(unix)]
#[track_caller]
fn shell(program: &Driftline, command: &str, exit: i32) {
    let binary = Path::new(env!("CARGO_BIN_EXE_driftline")).parent().expect("a folder").display().to_string();
    let path = format!("{binary}:{}", std::env::var("PATH").expect("a path"));
    let mut bash = std::process::Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", command]).current_dir(program.path("")).env_clear();
    bash.envs(program.command().get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", path);
    let ran = bash.env("BASE", "HEAD").stdin(std::process::Stdio::null()).output().expect("bash runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(ran.status.code(), Some(exit), "{command}\n{}{}", text(&ran.stdout), text(&ran.stderr));
}

/// Runs everything that the files of a project tell people, CI systems and hooks to run, with the organization as the inventory.
#[cfg(unix)]
fn run_every_step(program: &Driftline, next: &str) {
    for command in
        ["git init --quiet --bare ../origin", "git init --quiet", "git add --all", "git remote add origin ../origin"]
    {
        shell(program, command, 0);
    }
    shell(program, "git -c user.name=n -c user.email=e@example.com commit --quiet --message one", 0);
    shell(program, "git push --quiet --set-upstream origin HEAD", 0);
    let commands = next.lines().filter_map(|line| line.strip_prefix("  ")?.split("  ").next());
    let commands: Vec<&str> = commands.filter(|command| command.starts_with("driftline ")).collect();
    assert!(commands.len() >= 4, "{next}");
    for command in commands {
        // The simulated AWS has drift.
        shell(program, command, if command.starts_with("driftline check") { 2 } else { 0 });
    }
    let hooks: Value = serde_yaml::from_str(&program.read(".pre-commit-config.yaml")).expect("YAML");
    shell(program, hooks["repos"][0]["hooks"][0]["entry"].as_str().expect("a command"), 0);
    for command in steps(&job(program, "macie.yml", "validate")) {
        shell(program, &command, 0);
    }
    for command in steps(&job(program, "macie.yml", "check")) {
        shell(program, &command, 2);
    }
}

/// An organization with one account more than that of the project.
#[cfg(unix)]
fn grown(program: &Driftline) -> driftline_simulator::Simulation {
    let world = program.read("world.yaml") + "  \"444455556666\": {name: newcomer, sessions: {\"*\": {}}}\n";
    let world = driftline_simulator::World::parse(&world, "world.yaml").unwrap_or_else(|error| panic!("{error}"));
    driftline_simulator::Simulation::start(world, 0).expect("a simulation")
}

#[cfg(unix)]
#[test]
fn every_step_of_every_file_works_for_an_organization() {
    let program = Driftline::new();
    let next = program.run_with(&["init", "--organization"], 0).stdout;
    let simulation = grown(&program);
    let program = program.variables(&simulation.environment());
    // At once, without AWS, and after the accounts of the organization are saved.
    shell(&program, "driftline validate --deny-warnings && driftline targets > targets", 0);
    assert!(!program.read("targets").contains("newcomer"));
    run_every_step(&program, &next);
    for command in steps(&job(&program, "macie-inventory.yml", "inventory")) {
        shell(&program, &command, 0);
    }
    shell(&program, "driftline targets | grep --quiet newcomer", 0);
    shell(&program, "git diff --quiet '@{upstream}' -- accounts.json", 0);
}

#[cfg(unix)]
#[test]
fn the_job_of_a_pull_request_passes_with_accounts_and_units_of_the_organization() {
    let program = Driftline::new();
    program.run_with(&["init", "--organization"], 0);
    let accounts = fs::read_to_string(program.path("accounts.json")).expect("the saved accounts");
    let accounts = accounts.replace("333344445555", "444455556666").replace("Sandbox", "Shops");
    let policy = "version: 1\nmacie_sessions:\n  - organizational_units: [Shops]\n    status: ENABLED\n  \
                  - accounts: [\"444455556666\"]\n    status: [PAUSED, ENABLED]\n    regions: [eu-west-1]\n";
    let program = program.file("accounts.json", accounts).file("policies/macie.yaml", policy);
    for command in
        ["git init --quiet", "git add --all", "git -c user.name=n -c user.email=e@example.com commit -qm one"]
    {
        shell(&program, command, 0);
    }
    let program = program.file("policies/macie.yaml", policy.replace("[PAUSED, ENABLED]", "PAUSED"));
    for command in steps(&job(&program, "macie.yml", "validate")) {
        shell(&program, &command, 0);
    }
}

#[cfg(unix)]
#[test]
fn a_project_for_one_account_works_for_an_organization_later() {
    let program = Driftline::new();
    let next = program.run_with(&["init"], 0).stdout;
    let simulation = grown(&program);
    let program = program.variables(&simulation.environment());
    let settings = program.read("driftline.toml");
    let settings = settings.replace("\naccounts = \"caller\"", "\naccounts = \"organization\"");
    let program = program.settings(&settings.replace("\n# offline = ", "\noffline = "));
    shell(&program, "driftline inventory --out accounts.json", 0);
    run_every_step(&program, &next);
}
