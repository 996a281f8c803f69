//! The workflows for GitHub: what they may do, and how those that are given away install driftline.

use std::path::Path;

use serde_json::Value;

use super::schemas::toml;
use super::support::files_below;

fn published(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every workflow for GitHub that the project has or gives away.
const WORKFLOWS: [&str; 8] = [
    ".github/workflows/ci.yml",
    ".github/workflows/release.yml",
    "examples/ci/github.yml",
    "examples/apply/ci/apply.yml",
    "examples/apply/ci/pull-request.yml",
    "examples/shards/github.yml",
    "src/cli/starter/inventory.yml",
    "src/cli/starter/workflow.yml",
];

#[test]
fn workflows_trust_no_pull_request_and_pin_what_they_use() {
    for file in WORKFLOWS {
        let text = published(file);
        let workflow: Value = serde_yaml::from_str(&text).expect("YAML");
        // What no job asks for by name, no job may do.
        let permissions = workflow["permissions"].as_object().unwrap_or_else(|| panic!("{file}: no permissions"));
        assert!(
            permissions.iter().all(|(name, value)| name == "contents" && value == "read"),
            "{file}: {permissions:?}"
        );
        assert!(!text.contains("pull_request_target") && !text.contains("workflow_run"), "{file}");
        assert!(!text.contains("permissions: write-all") && !text.contains("secrets: inherit"), "{file}");
        let jobs = workflow["jobs"].as_object().expect("jobs");
        for step in jobs.values().flat_map(|job| job["steps"].as_array().expect("steps")) {
            // What others write must not become a part of a script.
            let script = step["run"].as_str().unwrap_or_default();
            assert!(!script.contains("${{"), "{file}: {script}");
            if script.contains("gh ") && !script.contains("gh attestation ") {
                // gh asks github.com unless it is told another server, which takes another token.
                assert!(script.contains("export GH_HOST=\"${GITHUB_SERVER_URL#https://}\"\n"), "{file}: {script}");
                let tokens = |env: &Value| env["GH_TOKEN"].is_string() && env["GH_ENTERPRISE_TOKEN"] == env["GH_TOKEN"];
                assert!(tokens(&step["env"]) || jobs.values().any(|job| tokens(&job["env"])), "{file}: {script}");
            }
            if step["name"] == "Install driftline" {
                // A file of the checkout cannot be taken for one of the release.
                assert_eq!(step["working-directory"], "${{ runner.temp }}", "{file}: {script}");
            }
            let Some(used) = step["uses"].as_str() else { continue };
            let (name, version) = used.split_once('@').expect("a version");
            if name == "OWNER/driftline" {
                continue;
            }
            let is_commit = version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit && text.contains(&format!("{used} # v")), "{file}: {used}");
            if name == "actions/checkout" {
                assert_eq!(step["with"]["persist-credentials"], false, "{file}: {step}");
                assert!(!step["with"]["ref"].to_string().contains("head"), "{file}: {step}");
            }
        }
        // The same action is the same version everywhere, also where it is commented out.
        for line in text.lines().filter(|line| line.contains("uses: ") && !line.contains("OWNER/driftline")) {
            let used = line.split_once("uses: ").expect("an action").1;
            assert!(
                WORKFLOWS.iter().all(|other| {
                    let name = used.split_once('@').expect("a version").0;
                    let other = published(other);
                    other
                        .lines()
                        .filter(|line| line.contains(&format!("uses: {name}@")))
                        .all(|line| line.ends_with(used))
                }),
                "{file}: {used}"
            );
        }
    }
}

/// The scripts that install driftline in the workflows that are given away, with their files.
#[cfg(unix)]
fn installations() -> Vec<(&'static str, Value)> {
    let mut found = Vec::new();
    for file in WORKFLOWS {
        let workflow: Value = serde_yaml::from_str(&published(file)).expect("YAML");
        let jobs = workflow["jobs"].as_object().expect("jobs").values();
        let steps = jobs.flat_map(|job| job["steps"].as_array().expect("steps"));
        found.extend(steps.filter(|step| step["name"] == "Install driftline").map(|step| (file, step.clone())));
    }
    found
}

