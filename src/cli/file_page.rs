//! Manual pages of the file formats, from the tables that the checker and the JSON Schemas use.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use roff::{Inline, bold, italic, roman};

use super::command_page::references;
use super::roff_page::RoffPage;
use crate::config::{FILE_NAME, SETTINGS};
use crate::document::{Beside, Field, TableSchema, ValueKind};
use crate::policy::policy_schema;
use crate::resource::settings;

/// Manual page of a file format.
#[derive(Debug, Clone, Copy)]
pub(super) struct FilePage {
    /// Name of the page.
    pub(super) name: &'static str,
    about: &'static str,
    description: &'static str,
    files: &'static [(&'static str, &'static str)],
    example: &'static str,
    see_also: &'static [(&'static str, u8)],
    table: fn() -> &'static TableSchema,
}

/// Every page of a file format.
pub(super) const FILE_PAGES: [FilePage; 2] = [
    FilePage {
        name: "driftline.toml",
        about: "settings of driftline",
        description: "The settings file says how `driftline` reaches AWS. The desired state is in policy files; see \
                      driftline-policy(5).\n\n\
                      `driftline` looks for the file in the working directory and above it; `--config` names another one. Without a \
                      file, every setting has its default. Every key is optional. A key or value that is not listed here is an error. \
                      `driftline validate` finds every error, and `driftline schema settings` prints the JSON Schema.",
        files: &[
            (FILE_NAME, "The file, in the working directory or above it."),
            ("policies", "The policy files beside it, if it lists none."),
        ],
        example: include_str!("man_examples/driftline.toml"),
        see_also: &[("driftline", 1), ("driftline-check", 1), ("driftline-policy", 5), ("driftline-validate", 1)],
        table: || &SETTINGS,
    },
    FilePage {
        name: "driftline-policy",
        about: "policy files of driftline",
        description: "A policy file declares how targets must be configured, and which drift is waived. A target is one resource in \
                      one account and Region.\n\n\
                      Files are YAML (.yaml, .yml), TOML (.toml) or JSON (.json), with the same keys and the same meaning. For each \
                      setting of a target, the most specific declaration takes precedence; the order of files and declarations does \
                      not matter. A key or value that is not listed here is an error. `driftline validate` finds every error, \
                      `driftline explain` shows what applies to a target, and `driftline schema policy` prints the JSON Schema.",
        files: &[(
            "policies",
            "The folder that is read if neither the command line nor driftline.toml(5) names policies.",
        )],
        example: include_str!("man_examples/policy.yaml"),
        see_also: &[
            ("driftline", 1),
            ("driftline-check", 1),
            ("driftline-explain", 1),
            ("driftline-validate", 1),
            ("driftline.toml", 5),
        ],
        table: || policy_schema(settings()),
    },
];

impl FilePage {
    /// The page, in roff.
    pub(super) fn render(self, date: &str) -> String {
        let mut page = RoffPage::new(self.name, "5", date);
        page.name(self.name, self.about);
        page.section("DESCRIPTION");
        page.paragraphs(self.description);
        page.section("KEYS");
        Keys { page: &mut page, first: BTreeMap::new() }.table((self.table)(), "");
        page.section("FILES");
        self.files.iter().for_each(|(file, purpose)| page.entry(vec![italic(*file)], purpose));
        page.section("EXAMPLES");
        page.literal(self.example);
        references(&mut page, self.see_also.iter().copied());
        page.render()
    }
}

/// Description of the keys of a file. A key that several tables share is described once.
struct Keys<'a> {
    page: &'a mut RoffPage,
    /// Shared keys, by name and meaning, with the table where each is described.
    first: BTreeMap<(&'static str, &'static str), String>,
}

impl Keys<'_> {
    /// Keys of a table, then those of the tables in it.
    fn table(&mut self, table: &'static TableSchema, path: &str) {
        let mut repeated: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for field in table.fields {
            if let Some(place) = self.first.get(&(field.key, field.meaning)) {
                repeated.entry(place.clone()).or_default().push(field.key);
            } else {
                self.first.insert((field.key, field.meaning), path.to_owned());
                self.page.entry(vec![bold(field.key)], &meaning(field));
            }
        }
        for (place, keys) in repeated {
            let mut head: Vec<Inline> = Vec::new();
            for key in keys {
                head.extend((!head.is_empty()).then(|| roman(", ")));
                head.push(bold(key));
            }
            self.page.entry(head, &format!("As in `{place}`."));
        }
        if !table.any_of.is_empty() {
            let listed = table.any_of.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            self.page.paragraphs(&format!("At least one of these keys is required: {listed}."));
        }
        for field in table.fields {
            self.nested(field, path);
        }
    }

    fn nested(&mut self, field: &'static Field, path: &str) {
        let (ValueKind::Table(table) | ValueKind::Tables(table) | ValueKind::WordsOrTable(_, table)) = field.kind
        else {
            return;
        };
        let place = match table.name.trim_matches('`') {
            // As TOML writes it.
            header if header.starts_with('[') => header.to_owned(),
            _ if path.is_empty() => field.key.to_owned(),
            _ => format!("{path}.{}", field.key),
        };
        let is_known = self.first.get(&(field.key, field.meaning)).is_some_and(|first| first != path);
        if is_known {
            return;
        }
        self.page.subsection(&place);
        self.page.paragraphs(table.meaning);
        self.table(table, &place);
    }
}

fn meaning(field: &Field) -> String {
    let mut text = field.meaning.to_owned();
    let is_section = matches!(field.kind, ValueKind::Table(_) | ValueKind::Tables(_));
    let value = field.kind.description();
    let below = if is_section { "; its keys stand below" } else { "" };
    let required = if field.required { " Required." } else { "" };
    let _ = write!(text, "\n\nValue: {value}{below}.{required}");
    let Beside { any_of, none_of } = field.beside;
    let listed = |keys: &[&str]| keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    if !any_of.is_empty() {
        let _ = write!(text, " Needs one of {} beside it.", listed(any_of));
    }
    if !none_of.is_empty() {
        let _ = write!(text, " Excludes {}.", listed(none_of));
    }
    text
}
