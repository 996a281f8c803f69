//! Comments on pull requests, and what the other messages share with them: the verdict, then the causes with their fixes, then
//! tables of four columns.

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy};

const CHECK: [&str; 3] = ["check", "--simulate", "world.yaml"];

/// A policy about every account of the organization.
fn program(world: &World) -> Driftline {
    let declaration = "name: every account, status: ENABLED, severity: high";
    let settings =
        "policies = [\"a.yaml\"]\n[inventory]\naccounts = \"organization\"\nregions = [\"eu-west-1\", \"us-east-1\"]\n";
    Driftline::new().settings(settings).policy("a.yaml", policy([declaration])).world(world)
}

/// So many accounts: of ten, one drifts everywhere, one in one Region, and one has another role.
fn organization(accounts: usize) -> World {
    let world = World::new().organization(&format!("management: \"{CALLER}\", units: {{}}")).enabled(CALLER);
    (0..accounts).fold(world, |world, nth| {
        let state = match nth % 10 {
            1 => "sessions: {\"*\": {status: PAUSED}}",
            2 => "sessions: {\"*\": {status: ENABLED}, eu-west-1: {status: PAUSED}}",
            3 => "roles: [Other], sessions: {\"*\": {status: ENABLED}}",
            _ => "sessions: {\"*\": {status: ENABLED}}",
        };
        world.account(&format!("1111{:04}{nth:04}", 9_999 - nth), &format!("name: workload-{nth:03}, {state}"))
    })
}

fn written(program: &Driftline, format: &str, exit: i32) -> String {
    program.run_with(&[&CHECK[..], &["--report", format]].concat(), exit).stdout
}

/// Tables have at most four columns, no word in them is wider than a column, and every folded section ends.
#[track_caller]
fn fits(comment: &str) {
    assert!(comment.len() < 60_000, "{} bytes", comment.len());
    for line in comment.lines().filter(|line| line.starts_with("| ")) {
        let bars = line.replace("\\|", "").matches('|').count();
        assert!(bars <= 5, "{line}");
        for word in line.split([' ', '-', '|', '<', '>']) {
            assert!(word.chars().count() <= 48, "{word} in {line}");
        }
    }
    assert_eq!(comment.matches("<details>").count(), comment.matches("</details>").count());
}

#[test]
fn one_account_is_a_short_comment() {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED");
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&World::new().enabled(ACCOUNT));
    let comment = program.run_with(&["check", "a.yaml", "--simulate", "world.yaml", "--report", "markdown"], 2).stdout;
    fits(&comment);
    insta::assert_snapshot!("comment_of_one", comment);
    assert!(!comment.contains("Account ids"), "an account without a name has its id: {comment}");
}

#[test]
fn three_hundred_accounts_are_counted_by_cause_and_named_in_full() {
    let program = program(&organization(300));
    let comment = written(&program, "markdown", 6);
    fits(&comment);
    let [verdict, causes, table, unread, ids] = [
        "## driftline: 90 drifted, 60 unread",
        "- **high** `a.yaml:3` `every account`: `status 90 PAUSED`",
        "| Severity | Target | Change | Declared at |",
        "<summary>Unread (60)</summary>",
        "<summary>Account ids (90)</summary>",
    ]
    .map(|part| comment.find(part).unwrap_or_else(|| panic!("{part} is missing in\n{comment}")));
    assert!(verdict < causes && causes < table && table < unread && unread < ids, "{comment}");
    assert!(comment.contains("60 targets: 30 accounts × 2 Regions<br>`workload-291` `1111…0291`"), "{comment}");
    assert!(comment.contains("- `111199980001` `workload-001`\n"), "the full id: {comment}");
    assert!(comment.contains("`role_not_assumable`"), "{comment}");
    for format in ["slack", "sns", "github"] {
        let text = written(&program, format, 6);
        assert!(
            !text.contains("111199960003' Region 'us-east-1'"),
            "{format} lists each Region of what is unread: {text}"
        );
    }
    let sns = written(&program, "sns", 6);
    let (cause, ledger) =
        (sns.find("* high: a.yaml:3: status 90 PAUSED in 60 accounts, 2 Regions"), sns.find("targets = "));
    assert!(cause.is_some() && cause < ledger, "{sns}");
    assert!(sns.contains("  fix: ") && sns.contains("- high: 60 targets: 30 accounts × 2 Regions: "), "{sns}");
}

#[test]
fn a_comment_links_the_lines_that_it_names() {
    let program = program(&organization(4)).file(".git", "gitdir: elsewhere\n");
    let base = "https://git.example.com/o/r/blob/main";
    let linked = |format: &str| {
        let arguments = [&CHECK[..], &["--link-base", base, "--report", format]].concat();
        program.run_with(&arguments, 6).stdout
    };
    let comment = linked("markdown");
    assert_eq!(
        comment.matches(&format!("[`a.yaml:3`]({base}/a.yaml#L3)")).count(),
        3,
        "a cause and two rows: {comment}"
    );
    assert!(!written(&program, "markdown", 6).contains("]("), "no link without a base");
    let plan = ["plan", "--simulate", "world.yaml", "--link-base", base, "--report", "markdown"];
    assert!(program.run_with(&plan, 6).stdout.contains(&format!("[`a.yaml:3`]({base}/a.yaml#L3)")));
}

