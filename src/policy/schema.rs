//! The keys of a policy file, built from the list of settings.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::text_rules::{
    ACCOUNT, ACCOUNT_OR_NONE, DATE, LITERAL_TEXT, LIVE_TEXT, NAME, OWNER, PATTERN_TEXT, REASON, REFERENCE, REGION,
    TAG_KEY, TAG_VALUE, UNIT, UNREAD_REASON, WINDOW,
};
use crate::document::{Beside, Field, NumberRule, TableSchema, ValueKind};
use crate::model::{AcceptedItem, Resource, SettingId, SettingKind, Settings, TextForm, Value};

/// The words of [`Severity`](crate::model::Severity), the least first.
const SEVERITIES: &[&str] = &["low", "medium", "high", "critical"];

/// The keys that select accounts.
pub(super) const ACCOUNT_SELECTORS: [&str; 3] = ["accounts", "organizational_units", "tags"];

/// The keys that select.
const SELECTORS: &[&str] = &["accounts", "organizational_units", "tags", "regions"];

const SELECT_ACCOUNTS: Field = Field::new(
    "accounts",
    "The accounts, by id or by name pattern with * and ?. Left out: every account of the inventory.",
    ValueKind::Texts(&ACCOUNT),
);

const SELECT_UNITS: Field = Field::new(
    "organizational_units",
    "The accounts in these organizational units and all below them, by path from below the root or by ou- id.",
    ValueKind::Texts(&UNIT),
)
.with_synonyms(&["ou", "ous", "unit", "units"], &[]);

const SELECT_TAGS: Field = Field::new(
    "tags",
    "The accounts that have all of these tags; of several values of a key, any.",
    ValueKind::TextsByKey(&TAG_KEY, &TAG_VALUE),
);

const SELECT_REGIONS: Field = Field::new(
    "regions",
    "The Regions, by code or by pattern with * and ?. Left out: every Region of the inventory.",
    ValueKind::Texts(&REGION),
);

static EXCEPT: TableSchema = TableSchema {
    name: "an `except`",
    meaning: "The targets to exclude from the selection: those that match all of these selectors.",
    any_of: SELECTORS,
    fields: &[SELECT_ACCOUNTS, SELECT_UNITS, SELECT_TAGS, SELECT_REGIONS],
};

const EXCEPTION: Field = Field::new("except", "The selectors of the targets to exclude.", ValueKind::Table(&EXCEPT))
    .with_synonyms(&["exclude", "excluding", "ignore", "not"], &[]);

/// The keys that declarations and waivers start with.
pub(super) const SELECTOR_FIELDS: [Field; 5] = [SELECT_ACCOUNTS, SELECT_UNITS, SELECT_TAGS, SELECT_REGIONS, EXCEPTION];

/// The version of the policy format.
pub const POLICY_VERSION: u32 = 1;

/// A policy file. The program has one list of settings, so the schema is built once.
pub fn policy_schema(settings: Settings) -> &'static TableSchema {
    static POLICY: OnceLock<TableSchema> = OnceLock::new();
    POLICY.get_or_init(|| policy(settings))
}

fn policy(settings: Settings) -> TableSchema {
    let mut fields =
        vec![Field::new("version", "The version of the format: 1.", ValueKind::Version(POLICY_VERSION)).required()];
    let mut any_of = Vec::new();
    for resource in Resource::ALL {
        any_of.push(resource.policy_key());
        fields.push(Field::new(
            resource.policy_key(),
            "The declarations. Their order does not matter: for each setting, the most specific one takes precedence.",
            ValueKind::Tables(leak(declaration(*resource, settings))),
        ));
    }
    any_of.push("waivers");
    fields.push(Field::new(
        "waivers",
        "The waivers: approved exceptions, each with a reason and a last day.",
        ValueKind::Tables(leak(waiver(settings))),
    ));
    fields.push(Field::new(
        "$schema",
        "Where editors find the JSON Schema of this file; driftline ignores it.",
        ValueKind::Text(&REFERENCE),
    ));
    TableSchema {
        name: "a policy file",
        meaning: "The desired state of Amazon Macie sessions and of Systems Manager Session Manager, per account and Region.",
        any_of: any_of.leak(),
        fields: fields.leak(),
    }
}

