//! The GitHub Action with the archive of a release: what it takes for one, and what it makes of an archive that is not what it should be.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::action::{CARGO, DRIFT, Job};

pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
pub(super) const NAME: &str = concat!("driftline-", env!("CARGO_PKG_VERSION"), "-x86_64-unknown-linux-musl");

/// Stands for curl on the internet: a file is in the folder of its server and path, and every call is written down.
const CURL: &str = r#"#!/usr/bin/env bash
set -eu
for url in "$@"; do :; done
echo "$url" >> "$STORE/urls"
{ echo "$*"; env; } >> "$STORE/curl"
case " $* " in *" --globoff --proto =https "*) ;; *) echo "not only https, or not as it is written" >&2; exit 2 ;; esac
while [ "$1" != --output ]; do shift; done
[ ! -e "$STORE/unreachable" ] || { echo "curl: (28) Connection timed out" >&2; printf 000; exit 28; }
[ ! -e "$STORE/status" ] || { status="$(cat "$STORE/status")"; echo "curl: (22) error: $status" >&2; printf '%s' "$status"; exit 22; }
cp "$STORE/internet/${url#https://}" "$2" 2> /dev/null || { printf 404; exit 22; }
"#;

/// A job and the releases that it can reach, with one for this version.
pub(super) struct Release {
    pub(super) job: Job,
    cache: String,
    pub(super) releases: String,
}

impl Release {
    /// In a folder that the job reaches by its path.
    pub(super) fn new() -> Self {
        let job = Job::new(DRIFT);
        // Large programs take long to pack: this one runs the one under test.
        let program = format!(
            "#!/bin/sh\n[ \"$1\" = --version ] && exec echo driftline {VERSION}\nexec '{}' \"$@\"\n",
            env!("CARGO_BIN_EXE_driftline")
        );
        let program = job.write_outside(&format!("pack/{NAME}/driftline"), &program);
        let outside = program.ancestors().nth(3).expect("a folder").to_path_buf();
        let release = Self {
            cache: outside.join("cache").display().to_string(),
            releases: format!("file://{}", outside.join("releases").display()),
            job,
        };
        release.outside(&format!(
            "mkdir -p releases/v{VERSION} && tar -czf releases/v{VERSION}/{NAME}.tar.gz -C pack {NAME}
             cd releases/v{VERSION} && echo wheel > some.whl && sha256sum * > SHA256SUMS"
        ));
        release
    }

    /// At a URL below which curl finds it, as the release of the action's own repository.
    pub(super) fn at(server_and_repository: &str) -> Self {
        let release = Self::new();
        release.job.program("bin/curl", CURL);
        let store = release.job.path("store");
        release.outside(&format!(
            "mkdir -p {0}/internet/{server_and_repository}/releases && cp -r releases {0}/internet/{server_and_repository}/releases/download",
            store.display()
        ));
        release
    }

    /// Runs a script outside the checkout.
    pub(super) fn outside(&self, script: &str) {
        let folder = Path::new(&self.cache).parent().expect("a folder");
        let status = Command::new("bash").args(["-ec", script]).current_dir(folder).status().expect("bash runs");
        assert!(status.success(), "{script}");
    }

    /// Runs the action with inputs, and with the releases in the folder.
    pub(super) fn run(&self, inputs: &[(&str, &str)]) -> (i32, String) {
        self.run_with(inputs, &[("DRIFTLINE_RELEASES", &self.releases)])
    }

