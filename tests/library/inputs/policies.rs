//! Policy files: any text, any set of them, any sound one.

use std::path::PathBuf;

use driftline::document::Syntax;

use super::attempts::{Seed, kept, try_all, written};
use super::{document, policy, resolution};

/// Every file of this repository in one of the languages.
fn in_language(language: Syntax) -> Vec<Seed> {
    written(|path| Syntax::from_path(path) == Some(language))
}

#[test]
fn any_text_is_a_tree_or_a_mistake() {
    for (target, language) in [("yaml", Syntax::Yaml), ("toml", Syntax::Toml), ("json", Syntax::Json)] {
        let mut seeds = in_language(language);
        seeds.extend(kept(target));
        try_all(target, &seeds, &|bytes| document::try_text(language, bytes));
    }
}

#[test]
fn any_files_are_resolved_or_mistaken() {
    let mut seeds = kept("policy");
    for (choice, language) in [(0_u8, Syntax::Yaml), (8, Syntax::Toml), (16, Syntax::Json)] {
        seeds.extend(
            in_language(language).into_iter().map(|(path, bytes)| (path, [&[choice], bytes.as_slice()].concat())),
        );
    }
    try_all("policy", &seeds, &policy::try_files);
}

#[test]
fn any_sound_policy_means_the_same_in_any_order() {
    let mut seeds = kept("resolution");
    seeds.push((PathBuf::from("bytes"), (0..=255).collect()));
    try_all("resolution", &seeds, &resolution::try_choices);
}
