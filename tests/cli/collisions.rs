//! What a run writes is nothing that it reads, writes elsewhere, or keeps for itself, however it is named.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::output_files;
use crate::support::{Ran, Site, files_below, policy};

/// The name of a file of an ASFF report.
const ASFF: &str = "findings/111122223333.eu-west-1.001.asff.json";

fn site() -> Site {
    output_files::site()
        .file("policies/x.yaml", policy(["regions: [eu-west-1], status: PAUSED"]))
        .file("world.yaml", output_files::world().to_string())
}

/// That none of these runs asks anybody or changes anything.
fn all_refused(site: &Site, runs: &[(&[&str], &str)]) {
    let tree = || -> Vec<_> {
        let files = files_below(&site.program.path("")).into_iter();
        files.map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
    };
    let before = (site.simulation.calls(), tree());
    for (arguments, why) in runs {
        site.run(arguments, 1).says(why).says("fix: ");
    }
    assert_eq!((site.simulation.calls(), tree()), before, "nobody was asked, and nothing changed");
}

#[test]
fn an_inventory_is_not_written_over_settings_and_policies() {
    let site = site();
    let site = site.file("c.toml", "[inventory]\nregions = [\"eu-west-1\"]\n");
    symlink("policies/x.yaml", site.program.path("link")).expect("a link");
    all_refused(
        &site,
        &[
            (&["inventory", "--out", "driftline.toml"], "driftline.toml cannot be overwritten: this run reads it"),
            (&["inventory", "--config", "c.toml", "--out", "./c.toml"], "./c.toml cannot be overwritten"),
            (&["inventory", "--out", "policies/x.yaml"], "policies/x.yaml cannot be overwritten: it is a policy"),
            (&["inventory", "--out", "link"], "link cannot be overwritten: it is a policy of driftline.toml"),
            // Nor does a run that reads other policies.
            (&["check", "a.yaml", "--report", "json=policies/x.yaml"], "it is a policy of driftline.toml"),
            (&["snapshot", "a.yaml", "--out", "policies/x.yaml"], "it is a policy of driftline.toml"),
        ],
    );
    // The inventory of the settings is what this command makes.
    let site = site.file("driftline.toml", "[inventory]\naccounts = \"accounts.json\"\n");
    for _ in 0..2 {
        site.run(&["inventory", "--out", "accounts.json"], 0);
    }
}

fn with_github(site: &Site, summary: &str, outputs: &str, more: &[&str], exit: i32) -> Ran {
    let mut command = site.program.command();
    command.args(["check", "a.yaml", "--report", "github"]).args(more);
    let output = command.env("GITHUB_STEP_SUMMARY", summary).env("GITHUB_OUTPUT", outputs).output();
    site.program.assert_exit(&output.expect("the program runs"), exit)
}

#[test]
fn the_files_of_github_stand_apart_from_all_others() {
    let site = site();
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 2);
    fs::hard_link(site.program.path("a.yaml"), site.program.path("hard")).expect("a link");
    symlink("a.yaml", site.program.path("link")).expect("a link");
    let asked = site.simulation.calls();
    for (file, more) in [
        ("a.yaml", &[][..]),
        ("hard", &[]),
        ("link", &[]),
        ("driftline.toml", &[]),
        ("policies/x.yaml", &[]),
        ("world.yaml", &["--simulate", "world.yaml"]),
        ("last.json", &["--only-unread", "last.json"]),
        ("last.json", &["--since", "last.json"]),
        ("last.json.lock", &["--since", "last.json"]),
        ("report.json", &["--report", "json=./report.json"]),
        (ASFF, &["--report", "asff=findings"]),
    ] {
        fs::create_dir_all(site.program.path("findings")).expect("a folder");
        let content = || fs::read(site.program.path(file)).ok();
        let before = content();
        with_github(&site, file, "outputs", more, 1).says(file).says("fix: ");
        with_github(&site, "summary", file, more, 1).says(file).says("fix: ");
        assert_eq!(content(), before, "{file}");
    }
    with_github(&site, "both", "both", &[], 1).says("two reports have the same destination: both");
    assert_eq!(site.simulation.calls(), asked, "nobody was asked");
    with_github(&site, "/dev/null", "/dev/null", &[], 2);
    with_github(&site, "summary", "outputs", &["--report", "json=report.json"], 2);
    // Without a report for GitHub, nothing is written there.
    let mut command = site.program.command();
    let output = command.args(["check", "a.yaml"]).env("GITHUB_OUTPUT", "a.yaml").output();
    site.program.assert_exit(&output.expect("the program runs"), 2);
}

#[test]
fn a_file_has_one_lock_by_whichever_link_it_is_named() {
    let site = site().file("data/.keep", "");
    symlink("data/last.json", site.program.path("link.json")).expect("a link");
    site.run(&["check", "a.yaml", "--since", "link.json"], 2);
    assert!(site.program.path("data/last.json.lock").is_file() && !site.program.path("link.json.lock").exists());
    let lock = fs::File::open(site.program.path("data/last.json.lock")).expect("a file");
    lock.lock().expect("nobody has it");
    for file in ["link.json", "data/last.json", "./data/../link.json"] {
        site.run(&["check", "a.yaml", "--since", file], 1).says("data/last.json.lock");
    }
    lock.unlock().expect("it was held");
    site.run(&["check", "a.yaml", "--since", "link.json", "--report", "csv=data/last.json.lock"], 1)
        .says("it is the lock file");
}