/// Stands for curl: a release in a folder, addressed as on GitHub.
#[cfg(unix)]
const CURL: &str = r#"#!/usr/bin/env bash
set -eu
for url in "$@"; do :; done
case " $* " in *" --proto =https "*) ;; *) echo "not only https: $*" >&2; exit 2 ;; esac
echo "$url" >> "$STORE/urls"
cp "$STORE/release/${url#https://github.com/OWNER/driftline/releases/download/v"$VERSION"/}" . || exit 22
"#;

/// Stands for gh: verifies an attestation, unless a test has taken it away.
#[cfg(unix)]
const GH: &str = r#"#!/usr/bin/env bash
set -eu
echo "$*" >> "$STORE/gh"
[ -n "$GH_TOKEN" ] && [ ! -e "$STORE/unattested" ]
"#;

/// A release with an archive for this version, and the programs that download and verify it.
#[cfg(unix)]
fn release() -> tempfile::TempDir {
    let store = tempfile::tempdir().expect("a folder");
    let name = concat!("driftline-", env!("CARGO_PKG_VERSION"), "-x86_64-unknown-linux-musl");
    let pack = format!(
        "mkdir -p bin release temp {name} && printf '#!/bin/sh\\necho installed\\n' > {name}/driftline && chmod +x {name}/driftline \
         && tar -czf release/{name}.tar.gz {name} && cd release && echo 'some wheel' > some.whl && sha256sum * > SHA256SUMS"
    );
    let packed = std::process::Command::new("bash").args(["-ec", &pack]).current_dir(store.path()).status();
    assert!(packed.expect("bash runs").success());
    for (program, text) in [("curl", CURL), ("gh", GH)] {
        let path = store.path().join("bin").join(program);
        std::fs::write(&path, text).expect("a program");
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    }
    store
}

/// Runs an installation and then `driftline`, as the steps of a job; what was printed if all succeeds.
#[cfg(unix)]
fn install(store: &Path, step: &Value) -> Option<String> {
    let script = step["run"].as_str().expect("a script");
    let path = format!("{}:{}", store.join("bin").display(), std::env::var("PATH").expect("a path"));
    let mut command = std::process::Command::new("bash");
    // Without pipefail, as a runner starts it where no shell is named.
    command.args(["-e", "-c", script]).current_dir(store.join("temp")).env("PATH", &path).env("STORE", store);
    for (name, value) in step["env"].as_object().expect("variables") {
        let value = value.as_str().expect("a text");
        command.env(name, if value == "${{ github.token }}" { "hush" } else { value });
    }
    let ran = command.env("GITHUB_PATH", store.join("path")).output().expect("bash runs");
    let folder = std::fs::read_to_string(store.join("path")).ok().filter(|_| ran.status.success())?;
    let ran = std::process::Command::new(Path::new(folder.trim()).join("driftline")).output().expect("driftline runs");
    Some(String::from_utf8_lossy(&ran.stdout).into_owned())
}

#[cfg(unix)]
#[test]
fn each_workflow_installs_this_version_with_its_checksum_and_its_origin() {
    let installations = installations();
    assert_eq!(installations.len(), 6);
    for (file, step) in &installations {
        assert_eq!(step["env"]["VERSION"], env!("CARGO_PKG_VERSION"), "{file}");
        assert_eq!(step["run"], installations[0].1["run"], "{file}: all install it in the same way");
    }
    let step = &installations[0].1;
    let store = release();
    assert_eq!(install(store.path(), step).as_deref(), Some("installed\n"));
    let calls = std::fs::read_to_string(store.path().join("gh")).expect("a call");
    for part in [
        "attestation verify driftline-",
        "--repo OWNER/driftline ",
        concat!("--source-ref refs/tags/v", env!("CARGO_PKG_VERSION"), " "),
        "--signer-workflow OWNER/driftline/.github/workflows/release.yml --deny-self-hosted-runners",
    ] {
        assert!(calls.contains(part), "{calls}");
    }
    for spoil in [
        "touch unattested",
        "echo >> release/driftline-*.gz",
        "sed -i /driftline-/d release/SHA256SUMS",
        "rm release/SHA256SUMS",
        "rm release/driftline-*.gz",
        "echo '<html>' > release/SHA256SUMS",
    ] {
        let store = release();
        let spoiled = std::process::Command::new("bash").args(["-ec", spoil]).current_dir(store.path()).status();
        assert!(spoiled.expect("bash runs").success(), "{spoil}");
        assert_eq!(install(store.path(), step), None, "{spoil}");
    }
}

