//! The decoding of the valid entries of a file into declarations, waivers and selectors.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wildmatch::WildMatch;

use super::declaration::{Declaration, DeclaredSetting, DeclaredWaiver, UnknownParts};
use super::rules::{self, LiveValue};
use super::schema::{SELECTOR_FIELDS, policy_schema, split_key};
use super::selector::{
    AccountItems, AccountSelectors, RegionItem, RegionSelector, Selection, Selectors, TagItem, UnitItem,
};
use super::text_rules::date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span};
use crate::document::{CheckedTable, Node, SpannedItem, SpannedStr, check};
use crate::model::{Accepted, Catalog, Origin, Resource, SettingId, Settings, Severity, UnreadReason, Waiver};

/// What a file declares.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) declarations: Vec<Declaration>,
    pub(super) waivers: Vec<DeclaredWaiver>,
    /// The resources of which the file may declare more, because of errors in it.
    pub(super) incomplete: BTreeSet<Resource>,
}

/// What a file declares. Errors are reported; what is returned is sound, and complete if none was reported.
pub(super) fn decode(node: &Node, catalog: Catalog<'_>, sources: &Sources, out: &mut Diagnostics) -> Decoded {
    let all = || Resource::ALL.iter().copied().collect();
    let Some(file) = check(node, policy_schema(catalog.settings), out) else {
        return Decoded { incomplete: all(), ..Decoded::default() };
    };
    if !Resource::ALL.iter().any(|resource| file.has_key(resource.policy_key())) && !file.has_key("waivers") {
        report_nothing_declared(&file, out);
    }
    let mut decoded = Decoded::default();
    if file.has_unknown_key() || (file.has_key("version") && !file.is_sound_key("version")) {
        decoded.incomplete = all();
    }
    for resource in Resource::ALL {
        if !file.has_all_tables(resource.policy_key()) {
            decoded.incomplete.insert(*resource);
        }
        for fields in file.tables(resource.policy_key()) {
            let mut declaration = declaration(fields, *resource, catalog.settings, sources, out);
            declaration.unknown.selection |= !rules::check_declaration(&declaration, catalog.regions, out);
            let may_declare_more = fields.has_unknown_key()
                || (declaration.settings.is_empty() && declaration.unknown.settings.is_empty());
            if may_declare_more {
                declaration.unknown.selection = true;
                decoded.incomplete.insert(*resource);
            }
            decoded.declarations.push(declaration);
        }
    }
    for fields in file.tables("waivers") {
        let errors = out.len();
        let selection = selection(fields, out);
        rules::check_regions(&selection, catalog.regions, out);
        let waiver = waiver(fields, selection, catalog.settings, sources, out);
        decoded.waivers.extend(waiver.filter(|_| fields.is_sound() && out.len() == errors));
    }
    decoded
}

fn report_nothing_declared(file: &CheckedTable<'_>, out: &mut Diagnostics) {
    let keys: Vec<String> = Resource::ALL.iter().map(|resource| format!("`{}`", resource.policy_key())).collect();
    let keys = keys.join(", ");
    out.push(
        Diagnostic::error(Code::MissingKey, format!("a policy file must have at least one of {keys} and `waivers`"))
            .label(file.span, "all are missing")
            .help(format!("add one of {keys} with a list of declarations, or `waivers` with a list of waivers")),
    );
}