#[test]
fn nothing_that_a_folder_of_findings_takes_is_read_or_written_beside_it() {
    let site = site().file("findings/.keep", "");
    site.run(&["check", "a.yaml", "--report", "json=last.json"], 2);
    fs::rename(site.program.path("last.json"), site.program.path(ASFF)).expect("it can be moved");
    symlink(ASFF, site.program.path("link.json")).expect("a link");
    symlink("../a.yaml", site.program.path("findings/111122223333.eu-west-2.001.asff.json")).expect("a link");
    symlink("findings", site.program.path("f")).expect("a link");
    let asff = format!("json={ASFF}");
    all_refused(
        &site,
        &[
            (&["check", "a.yaml", "--report", "asff=findings"], "findings cannot be overwritten: this run reads it"),
            (&["report", "link.json", "--report", "asff=findings"], "findings cannot be overwritten"),
            (&["report", "link.json", "--report", "asff=f"], "f cannot be overwritten"),
        ],
    );
    fs::remove_file(site.program.path("findings/111122223333.eu-west-2.001.asff.json")).expect("it can be removed");
    all_refused(
        &site,
        &[
            (&["check", "a.yaml", "--only-unread", "link.json", "--report", "asff=findings"], "findings cannot be"),
            (
                &["check", "a.yaml", "--report", "asff=findings", "--report", &asff],
                "two reports have the same destination:",
            ),
            (&["check", "a.yaml", "--report", &asff, "--report", "asff=f"], "two reports have the same destination:"),
            (
                &["check", "a.yaml", "--since", ASFF, "--report", "asff=findings"],
                "two reports have the same destination:",
            ),
        ],
    );
    site.run(&["check", "a.yaml", "--report", "asff=findings", "--report", "json=findings/report.json"], 2);
}

#[test]
fn the_certificates_of_a_profile_are_not_written_over() {
    let site = site().file("ca.pem", "not read before").file("config", "[default]\nca_bundle = ca.pem\n");
    for arguments in [
        &["check", "a.yaml", "--report", "json=ca.pem"][..],
        &["plan", "a.yaml", "--out", "ca.pem"],
        &["inventory", "--out", "ca.pem"],
    ] {
        let output = site.program.command().args(arguments).env("AWS_CONFIG_FILE", "config").output();
        site.program.assert_exit(&output.expect("the program runs"), 1).says("ca.pem cannot be overwritten");
    }
    assert_eq!(site.program.read("ca.pem"), "not read before");
}

#[test]
fn a_folder_that_is_mounted_twice_is_one() {
    let site = site().file("one/.keep", "").file("two/.keep", "");
    let mount = "mount --bind one two || exit 77; exec \"$0\" \"$@\"";
    for more in [
        &["--report", "json=one/new.json", "--report", "csv=two/new.json"][..],
        &["--report", "asff=one", "--report", "json=two/111122223333.eu-west-1.001.asff.json"],
        &["--since", "one/last.json", "--report", "csv=two/last.json.lock"],
    ] {
        let mut command = site.through(&["unshare", "-m", "sh", "-c", mount], &[&["check", "a.yaml"], more].concat());
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output();
        let mounted = output.ok().filter(|output| {
            output.status.code() != Some(77) && !String::from_utf8_lossy(&output.stderr).contains("unshare:")
        });
        let Some(output) = mounted else {
            println!("left out, as nothing can be mounted here");
            return;
        };
        site.program.assert_exit(&output, 1).says("fix: ");
    }
    assert!(site.simulation.calls().is_empty());
}

#[test]
fn nothing_is_written_into_the_repository_that_a_run_reads() {
    let mut site = site();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(arguments);
        assert!(command.current_dir(site.program.path("")).status().expect("git runs").success());
    };
    git(&["init", "-q"]);
    git(&["add", "a.yaml", "policies", "driftline.toml"]);
    git(&["commit", "-q", "-m", "first"]);
    git(&["worktree", "add", "-q", "tree"]);
    site.program = site.program.env("PATH", std::env::var_os("PATH").expect("a path"));
    symlink(".git", site.program.path("link")).expect("a link");
    let of_tree = ["diff", "--config", "tree/driftline.toml", "--base", "HEAD", "tree/a.yaml", "--report"];
    all_refused(
        &site,
        &[
            (&["check", "a.yaml", "--base", "HEAD", "--report", "json=.git/HEAD"], "it is part of the Git repository"),
            (&["check", "a.yaml", "--base", "HEAD", "--report", "json=link/new"], "it is part of the Git repository"),
            (&["check", "a.yaml", "--base", "HEAD", "--report", "asff=.git/findings"], "it is part of the Git"),
            (&["check", "a.yaml", "--base", "HEAD", "--since", ".git/last.json"], "it is part of the Git repository"),
            (&["plan", "a.yaml", "--base", "HEAD", "--out", ".git/index"], "it is part of the Git repository"),
            (&["diff", "--base", "HEAD", "a.yaml", "--report", "json=.git/config"], "it is part of the Git repository"),
            // A linked work tree has two folders of Git, and a file of that name.
            (&[&of_tree[..], &["json=.git/config"]].concat(), "it is part of the Git repository"),
            (&[&of_tree[..], &["json=tree/.git"]].concat(), "it is part of the Git repository"),
        ],
    );
    site.run(&["check", "a.yaml", "--base", "HEAD", "--report", "json=report.json"], 2);
    site.run(&["check", "a.yaml", "--report", "json=.git/report.json"], 2);
}