/// The job of the release workflow.
fn release_job(name: &str) -> Value {
    let workflow: Value = serde_yaml::from_str(&published(".github/workflows/release.yml")).expect("YAML");
    workflow["jobs"][name].clone()
}

#[test]
fn a_release_publishes_only_what_the_gate_has_passed_and_each_job_has_the_least_rights() {
    let workflow: Value = serde_yaml::from_str(&published(".github/workflows/release.yml")).expect("YAML");
    assert_eq!(workflow["permissions"], serde_json::json!({}));
    let rights = |name: &str| release_job(name)["permissions"].to_string();
    for (job, expected) in [
        ("version", r#"{"contents":"read"}"#),
        ("gate", r#"{"contents":"read"}"#),
        ("build", r#"{"contents":"read"}"#),
        ("attest", r#"{"attestations":"write","id-token":"write"}"#),
        ("draft", r#"{"contents":"write"}"#),
        ("images", r#"{"attestations":"write","id-token":"write","packages":"write"}"#),
        ("pypi", r#"{"id-token":"write"}"#),
        ("publish", r#"{"contents":"write"}"#),
    ] {
        assert_eq!(rights(job), expected, "{job}");
    }
    assert_eq!(workflow["jobs"].as_object().expect("jobs").len(), 8, "each job is in the table above");
    // Whoever may push a tag alone can neither sign nor publish with the identity of this workflow.
    for job in ["attest", "images"] {
        assert_eq!(release_job(job)["environment"], "release", "{job}");
    }
    assert_eq!(release_job("pypi")["environment"]["name"], "pypi");
    // Each needs the one before it, and all need the gate, the build and the version.
    assert_eq!(release_job("attest")["needs"], serde_json::json!(["gate", "build"]));
    for (job, needed) in
        [("gate", "version"), ("build", "version"), ("draft", "attest"), ("images", "draft"), ("pypi", "images")]
    {
        assert_eq!(release_job(job)["needs"], needed, "{job}");
    }
    assert_eq!(release_job("publish")["needs"], "pypi");
    let published = published(".github/workflows/release.yml");
    assert!(!published.contains("cache@") && !published.contains("rust-cache"), "nothing of another run gets in");
}

/// Runs a script in a folder; the exit code, and everything that it prints.
#[cfg(unix)]
fn bash(folder: &Path, script: &str) -> (i32, String) {
    let output = std::process::Command::new("bash").args(["-ec", script]).current_dir(folder).output();
    let output = output.expect("bash runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("a code"), String::from_utf8_lossy(&text).into_owned())
}

#[cfg(unix)]
#[test]
fn a_release_is_refused_until_owner_version_and_change_log_are_right() {
    // In two parts, because the program under test would replace it here.
    let placeholder = concat!("OWN", "ER/driftline");
    let folder = tempfile::tempdir().expect("a folder");
    let source = env!("CARGO_MANIFEST_DIR");
    let run = |script: &str| bash(folder.path(), script);
    let prepare = format!(
        "git init -q && mkdir packaging docs && cp {source}/packaging/set-owner {source}/packaging/check-release packaging
         printf '[workspace.package]\\nversion = \"1.2.3\"\\n[package]\\nversion = \"9.9.9\"\\nrepository = \"https://github.com/{placeholder}\"\\n' > Cargo.toml
         printf '# Changelog\\n\\n## Unreleased\\n' > CHANGELOG.md
         printf 'Maintainer: <%sER@users.noreply.github.com>\\n' OWN > control
         printf 'image: ghcr.io/{placeholder}:1.2.3 of {placeholder}, OWNER/NAME\\n\\n' > docs/a.md && ln -s a.md docs/b.md"
    );
    assert_eq!(run(&prepare).0, 0);
    let (code, text) = run("packaging/check-release v1.2.3 Acme-Co/driftline");
    assert!(code == 1 && text.contains("docs/a.md:1:") && text.contains("run: packaging/set-owner NAME"), "{text}");
    for name in ["", "''", "--", "a/b", "-a", "a-", "a--b", "'a b'", "'$(touch owned)'", "'a,g;e'", "a&", "../a"] {
        let name = name.replace('&', "\\&");
        let (code, text) = run(&format!("packaging/set-owner {name}"));
        assert_eq!(code, 2, "{name}: {text}");
    }
    assert_eq!(run("packaging/set-owner Acme-Co"), (0, "Cargo.toml\ncontrol\ndocs/a.md\n".to_owned()));
    let page = std::fs::read_to_string(folder.path().join("docs/a.md")).expect("a page");
    assert_eq!(page, "image: ghcr.io/acme-co/driftline:1.2.3 of Acme-Co/driftline, OWNER/NAME\n\n");
    assert_eq!(run("cat control").1, "Maintainer: <Acme-Co@users.noreply.github.com>\n");
    assert_eq!(run("packaging/set-owner --check && test -L docs/b.md"), (0, String::new()));
    let (code, text) = run("packaging/check-release v1.2.3 Acme-Co/driftline");
    assert!(code == 1 && text.contains("no section '## 1.2.3 - YYYY-MM-DD'"), "{text}");
    assert_eq!(run("sed -i 's/^## Unreleased$/## 1.2.3 - 2026-12-01/' CHANGELOG.md").0, 0);
    for (arguments, message) in [
        ("v1.2.4 Acme-Co/driftline", "the tag is v1.2.4, and the version in Cargo.toml is 1.2.3"),
        ("1.2.3 Acme-Co/driftline", "the tag is 1.2.3"),
        ("v1.2.3 someone/driftline", "the repository in Cargo.toml is not https://github.com/someone/driftline"),
    ] {
        let (code, text) = run(&format!("packaging/check-release {arguments}"));
        assert!(code == 1 && text.contains(message), "{arguments}: {text}");
    }
    assert_eq!(run("packaging/check-release v1.2.3 Acme-Co/driftline"), (0, String::new()));
    let (code, text) =
        run("echo 'It is not published yet.' > README.md; packaging/check-release v1.2.3 Acme-Co/driftline");
    assert!(code == 1 && text.contains("README.md:1:It is not published yet."), "{text}");
}

#[test]
fn files_that_name_a_release_name_this_version() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for folder in ["README.md", "action.yml", "ci", "docs", "examples", "packaging", "src/cli/starter"] {
        for path in files_below(&root.join(folder)) {
            // A picture is no text.
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            for before in
                ["/driftline@v", "/driftline:", "driftline==", "driftline-", "driftline_", "/releases/download/v"]
            {
                for (start, _) in text.match_indices(before) {
                    let named = &text[start + before.len()..];
                    if named.starts_with(|first: char| first.is_ascii_digit()) {
                        assert!(
                            named.starts_with(env!("CARGO_PKG_VERSION")),
                            "{}: {before}{:.40}",
                            path.display(),
                            named
                        );
                        seen += 1;
                    }
                }
            }
        }
    }
    assert!(seen >= 2, "examples/ci/github.yml names one twice, but {seen} are seen");
}

#[test]
fn cargo_binstall_looks_for_the_archive_that_a_release_has() {
    let cargo = toml(&published("Cargo.toml"));
    let package = &cargo["package"];
    let metadata = &package["metadata"]["binstall"];
    let filled = |key: &str| {
        let values = [
            ("repo", package["repository"].as_str().expect("a repository")),
            ("name", "driftline"),
            ("bin", "driftline"),
            ("version", env!("CARGO_PKG_VERSION")),
            ("target", "x86_64-unknown-linux-musl"),
            ("archive-suffix", ".tar.gz"),
            ("binary-ext", ""),
        ];
        let template = metadata[key].as_str().expect("a template").to_owned();
        values.iter().fold(template, |text, (name, value)| text.replace(&format!("{{ {name} }}"), value))
    };
    let name = concat!("driftline-", env!("CARGO_PKG_VERSION"), "-x86_64-unknown-linux-musl");
    let releases = concat!("https://github.com/OWNER/driftline/releases/download/v", env!("CARGO_PKG_VERSION"));
    assert_eq!(filled("pkg-url"), format!("{releases}/{name}.tar.gz"));
    assert_eq!(filled("bin-dir"), format!("{name}/driftline"));
    assert_eq!(metadata["pkg-fmt"], "tgz");
}

/// Stands for gh and skopeo in a release: writes down what is asked for, and a digest where one is wanted.
#[cfg(unix)]
const PUBLISHER: &str = r#"#!/usr/bin/env bash
set -eu
echo "$(basename "$0") $*" >> "$STORE/calls"
case "$*" in *--password-stdin*) test "$(cat)" = hush ;; esac
digest=""
for word in "$@"; do
  case "$digest $word" in "next "*) echo "sha256:of ${!#}" | tr ' ' - > "$word" ;; esac
  if [ "$word" = --digestfile ]; then digest=next; else digest=""; fi
done
"#;

#[cfg(unix)]
#[test]
fn the_scripts_of_a_release_publish_the_files_whose_checksums_are_right() {
    let store = release();
    let prepare = "mkdir work work/packages home && cd work/packages && touch driftline-1.2.3-image.tar driftline-1.2.3-ci-image.tar \
                   driftline-1.2.3-x.whl && sha256sum * > SHA256SUMS";
    assert_eq!(bash(store.path(), prepare).0, 0);
    for program in ["gh", "skopeo"] {
        let path = store.path().join("bin").join(program);
        std::fs::write(&path, PUBLISHER).expect("a program");
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    }
    let path = format!("{}:{}", store.path().join("bin").display(), std::env::var("PATH").expect("a path"));
    let run = |job: &str| {
        let job = release_job(job);
        let mut succeeds = true;
        for script in job["steps"].as_array().expect("steps").iter().filter_map(|step| step["run"].as_str()) {
            let mut command = std::process::Command::new("bash");
            command.args(["-e", "-c", script]).current_dir(store.path().join("work")).env("PATH", &path);
            command.env("STORE", store.path()).env("HOME", store.path().join("home"));
            command.env("RUNNER_TEMP", store.path().join("temp")).env("GITHUB_OUTPUT", store.path().join("output"));
            command.env("GITHUB_SERVER_URL", "https://github.com").env("GITHUB_REPOSITORY", "Acme-Co/driftline");
            command.env("GITHUB_REF_NAME", "v1.2.3").env("GITHUB_ACTOR", "someone").env("TOKEN", "hush");
            succeeds &= command.env("GH_TOKEN", "hush").status().expect("bash runs").success();
        }
        succeeds
    };
    for job in ["draft", "images", "pypi", "publish"] {
        assert!(run(job), "{job}");
    }
    let read = |name: &str| std::fs::read_to_string(store.path().join(name)).expect("a file");
    let calls = read("calls");
    for call in [
        "gh release create v1.2.3 --repo Acme-Co/driftline --verify-tag --draft --title driftline 1.2.3 --notes ",
        " -- SHA256SUMS driftline-1.2.3-ci-image.tar driftline-1.2.3-image.tar driftline-1.2.3-x.whl\n",
        "oci-archive:packages/driftline-1.2.3-image.tar docker://ghcr.io/acme-co/driftline:1.2.3\n",
        "oci-archive:packages/driftline-1.2.3-ci-image.tar docker://ghcr.io/acme-co/driftline:1.2.3-ci\n",
        "gh release edit v1.2.3 --repo Acme-Co/driftline --draft=false\n",
    ] {
        assert!(calls.contains(call), "{call}\n{calls}");
    }
    assert_eq!(
        read("output"),
        "image=sha256:of-docker://ghcr.io/acme-co/driftline:1.2.3\n\
         ci-image=sha256:of-docker://ghcr.io/acme-co/driftline:1.2.3-ci\nname=ghcr.io/acme-co/driftline\n"
    );
    assert_eq!(files_below(&store.path().join("work/dist")).len(), 1);
    // A file that was altered on the way is not published.
    assert_eq!(bash(store.path(), "echo >> work/packages/driftline-1.2.3-image.tar; rm calls; rm -r work/dist").0, 0);
    for job in ["draft", "images", "pypi"] {
        assert!(!run(job), "{job}");
    }
    assert!(!store.path().join("calls").exists());
}