fn declaration(
    fields: &CheckedTable<'_>,
    resource: Resource,
    settings: Settings,
    sources: &Sources,
    out: &mut Diagnostics,
) -> Declaration {
    let name = fields.text("name").map(|(name, _)| name.to_owned());
    let mut unknown = UnknownParts::default();
    let mut declared = |setting: SettingId| {
        let found = setting_items(fields, setting);
        let is_sound_text = found.as_ref().is_none_or(|(items, _)| rules::check_placeholders(setting, items, out));
        let place = || UnsoundKey(found.as_ref().map(|(_, span)| *span));
        if let Some(UnsoundKey(place)) = unsound_setting(fields, setting).or_else(|| (!is_sound_text).then(place)) {
            unknown.settings.insert(setting, place);
            return None;
        }
        let (items, span) = found?;
        let accepted: Accepted = items.iter().filter_map(|(item, _)| setting.parse_item(item)).collect();
        let origin = Arc::new(origin(span, name.clone(), sources));
        Some((setting, DeclaredSetting { accepted, span, origin }))
    };
    let known: Vec<SettingId> = settings.for_resource(resource).collect();
    let parameter = settings.parameters(resource).find(|parameter| fields.has_key(parameter.key()));
    let parameters = settings.parameters(resource).filter_map(&mut declared).collect();
    let settings: BTreeMap<SettingId, DeclaredSetting> = known.iter().copied().filter_map(declared).collect();
    let errors = out.len();
    let selection = selection(fields, out);
    unknown.selection = out.len() > errors || !SELECTOR_FIELDS.iter().all(|field| fields.is_sound_key(field.key));
    report_empty_tables(fields, &known, out);
    // A setting with an error in it has been reported as such, and is a declaration all the same.
    if settings.is_empty() && !known.iter().any(|setting| fields.has_key(split_key(*setting).0)) {
        rules::no_setting(fields.span, &known, parameter, out);
    }
    let severity = fields.text("severity").and_then(|(word, _)| Severity::from_word(word)).unwrap_or_default();
    Declaration { resource, span: fields.span, name, selection, settings, parameters, severity, unknown }
}

/// The key of a setting whose values are not all known; `None` inside if a nested table has the error.
struct UnsoundKey(Option<Span>);

/// Whether a setting is there and its values are not all known.
fn unsound_setting(fields: &CheckedTable<'_>, setting: SettingId) -> Option<UnsoundKey> {
    match split_key(setting) {
        (table, Some(leaf)) => {
            if fields.is_sound_key(table) {
                return None;
            }
            let Some(nested) = fields.table(table).filter(|nested| !nested.is_sound()) else {
                return Some(UnsoundKey(None));
            };
            match nested.key_span(leaf) {
                Some(place) if !nested.is_sound_key(leaf) => Some(UnsoundKey(Some(place))),
                Some(_) => None,
                None => nested.has_unknown_key().then_some(UnsoundKey(None)),
            }
        }
        (key, None) => (!fields.is_sound_key(key)).then(|| UnsoundKey(fields.key_span(key))),
    }
}

/// The items of a setting, from the nested table if it stands in one.
fn setting_items<'tree>(fields: &CheckedTable<'tree>, setting: SettingId) -> Option<(Vec<SpannedItem<'tree>>, Span)> {
    match split_key(setting) {
        (table, Some(leaf)) => fields.table(table)?.items(leaf),
        (key, None) => fields.items(key),
    }
}

/// Reports nested tables in which nothing is declared.
fn report_empty_tables(fields: &CheckedTable<'_>, known: &[SettingId], out: &mut Diagnostics) {
    let mut tables: Vec<&str> =
        known.iter().filter_map(|setting| split_key(*setting).1.map(|_| split_key(*setting).0)).collect();
    tables.dedup();
    for (key, table) in tables.into_iter().filter_map(|key| Some((key, fields.table(key)?))) {
        if table.is_empty() {
            out.push(
                Diagnostic::error(Code::NoSetting, format!("`{key}` declares no setting"))
                    .label(table.span, "no setting here")
                    .help(format!("add a setting to `{key}`, or remove it")),
            );
        }
    }
}

