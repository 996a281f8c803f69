//! Links of the page: to policy lines on a forge, and to targets in a console.

use crate::support::{ACCOUNT, Driftline, World, policy};

const COMMIT: &str = "0123456789012345678901234567890123456789";

/// A check with drift, below the root of a repository, with the page as a report.
fn check(file: &str) -> Driftline {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED");
    let program = Driftline::new().file(".git", "gitdir: elsewhere\n").policy(file, policy([declaration]));
    let program = program.file("infra/world.yaml", World::new().enabled(ACCOUNT).to_string()).below("infra");
    let file = std::path::Path::new("..").join(file);
    program.args(["check", "--simulate", "world.yaml", "--report", "html=page.html"]).args([file])
}

/// The links of the page that lead out of it.
#[track_caller]
fn links(program: &Driftline) -> Vec<String> {
    program.run(2);
    let page = program.read("infra/page.html");
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut links: Vec<_> = links.filter(|link| !link.starts_with('#')).map(str::to_owned).collect();
    links.sort();
    links.dedup();
    links
}

#[test]
fn a_page_leads_nowhere_unless_it_is_told_where() {
    assert_eq!(links(&check("infra/a.yaml")), [""; 0]);
}

#[test]
fn policy_lines_are_linked_from_the_root_of_the_repository() {
    let base = ["--link-base", "https://git.example.com/o/r/blob/main/"];
    let line = |path: &str| format!("https://git.example.com/o/r/blob/main/{path}#L3");
    assert_eq!(links(&check("infra/a.yaml").args(base)), [line("infra/a.yaml")]);
    let hostile = "infra/a\"><b>](x) ü#?.yaml";
    assert_eq!(links(&check(hostile).args(base)), [line("infra/a%22%3E%3Cb%3E%5D%28x%29%20%C3%BC%23%3F.yaml")]);
    // What lies outside of the repository is not in the forge.
    let outside = check("other/a.yaml").args(base).args(["--path-root", "."]);
    assert_eq!(links(&outside), [""; 0]);
}

#[test]
fn a_job_tells_its_repository_and_the_option_takes_precedence() {
    let github = || {
        let program = check("infra/a.yaml").env("GITHUB_SERVER_URL", "https://github.com");
        program.env("GITHUB_REPOSITORY", "owner/name").env("GITHUB_SHA", COMMIT)
    };
    assert_eq!(links(&github()), [format!("https://github.com/owner/name/blob/{COMMIT}/infra/a.yaml#L3")]);
    let other = github().args(["--link-base", "https://example.com/x"]);
    assert_eq!(links(&other), ["https://example.com/x/infra/a.yaml#L3"]);
    assert_eq!(links(&github().env("GITHUB_WORKSPACE", "/")), [""; 0]);
    let gitlab = check("infra/a.yaml").env("CI_PROJECT_URL", "https://gitlab.com/g/p").env("CI_COMMIT_SHA", COMMIT);
    assert_eq!(links(&gitlab), [format!("https://gitlab.com/g/p/-/blob/{COMMIT}/infra/a.yaml#L3")]);
}

#[test]
fn a_base_that_is_no_link_is_refused() {
    for bad in ["main", "http://example.com", "javascript:alert(1)", "https://example.com/?file="] {
        check("infra/a.yaml").args(["--link-base", bad]).run(1).says("--link-base <URL>");
    }
}

#[test]
fn targets_are_linked_to_the_console_that_the_settings_name() {
    let console = |url: &str| check("infra/a.yaml").settings(&format!("[report]\nconsole_url = \"{url}\"\n"));
    let program = console("https://{region}.console.example.com/?a={account}&p={partition}#{resource}");
    let link = format!("https://eu-west-1.console.example.com/?a={ACCOUNT}&amp;p=aws#macie_session");
    assert_eq!(links(&program), [link]);
    // A saved report is rendered with the same settings.
    let saved = program.args(["--report", "json=a.json"]);
    saved.run(2);
    let again = Driftline::new()
        .file("infra/a.json", std::fs::read(saved.path("infra/a.json")).expect("a report"))
        .below("infra");
    let again = again.settings("[report]\nconsole_url = \"https://example.com/{account}\"\n");
    let again = again.args(["report", "a.json", "--report", "html=page.html"]);
    assert_eq!(links(&again), [format!("https://example.com/{ACCOUNT}")]);
    for (bad, why) in [
        ("https://{host}.example.com/", "a placeholder other than"),
        ("http://{region}.example.com/", "does not start with https://"),
        ("https://u@example.com/{region}", "it names a user"),
    ] {
        console(bad).run(1).says("bad-text").says(why);
    }
}