    pub(super) fn run_with(&self, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> (i32, String) {
        let source = env!("CARGO_MANIFEST_DIR");
        let own = [("BINARY", ""), ("SOURCE", source), ("REPOSITORY", "an-owner/driftline")];
        let inputs: Vec<(&str, &str)> = own.iter().chain(inputs).copied().collect();
        let variables: Vec<(&str, &str)> =
            [("RUNNER_TOOL_CACHE", self.cache.as_str())].iter().chain(variables).copied().collect();
        let (code, log, _) = self.job.run_with(&inputs, &variables);
        (code, log)
    }

    fn checksum(&self) -> String {
        let sums =
            fs::read_to_string(self.releases.trim_start_matches("file://").to_owned() + "/v" + VERSION + "/SHA256SUMS");
        let sums = sums.expect("checksums");
        sums.lines().find_map(|line| line.strip_suffix(&format!("  {NAME}.tar.gz"))).expect("a checksum").to_owned()
    }
}

/// That the run failed with a message, and that nothing of the archive and no cargo was run.
#[track_caller]
pub(super) fn refused((code, log): (i32, String), message: &str) {
    assert!(code == 1 && log.contains(message), "{message}:\n{log}");
    assert!(!log.contains("us-east-1") && !log.contains("building"), "{log}");
}

#[test]
fn a_release_is_installed_and_verified_and_kept_for_later_jobs() {
    let release = Release::new();
    let (code, log) = release.run(&[]);
    assert_eq!(code, 2, "{log}");
    assert!(log.contains("✗ us-east-1"), "{log}");
    assert!(log.contains(&format!("{NAME}.tar.gz is from file:///")), "{log}");
    assert!(log.contains("the attestation is not verified: it is from a mirror"), "{log}");
    // A mirror may leave out the last line break.
    release.outside(&format!("cd releases/v{VERSION}; sed -i /whl/d SHA256SUMS; truncate -s -1 SHA256SUMS"));
    assert_eq!(release.run(&[]).0, 2);
    // The archive is gone from there, but not from the cache.
    release.outside(&format!("rm releases/v{VERSION}/{NAME}.tar.gz"));
    for version in ["", VERSION, &format!("v{VERSION}")] {
        let (code, log) = release.run(&[("VERSION", version)]);
        assert_eq!(code, 2, "{log}");
        assert!(log.contains(&format!("{NAME}.tar.gz is from the tool cache")), "{log}");
    }
    // The input is for those who cannot set a variable.
    let (code, log) = release.run_with(&[("RELEASES", &release.releases)], &[]);
    assert_eq!(code, 2, "{log}");
}

#[test]
fn a_cached_archive_is_verified_again_on_each_use() {
    let release = Release::new();
    assert_eq!(release.run(&[]).0, 2);
    let tamper = "for file in $(find cache -type f); do echo evil >> $file; done";
    release.outside(tamper);
    let (code, log) = release.run(&[]);
    assert_eq!(code, 2, "{log}");
    assert!(log.contains("in the tool cache has another checksum; it is downloaded again"), "{log}");
    assert!(log.contains(&format!("{NAME}.tar.gz is from file:///")), "{log}");
    let (_, log) = release.run(&[]);
    assert!(log.contains("is from the tool cache"), "the good one is in the cache now: {log}");
    // A cache in the checkout is no cache.
    let cache = release.job.path("cache").display().to_string();
    fs::create_dir_all(&cache).expect("a folder");
    let variables = [("RUNNER_TOOL_CACHE", cache.as_str()), ("DRIFTLINE_RELEASES", &release.releases)];
    assert_eq!(release.run_with(&[], &variables).0, 2);
    assert_eq!(fs::read_dir(&cache).expect("a folder").count(), 0);
}

#[test]
fn an_archive_with_another_checksum_is_never_used_and_nothing_is_built_in_its_place() {
    let mismatch = "does not have the checksum that SHA256SUMS names";
    let release = Release::new();
    release.outside(&format!("echo evil >> releases/v{VERSION}/{NAME}.tar.gz"));
    refused(release.run(&[]), mismatch);
    let release = Release::new();
    let wrong = "0".repeat(64);
    refused(release.run(&[("CHECKSUM", &wrong)]), "the input checksum is 000");
    for checksum in ["sha256:abc", "abc", &"g".repeat(64)] {
        refused(
            release.run(&[("CHECKSUM", checksum)]),
            "checksum is the SHA-256 of the archive, 64 hexadecimal digits",
        );
    }
    let sums = format!("releases/v{VERSION}/SHA256SUMS");
    release.outside(&format!("echo '{wrong}  {NAME}.tar.gz' >> {sums}"));
    refused(release.run(&[]), "names two checksums for");
}

#[test]
fn a_pinned_archive_is_used_from_the_cache_without_the_network() {
    let release = Release::new();
    let checksum = release.checksum();
    let (code, log) = release.run(&[("CHECKSUM", &checksum.to_uppercase())]);
    assert_eq!(code, 2, "{log}");
    assert!(log.contains("not verified: the input checksum pins it"), "{log}");
    release.outside("rm -r releases");
    let (code, log) = release.run(&[("CHECKSUM", &checksum)]);
    assert!(code == 2 && log.contains("is from the tool cache"), "{log}");
    release.outside("rm -r cache");
    refused(release.run(&[("CHECKSUM", &checksum)]), "the input checksum pins an archive, so nothing is built");
}

#[test]
fn an_archive_reaches_nothing_outside_its_folder() {
    for (pack, message) in [
        ("tar -P --transform 's,README,../../evil,' -czf OUT -C pack NAME", "has a path outside of driftline-"),
        ("tar -P --transform 's,NAME/README,/evil,' -czf OUT -C pack NAME", "has a path outside of driftline-"),
        (
            "rm pack/NAME/driftline && ln -s /bin/true pack/NAME/driftline && tar -czf OUT -C pack NAME",
            "has no program as",
        ),
        ("rm pack/NAME/driftline && tar -czf OUT -C pack NAME", "has no driftline-"),
        ("echo text > OUT", "is not an archive"),
        (
            "printf '#!/bin/sh\\necho driftline 9.9.9\\n' > pack/NAME/driftline && tar -czf OUT -C pack NAME",
            "has another version",
        ),
        ("printf '#!/nowhere\\n' > pack/NAME/driftline && tar -czf OUT -C pack NAME", "does not run on this machine"),
    ] {
        let release = Release::new();
        let out = format!("releases/v{VERSION}/{NAME}.tar.gz");
        let pack = pack.replace("OUT", &out).replace("NAME", NAME);
        release.outside(&format!(
            "echo hello > pack/{NAME}/README; {pack}; cd releases/v{VERSION}; sha256sum *.gz > SHA256SUMS"
        ));
        refused(release.run(&[]), message);
        release.outside("test ! -e evil && test ! -e ../evil && test ! -e /evil && test ! -e cache");
    }
}

#[test]
fn a_version_is_one_of_a_release_and_no_path() {
    let release = Release::new();
    for version in [
        "..",
        ".",
        "latest",
        "0.1",
        "1.2.3/../0.1.0",
        "../v0.1.0",
        "0.1.0/",
        "0.1.0 ",
        "$(id)",
        "-1.2.3",
        "0.1.0-",
        "0.1.0\n0.1.0",
    ] {
        refused(release.run(&[("VERSION", version)]), "version is that of a release, such as 0.1.0; not");
    }
    let (code, log) = release.run(&[("VERSION", "1\n::add-mask::a")]);
    assert!(code == 1 && !log.contains("\n::"), "no line is a command for the runner: {log}");
    for repository in ["..", "a/..", "a/b/c", "a", "a/b?c", "../b"] {
        refused(release.run(&[("REPOSITORY", repository)]), "the action's repository is no OWNER/NAME");
    }
    for releases in ["http://mirror.example.com", "/srv/releases", "file://host/releases", "-o x", "https://"] {
        refused(release.run(&[("RELEASES", releases)]), "releases are at https://… or file:///…, not at");
    }
}

#[test]
fn the_source_is_built_only_where_there_is_no_release_for_it() {
    let build = |release: &Release| {
        let cargo = release.job.write_outside("tools/cargo", CARGO);
        let tools = cargo.parent().expect("a folder").display();
        let path = format!("{tools}:{}:{}", release.job.path("bin").display(), std::env::var("PATH").expect("a path"));
        let program = ("BUILT", env!("CARGO_BIN_EXE_driftline"));
        release.run_with(&[], &[("PATH", &path), program, ("DRIFTLINE_RELEASES", &release.releases)])
    };
    let notice = "driftline is built from the action's source, which takes some minutes";
    for (spoil, why) in [
        ("rm -r releases", format!("there is no release {VERSION} at file:///")),
        (&format!("rm releases/v{VERSION}/{NAME}.tar.gz"), format!("the release {VERSION} has no file {NAME}.tar.gz")),
        (
            &format!("sed -i /musl/d releases/v{VERSION}/SHA256SUMS"),
            format!("the release {VERSION} has no archive for Linux on x86_64"),
        ),
    ] {
        let release = Release::new();
        release.outside(spoil);
        let (code, log) = build(&release);
        assert_eq!(code, 2, "{log}");
        assert!(log.contains(&format!("driftline action: {why}")) && log.contains(notice), "{spoil}:\n{log}");
    }
    let release = Release::new();
    release.job.program("bin/uname", "#!/bin/sh\n[ \"$1\" = -s ] && echo Darwin || echo arm64\n");
    let (code, log) = build(&release);
    assert!(
        code == 2 && log.contains("no release has an archive for Darwin on arm64") && log.contains(notice),
        "{log}"
    );
    // Another version than the source cannot be built from it.
    refused(release.run(&[("VERSION", "9.9.9")]), "the action's source is another version");
    let release = Release::at("github.com/an-owner/driftline");
    release.job.write("store/unreachable", "");
    refused(release.run_with(&[], &[]), "could not be downloaded: curl: (28) Connection timed out");
}

#[test]
fn releases_are_those_of_the_actions_repository_on_its_server() {
    for (server, host) in
        [("", "github.com"), ("https://github.com", "github.com"), ("https://Git.Example.com/", "git.example.com")]
    {
        let release = Release::at(&format!("{host}/an-owner/driftline"));
        let (code, log) = release.run_with(&[], &[("GITHUB_SERVER_URL", server)]);
        assert_eq!(code, 2, "{log}");
        let base = format!("https://{host}/an-owner/driftline/releases/download/v{VERSION}");
        assert_eq!(release.job.read("store/urls"), format!("{base}/SHA256SUMS\n{base}/{NAME}.tar.gz\n"));
        assert!(!release.job.read("store/curl").contains("hush"), "curl gets no token");
        let calls = release.job.read("store/calls");
        if host == "github.com" {
            for part in [
                format!("attestation verify {}", release.job.path("temp").display()),
                format!("{NAME}.tar.gz --repo an-owner/driftline --source-ref refs/tags/v{VERSION} "),
                "--signer-workflow an-owner/driftline/.github/workflows/release.yml --deny-self-hosted-runners\n"
                    .to_owned(),
            ] {
                assert!(calls.contains(&part), "{part}:\n{calls}");
            }
            assert!(log.contains("built it from v") && log.contains("as its attestation says"), "{log}");
        } else {
            assert!(log.contains("not verified: git.example.com has no attestations"), "{log}");
        }
    }
    // Some runners do not tell the repository of a composite action, but the folder of the action has its name.
    let release = Release::at("github.com/an-owner/driftline");
    release.outside("mkdir -p _actions/an-owner/driftline");
    let source = release.job.write_outside("_actions/an-owner/driftline/v1/Cargo.toml", "");
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), &source).expect("a copy");
    let source = source.parent().expect("a folder").display().to_string();
    let (code, log) = release.run_with(&[("REPOSITORY", ""), ("SOURCE", &source)], &[]);
    assert_eq!(code, 2, "{log}");
}

