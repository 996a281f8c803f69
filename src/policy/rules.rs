//! Rules about declarations and waivers whose values are each sound.

use super::declaration::{Declaration, DeclaredSetting};
use super::schema::ACCOUNT_SELECTORS;
use super::selector::{RegionItem, Selection};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, nearest, quote};
use crate::document::{CheckedTable, SpannedItem, unknown_word};
use crate::model::{Placeholder, Region, RegionTable, Resource, SettingId, SettingKind, Settings, TextForm, Value};

/// A live value that a waiver covers.
pub(super) struct LiveValue {
    pub(super) setting: SettingId,
    pub(super) value: Value,
    pub(super) span: Span,
}

/// Reports every rule that the declaration breaks, and returns whether its Regions are known.
pub(super) fn check_declaration(declaration: &Declaration, table: &RegionTable, out: &mut Diagnostics) -> bool {
    settings_need_the_resource(declaration, out);
    let are_known = check_regions(&declaration.selection, table, out);
    for item in declaration.selection.chosen.regions.items() {
        if let RegionItem::Name(region, span) = item
            && table.knows(region)
        {
            session_needs_macie(declaration, region, *span, table, out);
        }
    }
    are_known
}

/// Reports every unknown Region, and returns whether there is none.
pub(super) fn check_regions(selection: &Selection, table: &RegionTable, out: &mut Diagnostics) -> bool {
    let mut are_known = true;
    for item in selection.all().flat_map(|selectors| selectors.regions.items()) {
        if let RegionItem::Name(region, span) = item {
            are_known &= is_known(region, *span, table, out);
        }
    }
    are_known
}

/// Reports values that are of no waived setting, and waived settings without a value where values are given: what such a
/// waiver covers would be a guess. A setting may have its value among those that are not known.
pub(super) fn values_belong_to_settings(
    values: &[LiveValue],
    settings: &[(SettingId, Span)],
    are_values_known: bool,
    out: &mut Diagnostics,
) {
    for LiveValue { setting: of, value, span } in values {
        if settings.iter().any(|(setting, _)| setting == of) {
            continue;
        }
        out.push(
            Diagnostic::error(Code::WaiverWithoutCover, format!("{value} is not a value of any setting waived here"))
                .label(*span, format!("a value of `{of}`"))
                .help(format!("add `{of}` to `settings`, or remove {value} from `while_live`")),
        );
    }
    let is_idle = |setting: &SettingId| {
        are_values_known && !values.is_empty() && values.iter().all(|value| value.setting != *setting)
    };
    for (setting, span) in settings.iter().filter(|(setting, _)| is_idle(setting)) {
        let other = "move it to a waiver without `while_live`";
        let help = if setting.spec().has_live_value() {
            format!("add live values of `{setting}` to `while_live`, or {other}")
        } else {
            format!("{other}: each session has a `{setting}` of its own")
        };
        out.push(
            Diagnostic::error(Code::WaiverWithoutCover, format!("`while_live` lists no value of `{setting}`"))
                .label(*span, "waived without a live value")
                .help(help),
        );
    }
}

/// Reports a waiver with `unread` that also has live values, or that selects every account.
pub(super) fn check_unread_waiver(fields: &CheckedTable<'_>, unread: Span, out: &mut Diagnostics) {
    if fields.has_key("while_live") {
        let live = fields.texts("while_live").map(|(_, span)| span);
        let live = live.or_else(|| fields.table("while_live").map(|table| table.span)).unwrap_or(fields.span);
        out.push(
            Diagnostic::error(Code::ConflictingKeys, "a waiver has either `unread` or `while_live`")
                .label(unread, "expects targets to be unread")
                .label(live, "covers drift")
                .help("remove one of the two, or write two waivers: what is unread has no live value"),
        );
    }
    if !ACCOUNT_SELECTORS.iter().any(|key| fields.has_key(key)) && !fields.has_unknown_key() {
        out.push(
            Diagnostic::error(Code::UnreadWaiverTooWide, "this waiver expects every account to be unread")
                .label(unread, "selects no accounts")
                .help("add `accounts`, `organizational_units` or `tags`"),
        );
    }
}

/// Reports a setting that belongs to another resource than the waiver.
pub(super) fn setting_of_other_resource(
    key: &str,
    span: Span,
    resource: Resource,
    settings: Settings,
    out: &mut Diagnostics,
) {
    let owners = settings.iter().filter(|setting| setting.key() == key).map(|setting| setting.spec().resource);
    let owners: Vec<String> = owners.map(|owner| format!("`resource: {owner}`")).collect();
    if owners.is_empty() {
        return;
    }
    out.push(
        Diagnostic::error(Code::WaiverWithoutCover, format!("`{key}` is not a setting of the resource {resource}"))
            .label(span, "a setting of another resource")
            .help(format!("write {}", owners.join(" or "))),
    );
}