#[test]
fn a_long_plan_opens_with_what_it_destroys_and_folds_the_rest() {
    let wanted: Vec<String> = (0..12)
        .map(|nth| {
            format!(
                "accounts: [\"1111{:04}{nth:04}\"], regions: [eu-west-1], status: {}",
                9_999 - nth,
                if nth == 7 { "NOT_ENABLED" } else { "ENABLED" }
            )
        })
        .collect();
    let world = (0..12).fold(World::new(), |world, nth| {
        let state = if nth == 7 { "ENABLED" } else { "PAUSED" };
        world.account(&format!("1111{:04}{nth:04}", 9_999 - nth), &format!("sessions: {{\"*\": {{status: {state}}}}}"))
    });
    let program = Driftline::new().policy("a.yaml", policy(wanted)).world(&world);
    let comment = program.run_with(&["plan", "a.yaml", "--simulate", "world.yaml", "--report", "markdown"], 2).stdout;
    fits(&comment);
    let mut lines = comment.lines().skip(1).filter(|line| !line.is_empty());
    assert!(lines.next().is_some_and(|line| line.starts_with("## driftline plan: 12 changes")), "{comment}");
    assert_eq!(lines.next(), Some("> [!CAUTION]"), "{comment}");
    let (open, folded) = comment.split_once("<summary>11 safe changes</summary>").expect("a folded section");
    assert!(open.contains("DisableMacie") && !open.contains("UpdateMacieSession"), "{comment}");
    assert_eq!(folded.matches("UpdateMacieSession").count(), 11, "{comment}");
}

#[test]
fn a_reminder_shows_since_when_and_what_is_known_is_one_line() {
    let program = program(&organization(10));
    let check = |more: &[&str]| {
        let reports = ["--report", "text=out.txt", "--report", "markdown=comment.md", "--report", "sns=sns.txt"];
        program.run_with(&[&CHECK[..], &["--since", "last.json", "--only-changes"], &reports, more].concat(), 6)
    };
    check(&[]);
    let saved = std::fs::read_to_string(program.path("last.json")).expect("a report");
    let day = "2026-01-01T00:00:00Z";
    let field = |name: &str| format!("\"{name}\": \"");
    let (before, rest) = saved.split_once(&field("told_at")).expect("the time of the last reminder");
    let (_, after) = rest.split_once('"').expect("its end");
    std::fs::write(program.path("last.json"), format!("{before}{}{day}\"{after}", field("told_at"))).expect("a file");
    check(&["--remind", "7d"]);
    let comment = program.read("comment.md");
    assert!(comment.contains("<br>there since [time]") && comment.contains("- **high** `a.yaml:3`"), "{comment}");
    check(&[]);
    let (comment, sns) = (program.read("comment.md"), program.read("sns.txt"));
    assert!(sns.contains("as before: ") && !sns.contains("* high: "), "known causes are one line: {sns}");
    assert!(!comment.contains("there since") && !comment.contains("- **high**"), "{comment}");
}

/// The first lines of the comments of a check and a plan with these options.
fn markers(program: &Driftline, options: &[&str]) -> [String; 2] {
    ["check", "plan"].map(|command| {
        let arguments = [&[command, "--simulate", "world.yaml", "--report", "markdown"], options].concat();
        let comment = program.run_with(&arguments, 6).stdout;
        comment.lines().next().expect("a first line").to_owned()
    })
}

#[test]
fn each_policy_set_has_comments_of_its_own() {
    let program = program(&organization(4));
    let with = |set: &str| markers(&program, &["--policy-set", set]);
    let both = |key: &str| {
        [format!("<!-- driftline:comment v1 key={key} -->"), format!("<!-- driftline:plan v1 key={key} -->")]
    };
    assert_eq!(with("team-a"), both("team-a"));
    assert_eq!(with("team_a"), both("team_a"));
    assert_eq!(
        markers(&program, &[]),
        ["<!-- driftline:comment v1 key=default -->", "<!-- driftline:plan v1 key=a.yaml -->"]
    );
}

#[test]
fn no_name_of_a_policy_set_ends_its_marker_or_passes_for_another_one() {
    let program = program(&organization(4));
    let names = ["x --> @everyone", "x --!> <b>", "-", "--", "x-", "x\nkey=y", "ü", "%C3%BC", "x%2D", "x -- >"];
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        // An option's value that begins with a hyphen needs the sign.
        for marker in markers(&program, &[&format!("--policy-set={name}")]) {
            let inner = marker.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
            let inner = inner.unwrap_or_else(|| panic!("{name} is cut off: {marker}"));
            assert!(!inner.contains("--") && !inner.contains(['<', '>', '@']), "{marker}");
            assert!(!seen.contains(&marker), "{name} passes for another set: {marker}");
            seen.push(marker);
        }
    }
    program.run_with(&["plan", "--policy-set", ""], 1).says("a value is required");
}
