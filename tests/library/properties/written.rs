//! A policy as text, in each language. Writing into a `String` cannot fail.

use std::fmt::Write as _;

use super::declared::{Declared, Policy, Selection, Waived};

/// What stands behind a key.
enum Item {
    /// One text, without a list.
    Word(String),
    /// A list; where it has one item, YAML has that without the list.
    Words(Vec<String>),
    /// A list however many items it has.
    List(Vec<String>),
    Table(Entries),
}

/// Keys and what stands behind them, in the order in which they are written.
type Entries = Vec<(String, Item)>;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn push(entries: &mut Entries, key: &str, item: Option<Item>) {
    entries.extend(item.map(|item| (key.to_owned(), item)));
}

fn selectors(entries: &mut Entries, selection: &Selection) {
    push(entries, "accounts", selection.accounts.as_deref().map(|items| Item::List(texts(items))));
    push(entries, "organizational_units", selection.units.as_deref().map(|items| Item::List(texts(items))));
    let tags = |(key, values): &(&str, &[&str])| ((*key).to_owned(), Item::Words(texts(values)));
    push(entries, "tags", selection.tags.map(|items| Item::Table(items.iter().map(tags).collect())));
    push(entries, "regions", selection.regions.as_deref().map(|items| Item::List(texts(items))));
}

fn excepted(entries: &mut Entries, except: Option<&Selection>) {
    push(
        entries,
        "except",
        except.map(|except| {
            let mut inner = Entries::new();
            selectors(&mut inner, except);
            Item::Table(inner)
        }),
    );
}

fn declaration(declared: &Declared) -> Entries {
    let mut entries = vec![("name".to_owned(), Item::Word(declared.name.clone()))];
    selectors(&mut entries, &declared.selection);
    push(&mut entries, "status", declared.status.as_deref().map(|words| Item::Words(texts(words))));
    let frequency = declared.frequency.as_deref().map(|words| Item::Words(texts(words)));
    push(&mut entries, "finding_publishing_frequency", frequency);
    push(&mut entries, "severity", Some(Item::Word(declared.severity.to_owned())));
    excepted(&mut entries, declared.except.as_ref());
    entries
}

fn waiver(waived: &Waived) -> Entries {
    let mut entries = vec![("reason".to_owned(), Item::Word(waived.reason.clone()))];
    selectors(&mut entries, &waived.selection);
    push(&mut entries, "settings", waived.settings.as_deref().map(|words| Item::Words(texts(words))));
    push(&mut entries, "while_live", waived.while_live.as_deref().map(|words| Item::Words(texts(words))));
    push(&mut entries, "expires", Some(Item::Word(waived.expires.to_owned())));
    push(&mut entries, "owner", waived.owner.map(|owner| Item::Word(owner.to_owned())));
    excepted(&mut entries, waived.except.as_ref());
    entries
}

/// The lists of a policy with their keys.
fn lists(policy: &Policy) -> [(&'static str, Vec<Entries>); 2] {
    [
        ("macie_sessions", policy.declarations.iter().map(declaration).collect()),
        ("waivers", policy.waivers.iter().map(waiver).collect()),
    ]
}

/// The policy in YAML, in block style; dates without quotes.
pub(crate) fn yaml(policy: &Policy) -> String {
    fn block(entries: &Entries, indent: usize, text: &mut String) {
        for (nth, (key, item)) in entries.iter().enumerate() {
            if nth > 0 {
                text.push_str(&" ".repeat(indent));
            }
            text.push_str(key);
            text.push(':');
            let _ = match item {
                Item::Word(word) if key == "expires" => writeln!(text, " {word}"),
                Item::Word(word) => writeln!(text, " {word:?}"),
                Item::Words(words) if words.len() == 1 => writeln!(text, " {}", words[0]),
                Item::Words(items) | Item::List(items) => writeln!(text, " {items:?}"),
                Item::Table(inner) => {
                    text.push('\n');
                    text.push_str(&" ".repeat(indent + 2));
                    block(inner, indent + 2, text);
                    Ok(())
                }
            };
        }
    }
    let mut text = "version: 1\n".to_owned();
    for (key, tables) in lists(policy) {
        if tables.is_empty() {
            let _ = writeln!(text, "{key}: []");
            continue;
        }
        let _ = writeln!(text, "{key}:");
        for entries in &tables {
            text.push_str("  - ");
            block(entries, 4, &mut text);
        }
    }
    text
}

/// The policy in TOML; dates are those of the language.
pub(crate) fn toml(policy: &Policy) -> String {
    fn value(key: &str, item: &Item) -> String {
        match item {
            Item::Word(word) if key == "expires" => word.clone(),
            Item::Word(word) => format!("{word:?}"),
            Item::Words(items) | Item::List(items) => format!("{items:?}"),
            Item::Table(inner) => {
                let inner: Vec<String> =
                    inner.iter().map(|(key, item)| format!("{key} = {}", value(key, item))).collect();
                format!("{{ {} }}", inner.join(", "))
            }
        }
    }
    let mut text = "version = 1\n".to_owned();
    if policy.declarations.is_empty() {
        text.push_str("macie_sessions = []\n");
    }
    for (list, tables) in lists(policy) {
        for entries in &tables {
            let _ = writeln!(text, "\n[[{list}]]");
            for (key, item) in entries {
                let _ = writeln!(text, "{key} = {}", value(key, item));
            }
        }
    }
    text
}

/// The policy in JSON, keys in the same order.
pub(crate) fn json(policy: &Policy) -> String {
    fn table(entries: &Entries) -> String {
        let value = |item: &Item| match item {
            Item::Word(word) => format!("{word:?}"),
            Item::Words(items) | Item::List(items) => format!("{items:?}"),
            Item::Table(inner) => table(inner),
        };
        let entries: Vec<String> = entries.iter().map(|(key, item)| format!("{key:?}: {}", value(item))).collect();
        format!("{{{}}}", entries.join(", "))
    }
    let list = |(key, tables): (&str, Vec<Entries>)| {
        format!(", {key:?}: [{}]", tables.iter().map(table).collect::<Vec<_>>().join(", "))
    };
    format!("{{\"version\": 1{}}}", lists(policy).map(list).concat())
}
