//! What is published tells the truth: README, docs, schemas, examples, ready policies.
//!
//! `UPDATE_EXPECT=1 cargo test --test cli published` writes the schemas anew.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use driftline::cli::{ExitStatus, VARIABLES, Variable};

mod apply;
mod book;
mod examples;
mod reports;
mod resources;

const EXAMPLE: &str = "check --config examples/organization/driftline.toml --simulate examples/organization/world.yaml";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs the program in a folder, in a clean environment.
fn driftline(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_driftline"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .output()
        .expect("the program runs")
}

fn printed(output: Output) -> String {
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The fenced blocks of a Markdown text, with their language.
fn blocks(markdown: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let opening = line.trim_start();
        let Some(language) = opening.strip_prefix("```").filter(|language| !language.is_empty()) else { continue };
        let indent = line.len() - opening.len();
        let body = lines.by_ref().take_while(|line| line.trim_start() != "```");
        let body: String = body.flat_map(|line| [line.get(indent..).unwrap_or_default(), "\n"]).collect();
        blocks.push((language.to_owned(), body));
    }
    blocks
}

#[test]
fn the_readme_shows_what_the_example_prints() {
    let readme = text("README.md");
    assert!(readme.lines().any(|line| line == format!("cargo run -- {EXAMPLE}")));
    assert!(readme.lines().any(|line| line == "cargo test"));
    let output = driftline(root(), &EXAMPLE.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(6));
    let shown: Vec<String> =
        blocks(&readme).into_iter().filter(|(language, _)| language == "text").map(|(_, body)| body).collect();
    assert_eq!(shown.len(), 2, "the starter project and the example");
    assert_eq!(printed(output), shown[1]);

    assert!(readme.contains("```sh\ndriftline init demo && cd demo\ndriftline check --simulate world.yaml\n```\n"));
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(driftline(folder.path(), &["init", "demo"]).status.code(), Some(0));
    let output = driftline(&folder.path().join("demo"), &["check", "--simulate", "world.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(printed(output), shown[0]);
}

#[test]
fn the_page_of_doctor_shows_what_it_prints_and_has_every_kind_of_check() {
    let page = text("docs/reference/doctor.md");
    let (_, shown) = blocks(&page).into_iter().find(|(language, _)| language == "text").expect("the output is shown");
    let arguments = EXAMPLE.replacen("check", "doctor", 1);
    assert!(page.contains(&format!("driftline {arguments}\n")));
    let output = driftline(root(), &arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(4));
    // The version of git, and whether this is a repository, are not ours.
    let without_git = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.get(2..).unwrap_or_default().contains(" git: ")).map(str::to_owned).collect()
    };
    assert_eq!(without_git(&printed(output)), without_git(&shown));
    for id in words_of("docs/schemas/doctor-1.schema.json", "CheckId") {
        assert!(page.contains(&format!("| `{id}` |")), "{id}");
    }
}

#[test]
fn the_readme_lists_the_exit_codes() {
    let readme = text("README.md");
    let listed: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes().get(2).is_some_and(u8::is_ascii_digit))
        .collect();
    let expected: Vec<String> =
        ExitStatus::ALL.iter().map(|exit| format!("| {} | {} |", exit.code(), exit.meaning())).collect();
    assert_eq!(listed, expected);
}

#[test]
fn the_documentation_lists_the_environment_variables() {
    let page = text("docs/reference/environment.md");
    let listed: Vec<&str> = page.lines().filter(|line| line.starts_with("| `") && line.contains('_')).collect();
    let row = |variable: &Variable| {
        let names =
            variable.name.split(", ").map(|name| if name == "…" { name.to_owned() } else { format!("`{name}`") });
        let option = variable.option.map_or_else(String::new, |option| format!("`{option}`"));
        format!("| {} | {option} | {} |", names.collect::<Vec<_>>().join(", "), variable.meaning)
    };
    assert_eq!(listed, VARIABLES.iter().map(row).collect::<Vec<_>>());
    let help = printed(driftline(root(), &["--help"]));
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for variable in VARIABLES {
        assert!(help.contains(&format!("{} {}", variable.name, variable.meaning)), "{}", variable.name);
    }
}

