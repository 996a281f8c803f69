//! The text report at hundreds of accounts.

use driftline::report::{Detail, Paint, TextOptions, read_json, write_text};
use driftline_simulator::{Simulation, World};

use crate::support::Site;

/// The saved report of a generated organization, for declarations by unit and Region.
fn report(accounts: usize) -> String {
    let recipe = format!("accounts={accounts},regions=4,drift=18").parse().expect("a recipe");
    let simulation = Simulation::start(World::generate(&recipe), 0).expect("a simulation");
    let wanted = "status: ENABLED, finding_publishing_frequency: FIFTEEN_MINUTES";
    let unit = |(unit, severity): (&str, &str)| {
        ["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"].map(|region| {
            let selectors = format!("organizational_units: [{unit}], regions: [{region}], severity: {severity}");
            format!("name: {unit} in {region}, {selectors}, {wanted}")
        })
    };
    let units =
        [("Workloads/Prod", "critical"), ("Workloads/Test", "low"), ("Sandbox", "medium"), ("Security", "high")];
    let site = Site::of(simulation, units.into_iter().flat_map(unit));
    let site = site.settings("[inventory]\naccounts = \"organization\"\n");
    site.run(&["check", "a.yaml", "--report", "json=r.json", "--quiet"], 2);
    std::fs::read_to_string(site.program.path("r.json")).expect("a report")
}

fn text(report: &str, width: usize, detail: Detail) -> String {
    let options = TextOptions { width, paint: Paint::Plain, detail, administrator: None, links: None };
    let mut bytes = Vec::new();
    write_text(&read_json(report).expect("a report"), options, &mut bytes).expect("a report");
    String::from_utf8(bytes).expect("UTF-8")
}

/// The part above the first blank line.
fn causes(text: &str) -> Vec<&str> {
    text.lines().take_while(|line| !line.is_empty()).collect()
}

#[test]
fn hundreds_of_accounts_have_their_causes_on_the_first_page() {
    let report = report(300);
    let short = text(&report, 100, Detail::Normal);
    let (first, whole) = (causes(&short), text(&report, 100, Detail::Verbose));
    assert!(first.len() <= 24, "{}", first.join("\n"));
    insta::assert_snapshot!("causes_of_300", first.join("\n"));
    let severities = ["critical", "high", "medium", "low"].map(|word| format!("{word:<10}a.yaml:"));
    let begins =
        |line: &str| severities.iter().any(|severity| line.get(10..).is_some_and(|it| it.starts_with(severity)));
    let listed = |lines: &[&str]| lines.iter().filter(|line| begins(line)).count();
    let rest = first.last().and_then(|line| line.trim().split_once(" more causes")).expect("the rest is counted").0;
    assert_eq!(listed(&first) + rest.parse::<usize>().expect("a number"), listed(&causes(&whole)), "none is lost");
    let details: Vec<&str> = short.lines().skip(first.len() + 1).take(25).collect();
    insta::assert_snapshot!("details_of_300", details.join("\n"));
    let drifted: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let rows = drifted["targets"].as_array().expect("targets").iter();
    let rows = rows.flat_map(|target| target["settings"].as_array().expect("settings"));
    let drifted = rows.filter(|row| row["outcome"] == "drifted").count();
    assert_eq!(short.matches("  ✗ ").count(), drifted, "each is listed below its account");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let report = report(30);
    for width in [60, 100, 160] {
        let text = text(&report, width, Detail::Normal);
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > width).collect();
        assert!(wide.is_empty(), "{width}: {wide:#?}");
    }
}