/// Reports a value that the setting of the waiver's resource cannot have: resources may share a key.
pub(super) fn value_of_other_resource(value: &str, span: Span, setting: SettingId, out: &mut Diagnostics) {
    let spec = setting.spec();
    let takes = match spec.kind.bounds() {
        Some((least, most)) => format!("`{setting}` takes a whole number from {least} to {most}"),
        None => format!("`{setting}` takes {}", spec.kind.words().join(", ")),
    };
    out.push(
        Diagnostic::error(
            Code::UnknownWord,
            format!("\"{}\" is not a value of `{setting}` of the resource {}", quote(value), spec.resource),
        )
        .label(span, "unknown")
        .help(takes),
    );
}

/// Reports a live value of a setting that has none of its own.
pub(super) fn no_live_value(setting: SettingId, span: Span, settings: Settings, out: &mut Diagnostics) {
    let resource = setting.spec().resource;
    let with = settings.for_resource(resource).filter(|setting| setting.spec().has_live_value());
    let with: Vec<String> = with.map(|setting| format!("`{setting}`")).collect();
    out.push(
        Diagnostic::error(
            Code::WaiverWithoutCover,
            format!("`while_live` takes no value of `{setting}` of the resource {resource}: each session has its own"),
        )
        .label(span, "not one live value")
        .help(format!("remove it, or name a live value of {}", with.join(", "))),
    );
}

/// Reports a declaration without a setting. It may have a parameter, which says what its settings are about.
pub(super) fn no_setting(span: Span, known: &[SettingId], parameter: Option<SettingId>, out: &mut Diagnostics) {
    let keys: Vec<String> = known.iter().map(|setting| format!("`{setting}`")).collect();
    let keys = match keys.split_last() {
        Some((last, rest)) if rest.len() > 1 => format!("{}, or {last}", rest.join(", ")),
        _ => keys.join(" or "),
    };
    out.push(
        Diagnostic::error(Code::NoSetting, "this declaration declares no setting").label(span, "no setting here").help(
            match parameter {
                Some(parameter) => {
                    format!("`{parameter}` is no setting by itself: it says what the rules are about; add {keys}")
                }
                None => format!("add {keys}"),
            },
        ),
    );
}

/// Reports braces that are no placeholder, in texts that have placeholders, and returns whether there is none.
pub(super) fn check_placeholders(setting: SettingId, items: &[SpannedItem<'_>], out: &mut Diagnostics) -> bool {
    if setting.spec().kind != SettingKind::Text(TextForm::Pattern) {
        return true;
    }
    let errors = out.len();
    for (text, span) in items {
        let Some(unknown) = Placeholder::first_unknown(text) else { continue };
        let known: Vec<String> = Placeholder::ALL.iter().map(|one| format!("{{{}}}", one.name())).collect();
        let name = unknown.trim_matches(['{', '}', ' ']);
        let near = nearest(name, Placeholder::ALL.iter().map(|one| one.name()));
        let near = near.map_or_else(String::new, |near| format!("did you mean {{{near}}}? "));
        let message = if unknown.starts_with("{{") {
            format!("`{}` is a parameter of a document, and matches nothing", quote(unknown))
        } else if name.is_empty() {
            format!("the brace in \"{}\" belongs to no placeholder", quote(text))
        } else {
            format!("`{}` is not a placeholder", quote(unknown))
        };
        out.push(
            Diagnostic::error(Code::UnknownPlaceholder, message).label(*span, "unknown placeholder").help(format!(
                "{near}the placeholders are {}; ? matches any character, also a brace",
                known.join(", ")
            )),
        );
    }
    out.len() == errors
}

/// Reports a bare word that several of the waived settings have.
pub(super) fn ambiguous_live_value(word: &str, span: Span, settings: &[SettingId], out: &mut Diagnostics) {
    let keys: Vec<String> = settings.iter().map(|setting| format!("`{setting}`")).collect();
    out.push(
        Diagnostic::error(Code::WaiverWithoutCover, format!("{word} is a value of more than one setting waived here"))
            .label(span, format!("a value of {}", keys.join(" and ")))
            .help(format!(
                "name the setting: `while_live: {}`",
                settings.first().map_or_else(String::new, |one| live_table(*one, word))
            )),
    );
}

fn takes_live_value(setting: SettingId, word: &str) -> bool {
    setting.spec().has_live_value() && setting.parse(word).is_some()
}

/// The settings that a live value tells to be meant: any text is a value of a setting that takes texts.
pub(super) fn settings_with_word<'a>(
    word: &'a str,
    known: &'a [SettingId],
) -> impl Iterator<Item = SettingId> + use<'a> {
    let is_telling =
        move |setting: &SettingId| word == Value::UNSET || !matches!(setting.spec().kind, SettingKind::Text(_));
    known.iter().copied().filter(is_telling).filter(move |setting| takes_live_value(*setting, word))
}

/// The most settings that are named of those that a bare live value may be of.
const SHOWN_AT_MOST: usize = 3;