#[test]
fn the_readme_names_every_command() {
    let readme = text("README.md");
    let program = driftline::cli::command();
    for command in program.get_subcommands() {
        assert!(readme.contains(&format!("`driftline {}", command.get_name())), "{}", command.get_name());
    }
}

#[test]
fn the_readme_counts_the_formats() {
    let count = driftline::report::Format::ALL.len();
    assert!(text("README.md").contains(&format!("report in {count} formats;")), "{count}");
}

#[test]
fn links_in_the_documentation_lead_somewhere() {
    let folders = ["docs", "examples", "packaging", "policies"].map(|folder| root().join(folder));
    let files = folders.into_iter().flat_map(|folder| walkdir::WalkDir::new(folder).sort_by_file_name());
    let files = files.map(|entry| entry.expect("an entry").into_path());
    let mut documents: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    assert!(documents.len() >= 12, "{documents:?}");
    documents.push(root().join("README.md"));
    let documents = documents.iter().map(|path| path.to_str().expect("UTF-8"));
    for document in documents {
        let folder = root().join(document);
        let folder = folder.parent().expect("a folder");
        for link in text(document).split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let path = link.split('#').next().unwrap_or_default();
            assert!(link.contains("://") || folder.join(path).exists(), "{document} links to {link}");
        }
    }
}

#[test]
fn published_schemas_are_those_that_the_program_prints() {
    for (name, file) in [
        ("policy", "docs/schemas/policy.schema.json"),
        ("settings", "docs/schemas/settings.schema.json"),
        ("report", "docs/schemas/report-1.schema.json"),
        ("report-line", "docs/schemas/report-line-1.schema.json"),
        ("plan", "docs/schemas/plan-1.schema.json"),
        ("apply", "docs/schemas/apply-1.schema.json"),
        ("diff", "docs/schemas/diff-1.schema.json"),
        ("targets", "docs/schemas/targets-1.schema.json"),
        ("explain", "docs/schemas/explain-1.schema.json"),
        ("diagnostics", "docs/schemas/diagnostics-1.schema.json"),
        ("doctor", "docs/schemas/doctor-1.schema.json"),
        ("inventory", "docs/schemas/inventory.schema.json"),
        ("snapshot", "docs/schemas/snapshot-1.schema.json"),
    ] {
        let output = driftline(root(), &["schema", name]);
        assert_eq!(output.status.code(), Some(0));
        let schema = printed(output);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(root().join(file), &schema).expect("the schema can be written");
        }
        assert_eq!(schema, text(file), "{file}");
    }
}

/// The YAML files that say where their schema is, each with the path that it gives.
fn schema_references() -> Vec<(PathBuf, String)> {
    let folders = ["policies", "examples"].map(|folder| root().join(folder));
    let files = folders.into_iter().flat_map(|folder| walkdir::WalkDir::new(folder).sort_by_file_name());
    let files = files.map(|entry| entry.expect("an entry").into_path());
    let yaml = files.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    yaml.filter_map(|path| {
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let reference = text.lines().find_map(|line| line.strip_prefix("# yaml-language-server: $schema="))?.to_owned();
        Some((path, reference))
    })
    .collect()
}

#[test]
fn policies_say_where_editors_find_their_schema() {
    let published = root().join("docs/schemas/policy.schema.json").canonicalize().expect("the schema");
    let references = schema_references();
    for (path, reference) in &references {
        let named = path.parent().expect("a folder").join(reference);
        assert_eq!(named.canonicalize().ok().as_ref(), Some(&published), "{}: {reference}", path.display());
    }
    for folder in ["policies", "examples"] {
        for entry in walkdir::WalkDir::new(root().join(folder)) {
            let path = entry.expect("an entry").into_path();
            let is_policy = path.extension().is_some_and(|ending| ending == "yaml")
                && std::fs::read_to_string(&path).expect("UTF-8").contains("\nversion: 1\n")
                && path.parent().is_some_and(|folder| folder.ends_with("policies"));
            assert!(!is_policy || references.iter().any(|(known, _)| *known == path), "{}", path.display());
        }
    }
    let taplo = text(".taplo.toml");
    let paths: Vec<&str> = taplo.lines().filter_map(|line| line.strip_prefix("path = ")).collect();
    assert_eq!(paths.len(), 2);
    for path in paths {
        assert!(root().join(path.trim_matches('"')).is_file(), "{path}");
    }
}