#[test]
fn an_archive_that_the_release_workflow_did_not_build_is_refused() {
    let release = Release::at("github.com/an-owner/driftline");
    release.job.write("store/unattested", "");
    refused(release.run_with(&[], &[]), "has no valid attestation by release.yml of an-owner/driftline");
    release.outside("test ! -e cache");
    // Where it cannot be verified, the log says so.
    release.job.write("store/old-gh", "");
    let (code, log) = release.run_with(&[], &[]);
    assert!(code == 2 && log.contains("not verified: gh with attestations is not installed"), "{log}");
    let (code, log) = release.run_with(&[("TOKEN", "")], &[]);
    assert!(code == 2 && log.contains("not verified: there is no token"), "{log}");
}

#[test]
fn a_server_where_nobody_is_anonymous_gives_its_releases_to_gh() {
    // Both files are there for gh. Without it, the first is missing, or is the page for the login.
    for page in ["", "<html>log in</html>\n"] {
        let release = Release::at("git.example.com/an-owner/driftline");
        let store = release.job.path("store").display().to_string();
        let folder = format!("{store}/internet/git.example.com/an-owner/driftline/releases/download/v{VERSION}");
        release.outside(&format!("mv {folder} {store}/private && mkdir {folder}"));
        if !page.is_empty() {
            release.outside(&format!("echo '{page}' > {folder}/SHA256SUMS"));
        }
        let (code, log) = release.run_with(&[], &[("GITHUB_SERVER_URL", "https://git.example.com")]);
        assert_eq!(code, 2, "{log}");
        let calls = release.job.read("store/calls");
        assert_eq!(calls.matches("release download").count(), 2, "{calls}");
        assert!(release.job.read("store/hosts").lines().all(|line| line.starts_with("git.example.com in ")));
    }
    // Where each request leads to the login, the page is taken neither for checksums nor for the archive.
    let release = Release::at("git.example.com/an-owner/driftline");
    let store = release.job.path("store").display().to_string();
    let folder = format!("{store}/internet/git.example.com/an-owner/driftline/releases/download/v{VERSION}");
    release
        .outside(&format!("cp -r {folder} {store}/private && for file in {folder}/*; do echo '<html>' > $file; done"));
    let server = ("GITHUB_SERVER_URL", "https://git.example.com");
    let (code, log) = release.run_with(&[], &[server]);
    assert_eq!(code, 2, "{log}");
    // The log has what gh says, because the page says nothing.
    release.outside(&format!("rm -r {store}/private cache"));
    let checksum = "0".repeat(64);
    refused(release.run_with(&[("CHECKSUM", &checksum)], &[server]), "and gh cannot get it: cp: cannot stat");
    // A mirror is another server, and gets no token.
    let release = Release::new();
    release.outside(&format!("rm -r releases/v{VERSION}"));
    refused(release.run(&[("CHECKSUM", &checksum)]), "there is no release");
    assert!(!release.job.path("store/calls").exists());
}

#[test]
fn the_checkout_has_no_say_in_what_is_downloaded() {
    let release = Release::new();
    let owned = release.job.path("store/owned").display().to_string();
    // The home folder of the job is the checkout here.
    release.job.write(".curlrc", &format!("trace = \"{owned}\"\n"));
    release.job.write("Cargo.toml", "[workspace.package]\nversion = \"9.9.9\"\n");
    for program in ["curl", "tar", "sha256sum", "uname", "driftline"] {
        release.job.program(program, "#!/bin/sh\n: > \"$STORE/owned\"\nexit 1\n");
    }
    let path = format!(".::{}", std::env::var("PATH").expect("a path"));
    let (code, log) = release.run_with(&[], &[("PATH", &path), ("DRIFTLINE_RELEASES", &release.releases)]);
    assert_eq!(code, 2, "{log}");
    assert!(!release.job.path("store/owned").exists(), "{log}");
    // An action in the checkout would choose the version, too.
    let checkout = release.job.path("").display().to_string();
    refused(release.run(&[("SOURCE", &checkout)]), "the action lies in the checkout");
    assert_eq!(release.run(&[("SOURCE", &checkout), ("VERSION", VERSION)]).0, 2);
}