fn declaration(resource: Resource, settings: Settings) -> TableSchema {
    let name = "What the declaration is for, in a few words; shown in reports.";
    let mut fields = vec![Field::new("name", name, ValueKind::Text(&NAME))];
    fields.extend(SELECTOR_FIELDS);
    let declared = setting_fields(&settings.for_resource(resource).collect::<Vec<_>>(), Use::Accepted);
    let any_of: Vec<&str> = declared.iter().map(|field| field.key).collect();
    fields.extend(declared);
    fields.extend(
        settings.parameters(resource).map(|parameter| setting_field(parameter.key(), parameter, Use::Accepted)),
    );
    fields.push(Field::new(
        "severity",
        "The severity of drift from this declaration; medium if left out.",
        ValueKind::Word(SEVERITIES),
    ));
    let meaning = match resource {
        Resource::MacieSession => {
            "The desired settings of the Macie session of the selected targets. All selectors must match; of the items of one selector, any."
        }
        Resource::SessionManagerPreferences => {
            "The desired Session Manager preferences of the selected targets. All selectors must match; of the items of one selector, any."
        }
        Resource::SessionManagerSessions => {
            "The rules for the Session Manager sessions of the selected targets. All selectors must match; of the items of one selector, any."
        }
    };
    TableSchema { name: "a declaration", meaning, any_of: any_of.leak(), fields: fields.leak() }
}

/// The keys of some settings of a resource: settings with a dotted key stand in a table of their own.
fn setting_fields(settings: &[SettingId], used: Use) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for setting in settings.iter().copied() {
        let (key, leaf) = split_key(setting);
        if leaf.is_none() {
            fields.push(setting_field(key, setting, used));
        } else if fields.iter().all(|field| field.key != key) {
            let members = settings.iter().filter_map(|member| match split_key(*member) {
                (group, Some(leaf)) if group == key => Some(setting_field(leaf, *member, used)),
                _ => None,
            });
            let members: Vec<Field> = members.collect();
            let any_of: Vec<&str> = members.iter().map(|member| member.key).collect();
            let meaning = format!("The settings of {}.", key.replace('_', " ")).leak();
            let table =
                TableSchema { name: format!("`{key}`").leak(), meaning, any_of: any_of.leak(), fields: members.leak() };
            fields.push(Field::new(key, meaning, ValueKind::Table(leak(table))));
        }
    }
    fields
}

/// The key of a setting in its declaration, and in the nested table there, if it stands in one.
pub(super) fn split_key(setting: SettingId) -> (&'static str, Option<&'static str>) {
    match setting.key().split_once('.') {
        Some((table, leaf)) => (table, Some(leaf)),
        None => (setting.key(), None),
    }
}

/// How the keys of settings are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// A declaration lists accepted values.
    Accepted,
    /// `while_live` lists live values: no patterns, no bounds, and nothing to fill in.
    Live,
}

fn setting_field(key: &'static str, setting: SettingId, used: Use) -> Field {
    let spec = setting.spec();
    let kind = match (spec.kind, used) {
        (SettingKind::Word(words), _) => ValueKind::Words(words),
        (SettingKind::Bool, _) => ValueKind::Bools,
        (SettingKind::Minutes { least, most } | SettingKind::Amount { least, most }, _) => {
            let is_never_unset = matches!(spec.kind, SettingKind::Amount { .. });
            let words: &[&str] = match used {
                _ if is_never_unset => &[],
                Use::Accepted => &[AcceptedItem::SET, Value::UNSET],
                Use::Live => &[Value::UNSET],
            };
            let bound = (used == Use::Accepted).then(|| bound(least, most));
            let rule = NumberRule { least: least.into(), most: most.into(), words, bound };
            ValueKind::Numbers(Box::leak(Box::new(rule)))
        }
        (SettingKind::Text(TextForm::Pattern), Use::Accepted) => ValueKind::TextOrTexts(&PATTERN_TEXT),
        (SettingKind::Text(TextForm::Literal), Use::Accepted) => ValueKind::TextOrTexts(&LITERAL_TEXT),
        (SettingKind::Text(_), Use::Live) => ValueKind::TextOrTexts(&LIVE_TEXT),
        (SettingKind::AccountOr(_), _) => ValueKind::TextOrTexts(&ACCOUNT_OR_NONE),
        (SettingKind::Window, _) => ValueKind::Text(&WINDOW),
    };
    Field::new(key, spec.meaning, kind).with_synonyms(spec.other_names, spec.other_words)
}