/// Reports a bare live value that stands for no setting by itself: what such a waiver covers would be a guess. It is a value of
/// settings that a waiver must name, or of none.
pub(super) fn live_value_needs_setting(
    word: &str,
    span: Span,
    (resource, known): (Resource, &[SettingId]),
    named: &[SettingId],
    out: &mut Diagnostics,
) {
    let takes = |setting: &SettingId| takes_live_value(*setting, word);
    let of_named: Vec<SettingId> = named.iter().copied().filter(takes).collect();
    let meant = match of_named.as_slice() {
        [] if named.is_empty() => settings_with_word(word, known).collect(),
        _ => of_named,
    };
    let shown = quote(word);
    if meant.is_empty() {
        let bare = known.iter().map(|setting| setting.spec()).filter(|spec| spec.has_bare_waiver_words);
        let words: Vec<&str> = bare.flat_map(|spec| spec.kind.words().iter().copied()).collect();
        if !words.is_empty() {
            out.push(unknown_word(word, span, "while_live", &words, None));
            return;
        }
        let live = known.iter().filter(|setting| setting.spec().has_live_value());
        let live: Vec<String> = live.map(|setting| format!("`{setting}`")).collect();
        let message = format!("\"{shown}\" is not a live value of the resource {resource}");
        out.push(
            Diagnostic::error(Code::WaiverWithoutCover, message)
                .label(span, "a value without its setting")
                .help(format!("write `while_live` as a table with a live value of {}", live.join(", "))),
        );
        return;
    }
    let keys: Vec<String> = meant.iter().take(SHOWN_AT_MOST).map(|setting| format!("`{setting}`")).collect();
    let tables =
        meant.iter().take(SHOWN_AT_MOST).map(|setting| format!("`while_live: {}`", live_table(*setting, word)));
    let such = if meant.len() > SHOWN_AT_MOST { ", such as" } else { ":" };
    out.push(
        Diagnostic::error(Code::WaiverWithoutCover, format!("{shown} needs the name of its setting"))
            .label(span, format!("a value of {}", keys.join(" or ")))
            .help(format!("name the setting{such} {}", tables.collect::<Vec<_>>().join(" or "))),
    );
}

/// A live value as the table by setting, in YAML.
fn live_table(setting: SettingId, word: &str) -> String {
    let is_text = matches!(setting.spec().kind, SettingKind::Text(_) | SettingKind::AccountOr(_));
    let value = if is_text && word != Value::UNSET { format!("\"{}\"", quote(word)) } else { quote(word) };
    match setting.key().split_once('.') {
        Some((table, leaf)) => format!("{{{table}: {{{leaf}: {value}}}}}"),
        None => format!("{{{setting}: {value}}}"),
    }
}

/// Reports settings of a resource that must not exist.
fn settings_need_the_resource(declaration: &Declaration, out: &mut Diagnostics) {
    let Some((existence, absent)) = existence(declaration) else { return };
    if !existence.accepted.is_only(absent) {
        return;
    }
    let known = declaration.settings.iter().map(|(setting, declared)| (setting, declared.span));
    let unknown = declaration.unknown.settings.iter().filter_map(|(setting, place)| Some((setting, (*place)?)));
    for (setting, span) in known.chain(unknown) {
        let Some(needs) = setting.spec().needs_resource else { continue };
        out.push(
            Diagnostic::error(
                Code::FrequencyWithoutSession,
                format!("{} is declared for a session that must not exist", needs.what),
            )
            .label(span, needs.why)
            .label(existence.span, format!("the status must be {absent}"))
            .help("remove one of the two, or add ENABLED or PAUSED to the status"),
        );
    }
}

/// The declared setting that says whether the resource exists, and its value for "it does not".
fn existence(declaration: &Declaration) -> Option<(&DeclaredSetting, &'static Value)> {
    declaration.settings.iter().find_map(|(setting, declared)| Some((declared, setting.spec().absent.as_ref()?)))
}

/// Whether the Region is known; says so if not. An unknown one is a slip of the pen or newer than the table, and either way
/// nothing true could be said of it.
pub(crate) fn is_known(region: &Region, span: Span, table: &RegionTable, out: &mut Diagnostics) -> bool {
    if table.knows(region) {
        return true;
    }
    let remediation =
        format!("list a Region newer than the {} under `[regions]` in driftline.toml", table.provenance());
    let near = nearest(region.as_str(), table.known_regions().map(Region::as_str));
    out.push(
        Diagnostic::error(Code::UnknownRegion, format!("unknown Region {region}"))
            .label(span, "not known")
            .help(near.map_or_else(|| remediation.clone(), |near| format!("did you mean {near}? {remediation}"))),
    );
    false
}

fn session_needs_macie(
    declaration: &Declaration,
    region: &Region,
    span: Span,
    table: &RegionTable,
    out: &mut Diagnostics,
) {
    let Some((status, absent)) = existence(declaration) else { return };
    if table.has_macie(region) || status.accepted.accepts(absent) {
        return;
    }
    out.push(
        Diagnostic::error(
            Code::RegionWithoutMacie,
            format!("a session is declared in {region}, where Macie is not available"),
        )
        .label(span, format!("no Macie here, according to the {}", table.provenance()))
        .label(status.span, "declared here")
        .help("remove the Region; a pattern, or no `regions` at all, skips Regions without Macie"),
    );
}
