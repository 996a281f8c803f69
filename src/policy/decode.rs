//! From the sound entries of a file to declarations and waivers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::declaration::{Declaration, DeclaredSetting, DeclaredWaiver};
use super::decode_selection::selection;
use super::rules;
use super::schema::POLICY;
use super::text_rules::date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span};
use crate::document::{CheckedTable, Node, check};
use crate::model::{Origin, RegionTable, Setting, SettingValue, Severity, Waiver};

/// What a file declares.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) declarations: Vec<Declaration>,
    pub(super) waivers: Vec<DeclaredWaiver>,
}

/// What a file declares. Mistakes are reported; what is returned is sound, and complete if none was reported.
pub(super) fn decode(node: &Node, table: &RegionTable, sources: &Sources, out: &mut Diagnostics) -> Decoded {
    let Some(file) = check(node, &POLICY, out) else { return Decoded::default() };
    if !file.has_key("macie_sessions") && !file.has_key("waivers") {
        out.push(
            Diagnostic::error(Code::MissingKey, "a policy file needs `macie_sessions`, or `waivers`, or both")
                .label(file.span, "both are missing here")
                .help("`macie_sessions` takes a list of declarations, `waivers` a list of exceptions"),
        );
    }
    let declarations = file.tables("macie_sessions").iter().filter_map(|fields| {
        let declaration = declaration(fields, sources, out)?;
        rules::check_declaration(&declaration, table, out);
        Some(declaration)
    });
    let declarations = declarations.collect();
    let waivers = file.tables("waivers").iter().filter_map(|fields| {
        let waiver = waiver(fields, sources, out)?;
        rules::check_regions(&waiver.selection, table, out);
        Some(waiver)
    });
    Decoded { declarations, waivers: waivers.collect() }
}

fn declaration(fields: &CheckedTable<'_>, sources: &Sources, out: &mut Diagnostics) -> Option<Declaration> {
    let name = fields.text("name").map(|(name, _)| name.to_owned());
    let settings: BTreeMap<Setting, DeclaredSetting> = Setting::ALL
        .into_iter()
        .filter_map(|setting| {
            let (words, span) = fields.texts(setting.key())?;
            let accepted: Arc<[_]> = words.iter().filter_map(|(word, _)| setting.value(word)).collect();
            let origin = origin(span, name.clone(), sources);
            Some((setting, DeclaredSetting { accepted, span, origin: Arc::new(origin) }))
        })
        .collect();
    let selection = selection(fields, out);
    if settings.is_empty() {
        // A setting with a mistake in it has been reported as such, and is a declaration all the same.
        if !Setting::ALL.into_iter().any(|setting| fields.has_key(setting.key())) {
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
    Some(Declaration { span: fields.span, name, selection, settings, severity })
}

fn waiver(fields: &CheckedTable<'_>, sources: &Sources, out: &mut Diagnostics) -> Option<DeclaredWaiver> {
    let selection = selection(fields, out);
    let values: Vec<(SettingValue, Setting, Span)> = fields
        .texts("while_live")
        .map_or(&[][..], |(words, _)| words)
        .iter()
        .filter_map(|(word, span)| {
            Setting::ALL.into_iter().find_map(|setting| Some((setting.value(word)?, setting, *span)))
        })
        .collect();
    let named: Option<Vec<(Setting, Span)>> = fields.texts("settings").map(|(keys, _)| {
        let setting = |key: &str| Setting::ALL.into_iter().find(|setting| setting.key() == key);
        keys.iter().filter_map(|(key, span)| Some((setting(key)?, *span))).collect()
    });
    if let Some(named) = &named {
        rules::values_belong_to_settings(&values, named, out);
    }
    let is_meant = |setting: &Setting| match &named {
        Some(named) => named.iter().any(|(named, _)| named == setting),
        None => values.is_empty() || values.iter().any(|(_, of, _)| of == setting),
    };
    let (expires, expires_span) = fields.text("expires")?;
    let (reason, _) = fields.text("reason")?;
    Some(DeclaredWaiver {
        span: fields.span,
        selection,
        settings: Setting::ALL.into_iter().filter(is_meant).collect(),
        expires: expires_span,
        waiver: Arc::new(Waiver {
            origin: origin(fields.span, None, sources),
            reason: reason.into(),
            owner: fields.text("owner").map(|(owner, _)| owner.into()),
            expires: date(expires).ok()?,
            while_live: values.into_iter().map(|(value, ..)| value).collect(),
        }),
    })
}

fn origin(span: Span, declaration: Option<String>, sources: &Sources) -> Origin {
    let place = sources.place(span);
    Origin { file: place.file, line: place.line, column: place.column, declaration }
}