/// The table of a bound in the place of a number.
fn bound(least: u32, most: u32) -> &'static TableSchema {
    let number = ValueKind::Whole(least.into(), most.into());
    let fields = vec![
        Field::new("at_most", "The largest number that is accepted.", number).with_synonyms(&["max", "maximum"], &[]),
        Field::new("at_least", "The smallest number that is accepted.", number).with_synonyms(&["min", "minimum"], &[]),
    ];
    leak(TableSchema {
        name: "a bound",
        meaning: "A bound: any number within it is accepted.",
        any_of: &["at_most", "at_least"],
        fields: fields.leak(),
    })
}

fn waiver(settings: Settings) -> TableSchema {
    let keys = unique(settings.iter().map(SettingId::key));
    let live = settings.iter().filter(|setting| setting.spec().has_live_value());
    let words = unique(live.flat_map(|setting| setting.spec().kind.words().iter().copied()));
    let by_setting = live_fields(settings);
    let table = TableSchema {
        name: "the table `while_live`",
        meaning: "The live values that are waived, by setting.",
        any_of: &[],
        fields: by_setting.leak(),
    };
    let mut fields = Vec::from(SELECTOR_FIELDS);
    fields.extend([
        Field::new(
            "resource",
            "The resource whose settings are waived; macie_session if left out. With `unread`, reasons that hold for every resource cover all of them if this and `settings` are left out.",
            ValueKind::Word(<Resource as strum::VariantNames>::VARIANTS),
        ),
        Field::new(
            "settings",
            "The settings that are waived. Left out: all, or those that `while_live` has a value of.",
            ValueKind::Words(keys.leak()),
        ),
        Field::new(
            "while_live",
            "The live values that are waived, or a table of them by setting; any other value is still drift. Left out: any value.",
            ValueKind::WordsOrTable(words.leak(), leak(table)),
        ),
        Field::new(
            "unread",
            "The reasons for which targets are expected to be unread. The waiver then covers that, and no drift. Needs `accounts`, `organizational_units` or `tags`, and excludes `while_live`.",
            ValueKind::TextOrTexts(&UNREAD_REASON),
        )
        .with_beside(Beside { any_of: &ACCOUNT_SELECTORS, none_of: &["while_live"] }),
        Field::new("reason", "The reason, on one line; shown in reports.", ValueKind::Text(&REASON))
            .required()
            .with_synonyms(&["why", "justification", "comment", "description", "because"], &[]),
        Field::new("owner", "Who is responsible for it; shown in reports.", ValueKind::Text(&OWNER))
            .with_synonyms(&["contact", "approved_by", "approver"], &[]),
        Field::new("expires", "The last day of the waiver, in UTC, such as 2027-03-31.", ValueKind::Text(&DATE))
            .required()
            .with_synonyms(&["until", "expiry", "expiration", "valid_until", "end", "ends"], &[]),
    ]);
    TableSchema {
        name: "a waiver",
        meaning: "An approved exception: drift that is waived until a day, or targets that are expected to be unread.",
        any_of: &[],
        fields: fields.leak(),
    }
}

/// The keys of the table `while_live`. Resources may share a key; the waiver's resource decides which setting it is.
fn live_fields(settings: Settings) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for resource in Resource::ALL {
        let live: Vec<SettingId> =
            settings.for_resource(*resource).filter(|setting| setting.spec().has_live_value()).collect();
        for field in setting_fields(&live, Use::Live) {
            if fields.iter().all(|known| known.key != field.key) {
                fields.push(field);
            }
        }
    }
    // The words of a rule about sessions are known, so that its error can say that it has no live value.
    for field in &mut fields {
        if let ValueKind::Words(_) = field.kind {
            let sharing = settings.iter().filter(|setting| setting.key() == field.key);
            let words = unique(sharing.flat_map(|setting| setting.spec().kind.words().iter().copied()));
            field.kind = ValueKind::Words(words.leak());
        }
    }
    fields
}

/// Each once, in the order of the first.
fn unique(words: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut seen = BTreeSet::new();
    words.filter(|word| seen.insert(*word)).collect()
}

fn leak(table: TableSchema) -> &'static TableSchema {
    Box::leak(Box::new(table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;
    use crate::resource::settings;

    #[test]
    fn every_severity_can_be_declared() {
        assert_eq!(SEVERITIES, Severity::ALL.map(Severity::as_str));
    }

    #[test]
    fn required_alternatives_exist() {
        fn check(table: &TableSchema) {
            assert!(table.any_of.iter().all(|key| table.field(key).is_some()), "{}", table.name);
            for field in table.fields {
                if let ValueKind::Table(table) | ValueKind::Tables(table) | ValueKind::WordsOrTable(_, table) =
                    field.kind
                {
                    check(table);
                }
            }
        }
        check(policy_schema(settings()));
    }
}