#[test]
fn ready_policies_are_valid_alone_and_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = "[inventory]\naccounts = [\"111122223333\", \"444455556666\"]\n";
    std::fs::write(folder.path().join("driftline.toml"), settings).expect("settings");
    let policies = root().join("policies");
    let files = std::fs::read_dir(&policies).expect("policies").map(|entry| entry.expect("an entry").path());
    let (pages, mut files): (Vec<PathBuf>, Vec<PathBuf>) =
        files.partition(|path| path.extension().is_some_and(|end| end == "md"));
    files.sort();
    assert!(files.len() >= 6 && pages.len() == 1, "{files:?}");
    let page = text("policies/README.md");
    for file in &files {
        let name = file.file_name().and_then(|name| name.to_str()).expect("UTF-8");
        assert!(page.contains(&format!("\n| [{name}]({name}) | ")), "{name} is not on the page");
        let output = driftline(folder.path(), &["validate", "--deny-warnings", file.to_str().expect("UTF-8")]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let of_session_manager = ["session-manager-baseline.yaml", "session-manager-just-in-time.yaml"];
    for base in
        [["baseline.yaml", "sandbox.toml"], ["strict.yaml", "sandbox.toml"], ["baseline.yaml", "macie-baseline.yaml"]]
    {
        let paths = base.into_iter().chain(of_session_manager).map(|name| policies.join(name));
        let paths: Vec<String> = paths.map(|path| path.to_str().expect("UTF-8").to_owned()).collect();
        let arguments = ["validate", "--deny-warnings"].into_iter().chain(paths.iter().map(String::as_str));
        let output = driftline(folder.path(), &arguments.collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_example_is_valid_with_its_settings() {
    let output = driftline(
        &root().join("examples/organization"),
        &["validate", "--deny-warnings", "--inventory", "accounts.json"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let output = driftline(&root().join("examples/organization"), &["check", "--simulate", "world.yaml", "--quiet"]);
    assert_eq!(output.status.code(), Some(6));
}

/// The documents that show policies or settings. A block is fenced with its language, and with the code of the diagnostic that
/// it earns if it shows a mistake.
const WITH_FILES: [&str; 4] =
    ["README.md", "docs/reference/policies.md", "docs/reference/settings.md", "docs/reference/inventory.md"];

#[test]
fn what_the_documentation_shows_of_files_is_valid_or_earns_its_mistake() {
    let inventory = root().join("examples/organization/accounts.json");
    let (mut sound, mut mistaken) = (0, 0);
    for document in WITH_FILES {
        for (fence, body) in blocks(&text(document)) {
            let (language, mistake) = fence.split_once(' ').unwrap_or((&fence, ""));
            let is_policy = ["macie_sessions", "session_manager_", "waivers"].iter().any(|key| body.contains(key));
            let folder = tempfile::tempdir().expect("a folder");
            let (settings, policy) = match (language, is_policy) {
                ("yaml" | "toml" | "json", true) => ("", body.as_str()),
                ("toml", false) => (body.as_str(), "version: 1\nmacie_sessions: [{status: ENABLED}]\n"),
                _ => continue,
            };
            std::fs::write(folder.path().join("driftline.toml"), settings).expect("settings");
            let name = format!("policy.{}", if is_policy { language } else { "yaml" });
            std::fs::write(folder.path().join(&name), policy).expect("a policy");
            let inventory = inventory.to_str().expect("UTF-8");
            let output = driftline(folder.path(), &["validate", &name, "--inventory", inventory]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let expected = i32::from(!mistake.is_empty());
            assert_eq!(output.status.code(), Some(expected), "{document}:\n{body}{said}");
            if mistake.is_empty() {
                assert!(said.is_empty(), "{document} shows a file that earns doubts:\n{body}{said}");
                sound += 1;
            } else {
                assert!(said.lines().any(|line| line == mistake), "{document}:\n{body}{said}");
                mistaken += 1;
            }
        }
    }
    assert!(sound >= 8 && mistaken >= 2, "only {sound} sound blocks and {mistaken} with mistakes were found");
}

#[test]
fn the_saved_inventory_in_the_documentation_is_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let blocks = blocks(&text("docs/reference/inventory.md"));
    let (_, file) = blocks.iter().find(|(language, _)| language == "json").expect("a file");
    std::fs::write(folder.path().join("accounts.json"), file).expect("a file");
    std::fs::write(folder.path().join("a.yaml"), "version: 1\nmacie_sessions: [{status: ENABLED}]\n")
        .expect("a policy");
    let output = driftline(folder.path(), &["validate", "a.yaml", "--inventory", "accounts.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed(output).contains("1 account, 22 targets"));
}

#[test]
fn the_example_of_precedence_in_the_documentation_comes_out_as_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, policy) = blocks(&text("docs/reference/policies.md")).into_iter().next().expect("a policy");
    std::fs::write(folder.path().join("policy.yaml"), policy).expect("a policy");
    let inventory = root().join("examples/organization/accounts.json");
    let arguments =
        ["explain", "111122223333/eu-central-1", "policy.yaml", "--inventory", inventory.to_str().expect("UTF-8")];
    let output = driftline(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0));
    let explained = printed(output);
    assert!(explained.contains("status: ENABLED"), "{explained}");
    assert!(explained.contains("finding_publishing_frequency: FIFTEEN_MINUTES"), "{explained}");
}

#[test]
fn the_world_file_in_the_documentation_is_the_one_that_is_tested() {
    let example = text("crates/simulator/src/example.yaml");
    assert!(text("docs/reference/simulator.md").contains(&format!("```yaml\n{example}```\n")));
}

/// The words of an enumeration in a published schema.
fn words_of(schema: &str, definition: &str) -> Vec<String> {
    let schema: serde_json::Value = serde_json::from_str(&text(schema)).expect("JSON");
    let words = schema["$defs"][definition]["oneOf"].as_array().expect("an enumeration");
    words.iter().map(|word| word["const"].as_str().expect("a word").to_owned()).collect()
}

/// The names of the fields of an object in a published schema.
fn fields_of(schema: &str, definition: Option<&str>) -> Vec<String> {
    let schema: serde_json::Value = serde_json::from_str(&text(schema)).expect("JSON");
    let object = definition.map_or(&schema, |definition| &schema["$defs"][definition]);
    object["properties"].as_object().expect("an object").keys().cloned().collect()
}

/// The actions of each policy that a document shows, with the heading above it.
fn actions(document: &str) -> Vec<(String, std::collections::BTreeSet<String>)> {
    let mut found = Vec::new();
    for section in document.split("\n## ") {
        let heading = section.lines().next().unwrap_or_default().to_owned();
        for (_, policy) in blocks(section).into_iter().filter(|(language, _)| language == "json") {
            let policy: serde_json::Value = serde_json::from_str(&policy).expect("JSON");
            let statements = policy["Statement"].as_array().expect("statements");
            let actions = statements.iter().flat_map(|statement| match &statement["Action"] {
                serde_json::Value::Array(actions) => actions.clone(),
                action => vec![action.clone()],
            });
            found.push((
                heading.clone(),
                actions.map(|action| action.as_str().expect("an action").to_owned()).collect(),
            ));
        }
    }
    found
}

#[test]
fn the_roles_of_the_example_may_do_what_the_documentation_says_and_no_more() {
    let documented = actions(&text("docs/reference/permissions.md"));
    let of = |heading: &str, nth: usize| {
        documented.iter().filter(|(above, _)| above == heading).map(|(_, actions)| actions).nth(nth).expect("a policy")
    };
    let world: serde_json::Value = serde_yaml::from_str(&text("examples/apply/world.yaml")).expect("YAML");
    let mut roles = 0;
    for (account, facts) in world["accounts"].as_object().expect("accounts") {
        let Some(permissions) = facts["permissions"].as_object() else { continue };
        let allowed = |role: &str| -> std::collections::BTreeSet<String> {
            let actions = permissions[role].as_array().expect("actions");
            actions.iter().map(|action| action.as_str().expect("an action").to_owned()).collect()
        };
        assert_eq!(&allowed("DriftlineRead"), of("To plan", 0), "{account}");
        let (member, administrator) = (of("To apply", 0), of("To apply", 1));
        let expected = if account == "999988887777" { member | administrator } else { member.clone() };
        assert_eq!(allowed("DriftlineApply"), expected, "{account}");
        roles += 1;
    }
    assert_eq!(roles, 6);
}
