//! The page about rules names every rule. `UPDATE_EXPECT=1` writes its tables anew.

use std::fmt::Write as _;

use driftline::report::{Remediation, Rule};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/rules.md");

/// What stands before the tables.
const HEAD: &str = "\
# Rules

A result in a report has the id of a rule. Ids are permanent: an id is never given to another rule. `DL1…` are the settings of a
Macie session, `DL2…` those of the Session Manager preferences, `DL3…` the properties of Session Manager sessions, and `DL9…` the
reasons for which something is unread. [reading.md](../explanation/reading.md) explains the reasons. `driftline explain DL1001` shows a rule in the
terminal, and `driftline explain denied` a reason.

";

fn page() -> String {
    let mut settings =
        String::from("## Settings\n\n| Rule | Resource | Setting | What is compared |\n|---|---|---|---|\n");
    let mut reasons = String::from("## Unread\n\n| Rule | Reason | Meaning | Fix |\n|---|---|---|---|\n");
    for rule in Rule::all() {
        match rule {
            Rule::Drift(setting) => {
                let spec = setting.spec();
                let cells = [rule.id(), spec.resource.noun(), spec.key, spec.summary];
                writeln!(settings, "| `{}` | {} | `{}` | {} |", cells[0], cells[1], cells[2], cells[3])
                    .expect("a string");
            }
            Rule::Unread(reason) => {
                let Remediation { meaning, fix } = Remediation::new(reason);
                writeln!(reasons, "| `{}` | `{}` | {meaning} | {fix} |", rule.id(), reason.as_str()).expect("a string");
            }
        }
    }
    format!("{HEAD}{settings}\n{reasons}")
}

#[test]
fn the_page_about_rules_names_every_rule() {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(PAGE, page()).expect("the page");
    }
    let found = std::fs::read_to_string(PAGE).expect("the page");
    assert_eq!(found, page(), "UPDATE_EXPECT=1 writes the tables anew");
}
