//! Any declarations, as text in each language, and what comes of them.

use std::fmt::Write as _;

use driftline::diagnostic::{Diagnostic, Diagnostics, Level, Sources};
use driftline::model::{DesiredState, Inventory, RegionTable};
use driftline::policy::{load, resolve};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// The accounts of the inventory, and one beyond it.
pub(crate) const ACCOUNTS: [&str; 3] = ["000000000001", "111122223333", "999988887777"];
pub(crate) const STRANGER: &str = "555555555555";
/// The Regions of the inventory.
pub(crate) const REGIONS: [&str; 4] = ["eu-central-1", "eu-west-1", "eu-west-2", "us-east-1"];
/// What a declaration may select Regions by.
const ITEMS: [&str; 8] = ["eu-central-1", "eu-west-1", "us-east-1", "eu-*", "*-1", "us-*", "eu-west-?", "ap-*"];

/// Accounts and Regions that are selected; `None` is no selector.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    pub(crate) accounts: Option<Vec<&'static str>>,
    pub(crate) regions: Option<Vec<&'static str>>,
}

/// A declaration, valid by itself.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) selection: Selection,
    pub(crate) except: Option<Selection>,
    pub(crate) status: Option<Vec<&'static str>>,
    pub(crate) frequency: Option<Vec<&'static str>>,
    pub(crate) severity: &'static str,
}

fn selection() -> impl Strategy<Value = Selection> {
    let accounts = subsequence([ACCOUNTS.as_slice(), &[STRANGER]].concat(), 1..=2);
    let regions = subsequence(ITEMS.as_slice(), 1..=2);
    (prop::option::of(accounts), prop::option::of(regions))
        .prop_map(|(accounts, regions)| Selection { accounts, regions })
}

fn some_of(words: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(words, 1..=2).prop_shuffle()
}

fn declaration() -> impl Strategy<Value = Declared> {
    let except = selection()
        .prop_filter("an except selects something", |except| except.accounts.is_some() || except.regions.is_some());
    let settings = (
        prop::option::of(some_of(&["ENABLED", "PAUSED", "NOT_ENABLED"])),
        prop::option::of(some_of(&["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"])),
    );
    let settings = settings.prop_filter("a declaration declares, and no frequency where there is no session", |it| {
        let never_on = it.0.as_ref().is_some_and(|status| status.iter().all(|word| *word == "NOT_ENABLED"));
        (it.0.is_some() || it.1.is_some()) && !(never_on && it.1.is_some())
    });
    (selection(), prop::option::weighted(0.3, except), settings, select(vec!["low", "medium", "high", "critical"]))
        .prop_map(|(selection, except, (status, frequency), severity)| Declared {
            name: String::new(),
            selection,
            except,
            status,
            frequency,
            severity,
        })
}

/// Up to six declarations, each with a name of its own.
pub(crate) fn declarations() -> impl Strategy<Value = Vec<Declared>> {
    prop::collection::vec(declaration(), 1..=6).prop_map(|mut all| {
        for (nth, declaration) in all.iter_mut().enumerate() {
            declaration.name = format!("declaration {nth}");
        }
        all
    })
}

impl Declared {
    /// The keys but those of `except`, each with its texts; a key with one text that is no list is marked.
    fn entries(&self) -> Vec<(&'static str, Vec<&str>, bool)> {
        let mut entries = vec![("name", vec![self.name.as_str()], true)];
        let lists = [
            ("accounts", &self.selection.accounts),
            ("regions", &self.selection.regions),
            ("status", &self.status),
            ("finding_publishing_frequency", &self.frequency),
        ];
        entries.extend(lists.into_iter().filter_map(|(key, texts)| Some((key, texts.clone()?, false))));
        entries.push(("severity", vec![self.severity], true));
        entries
    }

    fn excepted(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        let Some(except) = &self.except else { return Vec::new() };
        let lists = [("accounts", &except.accounts), ("regions", &except.regions)];
        lists.into_iter().filter_map(|(key, texts)| Some((key, texts.clone()?))).collect()
    }
}

