//! The keys of a policy file.

use crate::diagnostic::Code;
use crate::document::{Field, Kind, Shape, TextRule};
use crate::model::{AccountId, Region, Setting};

/// An account id in a file.
pub static ACCOUNT_ID: TextRule = TextRule {
    name: "an account id",
    code: Code::BadAccountId,
    pattern: "^[0-9]{12}$",
    number_is_text: true,
    check: |text| text.parse::<AccountId>().map(drop).map_err(|_| "it must have exactly 12 digits"),
    help: "write the 12 digits in quotes, leading zeros included: \"012345678901\"",
};

/// The code of a Region in a file.
pub static REGION_NAME: TextRule = TextRule {
    name: "a Region code",
    code: Code::BadRegion,
    pattern: "^[a-z]+(-[a-z]+)+-[0-9]{1,2}$",
    number_is_text: false,
    check: |text| text.parse::<Region>().map(drop).map_err(|_| "a Region code looks like eu-central-1"),
    help: "write the code of the Region, such as \"eu-central-1\"",
};

static REGION: TextRule = TextRule {
    name: "a Region code or a pattern",
    code: Code::BadRegion,
    pattern: "^([a-z]+(-[a-z]+)+-[0-9]{1,2}|[a-z0-9-]*[*?][a-z0-9*?-]*)$",
    number_is_text: false,
    check: check_region,
    help: "write the code of a Region, such as \"eu-central-1\", or a pattern with * and ?, such as \"eu-*\"",
};

fn check_region(text: &str) -> Result<(), &'static str> {
    if text.contains(['*', '?']) {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*?".contains(&byte);
        if text.len() > 64 {
            return Err("a pattern has at most 64 characters");
        }
        return if text.bytes().all(allowed) {
            Ok(())
        } else {
            Err("a pattern has lower-case letters, digits, hyphens, * and ? only")
        };
    }
    (REGION_NAME.check)(text)
}

static NAME: TextRule = TextRule {
    name: "a name",
    code: Code::BadText,
    pattern: "^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f]{1,200}$",
    number_is_text: false,
    check: |text| {
        if text.trim().is_empty() {
            Err("it is empty")
        } else if text.chars().count() > 200 {
            Err("it has more than 200 characters")
        } else if text.chars().any(char::is_control) {
            Err("it holds control characters")
        } else {
            Ok(())
        }
    },
    help: "a name is one line of up to 200 characters that says what the declaration is for",
};

/// The key of a setting.
const fn declared(setting: Setting) -> Field {
    Field { key: setting.key(), meaning: setting.meaning(), required: false, kind: Kind::Words(setting.words()) }
}

/// The words of [`Severity`], the least first.
const SEVERITIES: &[&str] = &["low", "medium", "high", "critical"];

const SELECT_ACCOUNTS: Field = Field {
    key: "accounts",
    meaning: "The accounts, by id. Left out: every account of the inventory.",
    required: false,
    kind: Kind::Texts(&ACCOUNT_ID),
};

const SELECT_REGIONS: Field = Field {
    key: "regions",
    meaning: "The Regions, by code or by pattern with * and ?. Left out: every Region of the inventory.",
    required: false,
    kind: Kind::Texts(&REGION),
};

static EXCEPT: Shape = Shape {
    name: "an `except`",
    meaning: "What is taken away from the selection: targets that match all of these selectors.",
    fields: &[SELECT_ACCOUNTS, SELECT_REGIONS],
};

static DECLARATION: Shape = Shape {
    name: "a declaration",
    meaning: "What is wanted of the Macie session of some targets. Selectors are and-ed, the items of one selector or-ed.",
    fields: &[
        Field {
            key: "name",
            meaning: "What the declaration is for, in a few words; shown in reports.",
            required: false,
            kind: Kind::Text(&NAME),
        },
        SELECT_ACCOUNTS,
        SELECT_REGIONS,
        Field {
            key: "except",
            meaning: "Selectors whose targets are taken away.",
            required: false,
            kind: Kind::Table(&EXCEPT),
        },
        declared(Setting::Status),
        declared(Setting::FindingPublishingFrequency),
        Field {
            key: "severity",
            meaning: "How much a drift from this declaration matters; medium if left out.",
            required: false,
            kind: Kind::Word(SEVERITIES),
        },
    ],
};

/// A policy file.
pub static POLICY: Shape = Shape {
    name: "a policy file",
    meaning: "The desired state of Amazon Macie sessions, per account and Region.",
    fields: &[
        Field { key: "version", meaning: "The version of the format: 1.", required: true, kind: Kind::Version(1) },
        Field {
            key: "macie_sessions",
            meaning: "The declarations. Their order does not matter: the most specific one wins, setting by setting.",
            required: true,
            kind: Kind::Tables(&DECLARATION),
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
}