fn waiver(
    fields: &CheckedTable<'_>,
    selection: Selection,
    settings: Settings,
    sources: &Sources,
    out: &mut Diagnostics,
) -> Option<DeclaredWaiver> {
    let resource = fields.text("resource").and_then(|(word, _)| word.parse().ok()).unwrap_or_default();
    let unread = unread_reasons(fields, out);
    let is_for_all = unread.iter().any(|reason| reason.holds_for_every_resource())
        && !fields.has_key("resource")
        && !fields.has_key("settings");
    let is_known = |setting: &SettingId| is_for_all || setting.spec().resource == resource;
    let known: Vec<SettingId> = settings.iter().filter(is_known).collect();
    let by_setting = fields.table("while_live");
    if let Some(table) = by_setting {
        report_empty_live_table(table, settings, out);
    }
    if !fields.is_sound_key("resource") {
        // Which settings there are depends on it.
        return None;
    }
    let named = named_settings(fields, resource, settings, out);
    let are_settings_known = fields.is_sound_key("settings");
    let errors = out.len();
    let values = match by_setting {
        Some(table) => values_by_setting(table, resource, settings, out),
        None => bare_values(fields, (resource, &known), named.as_deref(), out),
    };
    if let Some(named) = named.as_ref().filter(|_| are_settings_known) {
        let are_values_known = fields.is_sound_key("while_live") && out.len() == errors;
        rules::values_belong_to_settings(&values, named, are_values_known, out);
    }
    let is_meant = |setting: &SettingId| match &named {
        Some(named) => named.iter().any(|(named, _)| named == setting),
        None => values.is_empty() || values.iter().any(|value| value.setting == *setting),
    };
    let (expires, expires_span) = fields.text("expires")?;
    let (reason, _) = fields.text("reason")?;
    Some(DeclaredWaiver {
        span: fields.span,
        selection,
        settings: known.iter().copied().filter(is_meant).collect(),
        expires: expires_span,
        waiver: Arc::new(Waiver {
            origin: origin(fields.span, None, sources),
            reason: reason.into(),
            owner: fields.text("owner").map(|(owner, _)| owner.into()),
            expires: date(expires).ok()?,
            while_live: values.into_iter().map(|live| (live.setting, live.value)).collect(),
            while_live_by_setting: by_setting.is_some(),
            unread,
            resource,
        }),
    })
}

/// The reasons for which a waiver expects targets to be unread; empty if it is for drift.
fn unread_reasons(fields: &CheckedTable<'_>, out: &mut Diagnostics) -> Vec<UnreadReason> {
    if !fields.has_key("unread") {
        return Vec::new();
    }
    let place = fields.key_span("unread").unwrap_or(fields.span);
    let (words, span) = fields.texts("unread").unwrap_or((&[], place));
    rules::check_unread_waiver(fields, span, out);
    words.iter().filter_map(|(word, _)| UnreadReason::from_waivable(word)).collect()
}

/// The settings that a waiver names, each with its place; `None` if it names none.
fn named_settings(
    fields: &CheckedTable<'_>,
    resource: Resource,
    settings: Settings,
    out: &mut Diagnostics,
) -> Option<Vec<(SettingId, Span)>> {
    let (keys, _) = fields.texts("settings")?;
    let mut named = Vec::new();
    for (key, span) in keys {
        match settings.find(resource, key) {
            Some(setting) => named.push((setting, *span)),
            None => rules::setting_of_other_resource(key, *span, resource, settings, out),
        }
    }
    Some(named)
}

/// Reports a table `while_live` without values, or with nested tables without values.
fn report_empty_live_table(table: &CheckedTable<'_>, settings: Settings, out: &mut Diagnostics) {
    if table.is_empty() {
        out.push(
            Diagnostic::error(Code::EmptyList, "`while_live` is an empty table")
                .label(table.span, "empty")
                .help("list the live values of a setting, or remove `while_live`"),
        );
    }
    let with_live_value: Vec<SettingId> = settings.iter().filter(|setting| setting.spec().has_live_value()).collect();
    report_empty_tables(table, &with_live_value, out);
}

/// The values of `while_live` as a table by setting.
fn values_by_setting(
    table: &CheckedTable<'_>,
    resource: Resource,
    settings: Settings,
    out: &mut Diagnostics,
) -> Vec<LiveValue> {
    let with_live_value = || settings.iter().filter(|setting| setting.spec().has_live_value());
    let mut values = Vec::new();
    let mut seen = BTreeSet::new();
    for key in with_live_value().map(SettingId::key).filter(|key| seen.insert(*key)) {
        let own = settings.find(resource, key);
        let Some((items, span)) = own
            .or_else(|| with_live_value().find(|setting| setting.key() == key))
            .and_then(|setting| setting_items(table, setting))
        else {
            continue;
        };
        match own {
            Some(setting) if setting.spec().has_live_value() => {
                for (item, span) in &items {
                    match setting.parse(item) {
                        Some(value) => values.push(LiveValue { setting, value, span: *span }),
                        None => rules::value_of_other_resource(item, *span, setting, out),
                    }
                }
            }
            Some(setting) => rules::no_live_value(setting, span, settings, out),
            None => rules::setting_of_other_resource(key, span, resource, settings, out),
        }
    }
    values
}

