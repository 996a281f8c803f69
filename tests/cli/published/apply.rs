//! What the documentation says of plans, of applying them and of the journal is all that there is, and is there.

use super::{blocks, fields_of, text, words_of};

#[test]
fn guards_outcomes_and_options_of_an_apply_are_all_documented() {
    let document = text("docs/reference/apply.md");
    for guard in driftline::apply::Guard::ALL {
        assert!(document.contains(&format!("\n| `{}` | ", guard.as_str())), "{}", guard.as_str());
    }
    for outcome in driftline::apply::StepOutcome::ALL {
        assert!(document.contains(&format!("\n| `{}` | ", outcome.as_str())), "{}", outcome.as_str());
    }
    let program = driftline::cli::command();
    for command in ["apply", "rollback"] {
        let command = program.find_subcommand(command).expect("the command");
        let own = command.get_arguments().filter(|argument| !argument.is_global_set());
        for option in own.filter_map(|argument| argument.get_long()) {
            assert!(document.contains(&format!("`--{option}")), "--{option} of {}", command.get_name());
        }
    }
    for schema in [None, Some("SavedStep"), Some("Run"), Some("PlanFacts"), Some("SavedRefusal"), Some("Totals")] {
        for field in fields_of("docs/schemas/apply-1.schema.json", schema) {
            assert!(document.contains(&format!("`{field}`")), "{field}");
        }
    }
}

#[test]
fn blocked_risks_and_fields_of_a_plan_are_all_documented() {
    const SCHEMA: &str = "docs/schemas/plan-1.schema.json";
    let document = text("docs/reference/plan.md");
    for word in words_of(SCHEMA, "BlockReason").into_iter().chain(words_of(SCHEMA, "Risk")) {
        assert!(document.contains(&format!("\n| `{word}` | ")), "{word}");
    }
    for field in fields_of(SCHEMA, None).into_iter().chain(fields_of(SCHEMA, Some("Summary"))) {
        assert!(document.contains(&format!("`{field}`")), "{field}");
    }
    for field in fields_of(SCHEMA, Some("SavedStep")) {
        assert!(
            document.contains(&format!("`{field}`")) || document.contains(&format!("`steps[].{field}`")),
            "{field}"
        );
    }
    for definition in ["SavedChange", "SavedReading", "SavedBlocked", "SavedUnread"] {
        for field in fields_of(SCHEMA, Some(definition)) {
            assert!(document.contains(&format!("`{field}`")), "{field} of {definition}");
        }
    }
}

#[test]
fn the_saved_plan_in_the_documentation_is_one() {
    let blocks = blocks(&text("docs/reference/plan.md"));
    let (_, plan) = blocks.iter().find(|(language, _)| language == "json").expect("a plan");
    let saved = driftline::plan::SavedPlan::parse(plan).expect("a plan");
    let document = driftline::plan::PlanDocument::from_plan(&saved.plan);
    assert!(saved.untouched, "its fingerprint should be {}", document.fingerprint());
    assert_eq!(document.to_bytes(), plan.as_bytes());
}

#[test]
fn the_journal_in_the_documentation_is_one_and_has_every_type_of_line() {
    let document = text("docs/reference/journal.md");
    let blocks = blocks(&document);
    let (_, journal) = blocks.iter().find(|(language, _)| language == "jsonl").expect("a journal");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("apply.jsonl");
    std::fs::write(&path, journal).expect("a journal");
    let (history, whole) = driftline::apply::load_journal(&path).expect("a journal");
    let fingerprint = driftline::plan::PlanDocument::from_plan(&history.plan).fingerprint().to_owned();
    assert!(history.untouched && whole == journal.len() as u64, "the plan's fingerprint should be {fingerprint}");
    assert_eq!(history.steps.len(), history.plan.steps.len());
    // The program tells which types it knows.
    std::fs::write(&path, format!("{journal}{{\"type\": \"?\"}}\n")).expect("a journal");
    let said = driftline::apply::load_journal(&path).expect_err("a type that nobody knows").to_string();
    let (_, types) = said.split_once("expected one of ").expect("the types");
    let types: Vec<&str> = types.split('`').skip(1).step_by(2).collect();
    assert_eq!(types.len(), 5, "{said}");
    for name in types {
        assert!(journal.contains(&format!("{{\"type\":\"{name}\",")), "no example of {name}");
        assert!(document.contains(&format!("\n| `{name}` | ")), "{name}");
    }
}