/// The declarations in YAML, in block style and with single words where a list has one item.
pub(crate) fn yaml(declarations: &[Declared]) -> String {
    let mut text = "version: 1\nmacie_sessions:\n".to_owned();
    if declarations.is_empty() {
        return "version: 1\nmacie_sessions: []\n".to_owned();
    }
    for declaration in declarations {
        let mut mark = "-";
        for (key, texts, _) in declaration.entries() {
            let _ = match texts.as_slice() {
                [one] if key != "accounts" && key != "regions" => writeln!(text, "  {mark} {key}: {one}"),
                _ => writeln!(text, "  {mark} {key}: {texts:?}"),
            };
            mark = " ";
        }
        for (nth, (key, texts)) in declaration.excepted().into_iter().enumerate() {
            let head = if nth == 0 { "    except:\n" } else { "" };
            let _ = writeln!(text, "{head}      {key}: {texts:?}");
        }
    }
    text
}

/// The declarations in TOML.
pub(crate) fn toml(declarations: &[Declared]) -> String {
    let mut text = "version = 1\n".to_owned();
    for declaration in declarations {
        text.push_str("\n[[macie_sessions]]\n");
        for (key, texts, is_one) in declaration.entries() {
            let _ = if is_one { writeln!(text, "{key} = {:?}", texts[0]) } else { writeln!(text, "{key} = {texts:?}") };
        }
        let except: Vec<String> =
            declaration.excepted().into_iter().map(|(key, texts)| format!("{key} = {texts:?}")).collect();
        if !except.is_empty() {
            let _ = writeln!(text, "except = {{ {} }}", except.join(", "));
        }
    }
    text
}

/// The declarations in JSON.
pub(crate) fn json(declarations: &[Declared]) -> String {
    let table = |declaration: &Declared| {
        let mut table = serde_json::Map::new();
        for (key, texts, is_one) in declaration.entries() {
            table.insert(key.to_owned(), if is_one { texts[0].into() } else { texts.into() });
        }
        let except: serde_json::Map<String, serde_json::Value> =
            declaration.excepted().into_iter().map(|(key, texts)| (key.to_owned(), texts.into())).collect();
        if !except.is_empty() {
            table.insert("except".to_owned(), except.into());
        }
        serde_json::Value::from(table)
    };
    let all: Vec<serde_json::Value> = declarations.iter().map(table).collect();
    serde_json::json!({"version": 1, "macie_sessions": all}).to_string()
}

/// What came of some files.
pub(crate) struct Resolved {
    pub(crate) desired: DesiredState,
    told: Diagnostics,
    sources: Sources,
}

impl Resolved {
    pub(crate) fn errors(&self) -> Vec<&Diagnostic> {
        let all = self.told.sorted(&self.sources);
        all.into_iter().filter(|diagnostic| diagnostic.level == Level::Error).collect()
    }

    /// The names of the declarations at the places of an error.
    pub(crate) fn named(&self, error: &Diagnostic) -> Vec<String> {
        let name = |span: driftline::diagnostic::Span| {
            let text = self.sources.get(span.source).text();
            let before = &text[..span.start as usize];
            let name = &before[before.rfind("declaration ").expect("a name before the setting")..];
            name.chars().take_while(|letter| !['"', '\n'].contains(letter)).collect()
        };
        error.labels.iter().map(|label| name(label.span)).collect()
    }
}

/// What comes of these files in the inventory of [`ACCOUNTS`] and [`REGIONS`].
pub(crate) fn resolved(files: &[(&str, String)]) -> Resolved {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let (table, mut sources, mut told) = (RegionTable::bundled(), Sources::default(), Diagnostics::default());
    let set = load(&[folder.path().to_owned()], folder.path(), &table, &mut sources, &mut told);
    assert!(!told.has_errors(), "{files:?}: {:?}", told.sorted(&sources));
    let ids = ACCOUNTS.iter().map(|id| id.parse().expect("an id"));
    let regions = REGIONS.iter().map(|region| region.parse().expect("a Region")).collect();
    let desired = resolve(&set, &Inventory::of_ids(ids, regions), &mut told);
    Resolved { desired, told, sources }
}