/// The values of `while_live` as bare words. With `settings`, a word is a value of a setting that is named there; without, of one
/// that takes bare words.
fn bare_values(
    fields: &CheckedTable<'_>,
    (resource, known): (Resource, &[SettingId]),
    named: Option<&[(SettingId, Span)]>,
    out: &mut Diagnostics,
) -> Vec<LiveValue> {
    let named: Vec<SettingId> = named.unwrap_or_default().iter().map(|(setting, _)| *setting).collect();
    let words = fields.texts("while_live").map_or(&[][..], |(words, _)| words);
    let mut values = Vec::new();
    for (word, span) in words {
        let having =
            |setting: &&SettingId| setting.spec().has_live_value() && setting.spec().kind.words().contains(word);
        let meant: Vec<SettingId> = known.iter().filter(having).copied().filter(|one| named.contains(one)).collect();
        let bare = || known.iter().filter(having).find(|setting| setting.spec().has_bare_waiver_words).copied();
        match meant.as_slice() {
            [_, _, ..] => rules::ambiguous_live_value(word, *span, &meant, out),
            [setting] => values.extend(live_value(*setting, word, *span)),
            [] => match bare() {
                Some(setting) => values.extend(live_value(setting, word, *span)),
                // It may be a value of a setting that is misspelled.
                None if !fields.is_sound_key("settings") && rules::settings_with_word(word, known).next().is_some() => {
                }
                None => rules::live_value_needs_setting(word, *span, (resource, known), &named, out),
            },
        }
    }
    values
}

fn live_value(setting: SettingId, text: &str, span: Span) -> Option<LiveValue> {
    Some(LiveValue { setting, value: setting.parse(text)?, span })
}

fn origin(span: Span, declaration: Option<String>, sources: &Sources) -> Origin {
    let place = sources.place(span);
    Origin { file: place.file, line: place.line, column: place.column, declaration }
}

/// The selection of a declaration or a waiver, its `except` included.
fn selection(fields: &CheckedTable<'_>, out: &mut Diagnostics) -> Selection {
    let except = fields.table("except").and_then(|except| {
        if except.is_empty() {
            out.push(
                Diagnostic::error(Code::EmptyExcept, "an `except` without selectors would exclude every target")
                    .label(except.span, "no selector here")
                    .help("select the accounts or Regions to exclude, or remove `except`"),
            );
            return None;
        }
        Some(selectors(except))
    });
    Selection { chosen: selectors(fields), except }
}

fn selectors(fields: &CheckedTable<'_>) -> Selectors {
    let texts = |key: &str| fields.texts(key).map(|(items, _)| items);
    let tags = fields.by_key("tags").iter().map(|(key, span, values)| TagItem {
        key: (*key).into(),
        values: values.iter().map(|(value, span)| ((*value).into(), *span)).collect(),
        span: *span,
    });
    let tags: Vec<TagItem> = tags.collect();
    Selectors {
        accounts: AccountSelectors {
            listed: texts("accounts").map(account_items),
            units: texts("organizational_units").map(unit_items),
            tags: (!tags.is_empty()).then_some(tags),
        },
        regions: texts("regions").map_or(RegionSelector::All, region_items),
    }
}

fn account_items(items: &[SpannedStr<'_>]) -> AccountItems {
    let mut found = AccountItems::default();
    for (text, span) in items {
        match text.parse() {
            Ok(id) => {
                found.ids.insert(id, *span);
            }
            Err(_) => found.names.push((WildMatch::new(text), *span)),
        }
    }
    found
}

fn unit_items(items: &[SpannedStr<'_>]) -> Vec<UnitItem> {
    items.iter().filter_map(|(text, span)| Some(UnitItem { name: text.parse().ok()?, span: *span })).collect()
}

fn region_items(items: &[SpannedStr<'_>]) -> RegionSelector {
    let item = |(text, span): &SpannedStr<'_>| match text.parse() {
        Ok(name) => RegionItem::Name(name, *span),
        Err(_) => RegionItem::Pattern(WildMatch::new(text), *span),
    };
    RegionSelector::Any(items.iter().map(item).collect())
}
