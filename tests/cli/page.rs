//! The HTML page: its order, what it shows of changes, and its shape for one account and for many.

use insta::assert_snapshot;

use crate::support::{ACCOUNT, Driftline, World, policy};

/// A check of a world, with the page as a report.
fn check(world: &World, declarations: &[&str]) -> Driftline {
    let program = Driftline::new().world(world).policy("a.yaml", policy(declarations));
    program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "html=page.html"])
}

/// The page without its style sheet, and the hash of that.
fn body(page: &str) -> &str {
    page.split_once("</style>").map_or(page, |(_, body)| body)
}

/// The page without the times that people read, which differ from run to run, and how long the run took.
fn without_times(page: &str) -> String {
    let mut parts = page.split("<time datetime=\"[time]\">");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.filter_map(|part| part.split_once("</time>")).fold(first, |text, (_, rest)| {
        let rest = rest
            .strip_prefix(", took ")
            .and_then(|rest| rest.split_once('<'))
            .map_or(rest.to_owned(), |(_, rest)| format!(", took [time]<{rest}"));
        text + "<time>[time]</time>" + &rest
    })
}

/// Each section by its name, with the number of rows, findings, folds and badges in it, and what it leaves out.
fn outline(page: &str) -> String {
    let sections = body(page).split("<section ").skip(1).filter_map(|part| {
        let tag = part.split('>').next()?;
        let value = |key: &str| tag.split_once(&format!("{key}=\""))?.1.split('"').next();
        let name = value("aria-labelledby").or_else(|| value("aria-label"))?.trim_end_matches("-title");
        let count = |text: &str| part.matches(text).count();
        let (rows, findings) = (count("<tr"), count("class=\"finding "));
        let (folds, badges) = (count("<details"), count("class=\"badge "));
        let cut = part.split_once("<p class=\"cut\">").and_then(|(_, rest)| rest.split('<').next());
        let cut = cut.map_or_else(String::new, |cut| format!("; {cut}"));
        Some(format!("{name}: {rows} rows, {findings} findings, {folds} folds, {badges} badges{cut}"))
    });
    sections.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_of_one_account() {
    let world = World::new().enabled(ACCOUNT);
    let declaration =
        format!("name: all, accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED, severity: critical");
    let program = check(&world, &[&declaration]);
    program.run(2);
    let page = program.read("page.html");
    assert!(!page.contains("<script") && !page.contains(" style="), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
    let hash = page.split("sha256-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a hash");
    let text = without_times(&page.replace(hash, "[hash]"));
    let (head, rest) = text.split_once("<style>").expect("a style sheet");
    assert_snapshot!("one_account", format!("{head}{}", body(rest)).replace("><", ">\n<"));
}

#[test]
fn what_to_do_comes_before_what_was_found_and_the_run_comes_last() {
    let world = World::new().enabled(ACCOUNT);
    let drift = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1, eu-west-2], status: PAUSED");
    let program = check(&world, &[&drift]);
    program.run(2);
    let page = program.read("page.html");
    let at = |id: &str| page.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("{id} is on the page"));
    let order = ["causes", "map", "findings", "run"].map(at);
    assert!(order.is_sorted(), "{order:?}");
    assert!(page.contains("<section id=\"run\" aria-labelledby=\"run-title\"><details><summary>"), "the run is folded");
}

#[test]
fn severities_differ_by_shape_and_word() {
    let declaration = |region: &str, severity: &str| {
        format!("accounts: [\"{ACCOUNT}\"], regions: [{region}], status: PAUSED, severity: {severity}")
    };
    let severities = [("eu-west-1", "low"), ("eu-west-2", "medium"), ("eu-west-3", "high"), ("eu-north-1", "critical")];
    let declarations = severities.map(|(region, severity)| declaration(region, severity));
    let program = check(&World::new().enabled(ACCOUNT), &declarations.each_ref().map(String::as_str));
    program.run(2);
    let page = program.read("page.html");
    for (shape, severity) in [("◆", "critical"), ("▲", "high"), ("●", "medium"), ("○", "low")] {
        let badge = format!("<span class=\"severity\"><span aria-hidden=\"true\">{shape}</span> {severity}</span>");
        assert!(page.contains(&badge), "{severity}");
    }
}

#[test]
fn changes_ages_and_what_is_resolved_are_on_the_page() {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1, eu-west-2, eu-west-3], status: ENABLED");
    let world = |first: &str, second: &str, third: &str| {
        let session = |status: &str| format!("{{status: {status}}}");
        let sessions = format!(
            "sessions: {{eu-west-1: {}, eu-west-2: {}, eu-west-3: {}}}",
            session(first),
            session(second),
            session(third)
        );
        World::new().account(ACCOUNT, &sessions)
    };
    let program = check(&world("PAUSED", "ENABLED", "PAUSED"), &[&declaration]).args(["--since", "last.json"]);
    program.run(2);
    // Twelve days ago.
    let last = std::fs::read_to_string(program.path("last.json")).expect("a report");
    let mut report: serde_json::Value = serde_json::from_str(&last).expect("JSON");
    let before = |time: &serde_json::Value| {
        let time: jiff::Timestamp = time.as_str().expect("a text").parse().expect("a time");
        serde_json::Value::from((time - jiff::SignedDuration::from_hours(12 * 24)).to_string())
    };
    for key in ["started_at", "finished_at"] {
        report["run"][key] = before(&report["run"][key]);
    }
    for target in report["targets"].as_array_mut().expect("targets") {
        for row in target["settings"].as_array_mut().expect("settings") {
            if row["since"].is_string() {
                row["since"] = before(&row["since"]);
            }
        }
    }
    std::fs::write(program.path("last.json"), report.to_string()).expect("a file");
    let program = program.world(&world("PAUSED", "PAUSED", "ENABLED"));
    program.run(2);
    let page = program.read("page.html");
    let (_, findings) = page.split_once(" id=\"findings\"").expect("findings");
    assert!(findings.contains("<span class=\"badge new\">new</span>"), "{findings}");
    assert!(findings.contains(">for 12 days</time>"), "{findings}");
    let (_, resolved) = page.split_once("<h3>Resolved</h3>").expect("what is resolved");
    assert!(resolved.starts_with("<ul class=\"plain\"><li><span class=\"badge resolved\">"), "{resolved}");
}

#[test]
fn a_page_of_300_accounts_folds_its_findings_by_account() {
    let ids: Vec<String> = (0..300).map(|nth| format!("1111{nth:08}")).collect();
    let world = ids.iter().fold(World::new(), |world, id| world.enabled(id));
    let declaration = format!("accounts: {ids:?}, regions: [eu-west-1, us-east-1], status: PAUSED, severity: high");
    let program = check(&world, &[&declaration]);
    program.run(2);
    let page = program.read("page.html");
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    assert_snapshot!("300_accounts", outline(&page));
    let fold = "<details class=\"account\"><summary><span class=\"id\">111100000299</span> <span class=\"count\">2 high</span>";
    assert!(page.contains(fold), "each account is a fold");
}
