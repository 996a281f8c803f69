//! From the sound entries of a file to declarations.

use std::collections::BTreeMap;
use std::sync::Arc;

use wildmatch::WildMatch;

use super::declaration::{Declaration, DeclaredSetting};
use super::rules;
use super::selector::{AccountSelector, Except, RegionItem, RegionSelector};
use super::shape::POLICY;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::document::{Fields, Node, check};
use crate::model::{Origin, RegionTable, Setting, Severity};

/// The declarations of a file. Mistakes are reported; what is returned is sound, and complete if none was reported.
pub(super) fn decode(node: &Node, table: &RegionTable, sources: &Sources, out: &mut Diagnostics) -> Vec<Declaration> {
    let Some(file) = check(node, &POLICY, out) else { return Vec::new() };
    file.tables("macie_sessions")
        .iter()
        .filter_map(|fields| {
            let declaration = declaration(fields, sources, out)?;
            rules::check(&declaration, table, out);
            Some(declaration)
        })
        .collect()
}

fn declaration(fields: &Fields<'_>, sources: &Sources, out: &mut Diagnostics) -> Option<Declaration> {
    let name = fields.text("name").map(|(name, _)| name.to_owned());
    let settings: BTreeMap<Setting, DeclaredSetting> = Setting::ALL
        .into_iter()
        .filter_map(|setting| {
            let (words, span) = fields.texts(setting.key())?;
            let accepted: Arc<[_]> = words.iter().filter_map(|(word, _)| setting.value(word)).collect();
            let place = sources.place(span);
            let origin = Origin { file: place.file, line: place.line, column: place.column, declaration: name.clone() };
            Some((setting, DeclaredSetting { accepted, span, origin: Arc::new(origin) }))
        })
        .collect();
    let except = match fields.table("except") {
        Some(except) if except.is_empty() => {
            out.push(
                Diagnostic::error(Code::EmptyExcept, "an `except` without selectors would take every target away")
                    .label(except.span, "nothing is selected here")
                    .help("say which accounts or Regions are excepted, or leave `except` out"),
            );
            None
        }
        Some(except) => Some(Except { accounts: accounts(except), regions: regions(except) }),
        None => None,
    };
    if settings.is_empty() {
        // A setting with a mistake in it has been reported as such, and is a declaration all the same.
        if !Setting::ALL.into_iter().any(|setting| fields.mentions(setting.key())) {
            let keys: Vec<String> = Setting::ALL.into_iter().map(|setting| format!("`{setting}`")).collect();
            out.push(
                Diagnostic::error(Code::NoSetting, "this declaration declares nothing")
                    .label(fields.span, "no setting is declared here")
                    .help(format!("add {}", keys.join(" or "))),
            );
        }
        return None;
    }
    let severity = fields.text("severity").and_then(|(word, _)| Severity::from_word(word)).unwrap_or_default();
    Some(Declaration {
        span: fields.span,
        name,
        accounts: accounts(fields),
        regions: regions(fields),
        except,
        settings,
        severity,
    })
}

fn accounts(fields: &Fields<'_>) -> AccountSelector {
    fields.texts("accounts").map_or(AccountSelector::Everyone, |(items, _)| {
        AccountSelector::Ids(items.iter().filter_map(|(text, span)| Some((text.parse().ok()?, *span))).collect())
    })
}

fn regions(fields: &Fields<'_>) -> RegionSelector {
    fields.texts("regions").map_or(RegionSelector::All, |(items, _)| {
        let item = |(text, span): &(&str, _)| match text.parse() {
            Ok(name) => RegionItem::Name(name, *span),
            Err(_) => RegionItem::Pattern(WildMatch::new(text), *span),
        };
        RegionSelector::Any(items.iter().map(item).collect())
    })
}
