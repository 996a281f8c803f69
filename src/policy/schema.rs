//! The keys of a policy file.

use super::text_rules::{ACCOUNT, DATE, NAME, OWNER, REASON, REFERENCE, REGION, TAG_KEY, TAG_VALUE, UNIT};
use crate::document::{Field, TableSchema, ValueKind};
use crate::model::Setting;

/// The key of a setting.
const fn declared(setting: Setting) -> Field {
    Field { key: setting.key(), meaning: setting.meaning(), required: false, kind: ValueKind::Words(setting.words()) }
}

/// The words of [`Severity`](crate::model::Severity), the least first.
const SEVERITIES: &[&str] = &["low", "medium", "high", "critical"];

/// The keys of the settings.
const SETTINGS: &[&str] = &["status", "finding_publishing_frequency"];

/// The words of all settings.
const VALUES: &[&str] = &["ENABLED", "PAUSED", "NOT_ENABLED", "FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"];

/// The keys that select.
const SELECTORS: &[&str] = &["accounts", "organizational_units", "tags", "regions"];

const SELECT_ACCOUNTS: Field = Field {
    key: "accounts",
    meaning: "The accounts, by id or by name pattern with * and ?. Left out: every account of the inventory.",
    required: false,
    kind: ValueKind::Texts(&ACCOUNT),
};

const SELECT_UNITS: Field = Field {
    key: "organizational_units",
    meaning: "The accounts in these organizational units and all below them, by path from below the root or by ou- id.",
    required: false,
    kind: ValueKind::Texts(&UNIT),
};

const SELECT_TAGS: Field = Field {
    key: "tags",
    meaning: "The accounts that have all of these tags; of several values of a key, any.",
    required: false,
    kind: ValueKind::TextsByKey(&TAG_KEY, &TAG_VALUE),
};

const SELECT_REGIONS: Field = Field {
    key: "regions",
    meaning: "The Regions, by code or by pattern with * and ?. Left out: every Region of the inventory.",
    required: false,
    kind: ValueKind::Texts(&REGION),
};

static EXCEPT: TableSchema = TableSchema {
    name: "an `except`",
    meaning: "What is taken away from the selection: targets that match all of these selectors.",
    any_of: SELECTORS,
    fields: &[SELECT_ACCOUNTS, SELECT_UNITS, SELECT_TAGS, SELECT_REGIONS],
};

const EXCEPTION: Field = Field {
    key: "except",
    meaning: "Selectors whose targets are taken away.",
    required: false,
    kind: ValueKind::Table(&EXCEPT),
};

static DECLARATION: TableSchema = TableSchema {
    name: "a declaration",
    meaning: "What is wanted of the Macie session of some targets. Selectors are and-ed, the items of one selector or-ed.",
    any_of: SETTINGS,
    fields: &[
        Field {
            key: "name",
            meaning: "What the declaration is for, in a few words; shown in reports.",
            required: false,
            kind: ValueKind::Text(&NAME),
        },
        SELECT_ACCOUNTS,
        SELECT_UNITS,
        SELECT_TAGS,
        SELECT_REGIONS,
        EXCEPTION,
        declared(Setting::Status),
        declared(Setting::FindingPublishingFrequency),
        Field {
            key: "severity",
            meaning: "How much a drift from this declaration matters; medium if left out.",
            required: false,
            kind: ValueKind::Word(SEVERITIES),
        },
    ],
};

static WAIVER: TableSchema = TableSchema {
    name: "a waiver",
    meaning: "A declared exception: a drift that somebody answers for, until a day.",
    any_of: &[],
    fields: &[
        SELECT_ACCOUNTS,
        SELECT_UNITS,
        SELECT_TAGS,
        SELECT_REGIONS,
        EXCEPTION,
        Field {
            key: "settings",
            meaning: "The settings whose drift is waived. Left out: all, or those that `while_live` has a value of.",
            required: false,
            kind: ValueKind::Words(SETTINGS),
        },
        Field {
            key: "while_live",
            meaning: "The live values that are waived; any other is drift as ever. Left out: any value.",
            required: false,
            kind: ValueKind::Words(VALUES),
        },
        Field {
            key: "reason",
            meaning: "Why, on one line; shown in reports.",
            required: true,
            kind: ValueKind::Text(&REASON),
        },
        Field {
            key: "owner",
            meaning: "Who answers for it; shown in reports.",
            required: false,
            kind: ValueKind::Text(&OWNER),
        },
        Field {
            key: "expires",
            meaning: "The last day that it covers, in UTC, such as 2027-03-31.",
            required: true,
            kind: ValueKind::Text(&DATE),
        },
    ],
};

/// A policy file.
pub static POLICY: TableSchema = TableSchema {
    name: "a policy file",
    meaning: "The desired state of Amazon Macie sessions, per account and Region.",
    any_of: &["macie_sessions", "waivers"],
    fields: &[
        Field { key: "version", meaning: "The version of the format: 1.", required: true, kind: ValueKind::Version(1) },
        Field {
            key: "macie_sessions",
            meaning: "The declarations. Their order does not matter: the most specific one wins, setting by setting.",
            required: false,
            kind: ValueKind::Tables(&DECLARATION),
        },
        Field {
            key: "waivers",
            meaning: "The exceptions: drift that is known, borne by somebody, and ends.",
            required: false,
            kind: ValueKind::Tables(&WAIVER),
        },
        Field {
            key: "$schema",
            meaning: "Where editors find the JSON Schema of this file; driftline passes over it.",
            required: false,
            kind: ValueKind::Text(&REFERENCE),
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    #[test]
    fn every_setting_and_every_severity_can_be_declared() {
        for setting in Setting::ALL {
            assert!(DECLARATION.field(setting.key()).is_some(), "{setting}");
        }
        assert_eq!(SEVERITIES, Severity::ALL.map(Severity::as_str));
    }

    #[test]
    fn every_setting_and_every_value_can_be_waived() {
        assert_eq!(SETTINGS, Setting::ALL.map(Setting::key));
        assert_eq!(VALUES, Setting::ALL.map(Setting::words).concat());
    }

    #[test]
    fn what_is_demanded_exists() {
        for shape in [&EXCEPT, &DECLARATION, &WAIVER, &POLICY] {
            assert!(shape.any_of.iter().all(|key| shape.field(key).is_some()), "{}", shape.name);
        }
    }
}
