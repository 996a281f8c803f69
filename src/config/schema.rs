//! Schema of the settings file.

use std::time::Duration;

use crate::aws::{ExternalId, RoleTemplate, SessionName};
use crate::diagnostic::Code;
use crate::document::{Field, TableSchema, TextRule, ValueKind};
use crate::inventory::AccountsSource;
use crate::model::{AccountId, ConsoleUrl};
use crate::policy::{ACCOUNT_ID, REGION_NAME};

static PATH: TextRule = TextRule {
    name: "a path",
    code: Code::BadText,
    pattern: "^[^\\u0000]+$",
    number_is_text: false,
    check: |text| {
        if text.is_empty() || text.contains('\0') { Err("it is empty or contains a NUL byte") } else { Ok(()) }
    },
    help: "write the path of a policy file or of a folder of them",
};

static SAVED_INVENTORY: TextRule = TextRule {
    name: "the path of a saved inventory",
    code: Code::BadText,
    pattern: "^(?![0-9]{12}$)[^\\u0000]+$",
    number_is_text: false,
    check: |text| {
        if text.parse::<AccountId>().is_ok() { Err("it is an account id") } else { (PATH.check)(text) }
    },
    help: "write ids as a list: [\"111122223333\"]; or make a saved inventory with `driftline inventory --out FILE`",
};

static OFFLINE_INVENTORY: TextRule =
    TextRule { help: "write the path of a file that `driftline inventory --out FILE` made", ..SAVED_INVENTORY };

static ROLE_NAME: TextRule = TextRule {
    name: "a role name",
    code: Code::BadRole,
    pattern: "^/?[A-Za-z0-9_+=,.@-]+(/[A-Za-z0-9_+=,.@-]+)*$",
    number_is_text: false,
    check: |text| {
        if text.starts_with("arn:") {
            Err("it is an ARN")
        } else {
            text.parse::<RoleTemplate>().map(drop).map_err(|_| "IAM allows only letters, digits and _+=,.@-")
        }
    },
    help: "write only the name, with its path if any: \"DriftlineRead\"; an ARN goes in `role_arn`",
};

static ROLE_ARN: TextRule = TextRule {
    name: "a role ARN",
    code: Code::BadRole,
    pattern: "^arn:[^:]+:iam::[^:]+:role/.+$",
    number_is_text: false,
    check: |text| {
        if text.starts_with("arn:") {
            text.parse::<RoleTemplate>().map(drop).map_err(|_| "it does not match arn:PARTITION:iam::ACCOUNT:role/NAME")
        } else {
            Err("it does not start with arn:")
        }
    },
    help: "write \"arn:{partition}:iam::{account}:role/DriftlineRead\"; {partition} and {account} are filled in",
};

static EXTERNAL_ID: TextRule = TextRule {
    name: "an external id",
    code: Code::BadText,
    pattern: "^[A-Za-z0-9_+=,.@:/-]{2,1224}$",
    number_is_text: false,
    check: |text| {
        let taken = text.parse::<ExternalId>();
        taken.map(drop).map_err(|_| "STS allows 2 to 1224 letters, digits and _+=,.@:/-")
    },
    help: "copy it from the trust policy of the role (`sts:ExternalId`)",
};

static SESSION_NAME: TextRule = TextRule {
    name: "a session name",
    code: Code::BadText,
    pattern: "^[A-Za-z0-9_+=,.@-]{2,64}$",
    number_is_text: false,
    check: |text| text.parse::<SessionName>().map(drop).map_err(|_| "STS allows 2 to 64 letters, digits and _+=,.@-"),
    help: "write a short name to show in CloudTrail, such as \"driftline\"",
};

static DURATION: TextRule = TextRule {
    name: "a duration",
    code: Code::BadDuration,
    pattern: "^[0-9].*[a-zµ]$",
    number_is_text: false,
    check: |text| duration(text).map(drop),
    help: "write a number with a unit: \"90s\", \"15m\", \"1h 30m\"",
};

/// Parses a positive duration such as `15m` or `1h 30m`, at most a day.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) || !text.ends_with(|last: char| last.is_alphabetic()) {
        return Err("it is not a number with a unit");
    }
    let signed: jiff::SignedDuration = text.parse().map_err(|_| "it is not a number with a unit")?;
    let duration = Duration::try_from(signed).map_err(|_| "it is negative")?;
    if duration.is_zero() {
        Err("it is zero")
    } else if duration > Duration::from_hours(24) {
        Err("it is longer than a day")
    } else {
        Ok(duration)
    }
}

static INVENTORY: TableSchema = TableSchema {
    name: "`[inventory]`",
    meaning: "The accounts and Regions to check.",
    any_of: &[],
    fields: &[
        Field::new(
            "accounts",
            "\"declared\" (the default): the ids in the policies. \"caller\": the account of the credentials. \"organization\": every account of its organization. Or the path of a saved inventory, relative to this file. Or a list of ids.",
            ValueKind::WordOrTextOrTexts(&AccountsSource::WORDS, &SAVED_INVENTORY, &ACCOUNT_ID),
        ),
        Field::new(
            "offline",
            "The saved inventory that stands in for \"organization\" in commands that do not call AWS, relative to this file. `driftline inventory --out FILE` writes it, and --inventory takes precedence.",
            ValueKind::Text(&OFFLINE_INVENTORY),
        ),
        Field::new(
            "regions",
            "\"macie\" (the default): every Region where a declared resource exists and that is on for the account. Or a list of Regions.",
            ValueKind::WordOrTexts(&["macie"], &REGION_NAME),
        ),
    ],
};

static AWS: TableSchema = TableSchema {
    name: "`[aws]`",
    meaning: "How to reach the accounts. Credentials come from the AWS SDK's own chain.",
    any_of: &[],
    fields: &[
        Field::new(
            "role_name",
            "The role to assume for reading in every account except the caller's own.",
            ValueKind::Text(&ROLE_NAME),
        ),
        Field::new(
            "role_arn",
            "The same as an ARN, with {account} and {partition} to be filled in.",
            ValueKind::Text(&ROLE_ARN),
        ),
        Field::new(
            "apply_role_name",
            "The role to assume for changing in every account except the caller's own; the role for reading if left out.",
            ValueKind::Text(&ROLE_NAME),
        ),
        Field::new(
            "external_id",
            "The external id that the roles require; the environment variable DRIFTLINE_EXTERNAL_ID takes precedence.",
            ValueKind::Text(&EXTERNAL_ID),
        ),
        Field::new(
            "session_name",
            "The name of the assumed sessions, shown in CloudTrail; \"driftline\" if left out.",
            ValueKind::Text(&SESSION_NAME),
        ),
        Field::new("administrator_account", "The delegated Macie administrator.", ValueKind::Text(&ACCOUNT_ID)),
    ],
};

static LIMITS: TableSchema = TableSchema {
    name: "`[limits]`",
    meaning: "The limits of a run.",
    any_of: &[],
    fields: &[
        Field::new("concurrency", "Calls in flight for the run; 64 if left out.", ValueKind::Whole(1, 1024)),
        Field::new(
            "deadline",
            "The time limit of a run; targets not read by then are unread. \"15m\" if left out.",
            ValueKind::Text(&DURATION),
        ),
    ],
};

static APPLY: TableSchema = TableSchema {
    name: "`[apply]`",
    meaning: "The limits of an apply.",
    any_of: &[],
    fields: &[
        Field::new(
            "max_changes",
            "The most changes that one apply may make; 20 if left out.",
            ValueKind::Whole(0, 1_000_000),
        ),
        Field::new(
            "max_share",
            "The largest share of the targets that one apply may change, in percent; no limit if left out.",
            ValueKind::Whole(0, 100),
        ),
    ],
};

static CONSOLE_URL: TextRule = TextRule {
    name: "the URL of a console",
    code: Code::BadText,
    pattern: "^https?://[!#$%&'()*+,./0-9:;=?@A-Z_a-z{}~\\[\\]-]+$",
    number_is_text: false,
    check: |text| ConsoleUrl::parse(text).map(drop).map_err(|invalid| invalid.0),
    help: "write an https URL; {account}, {region}, {partition} and {resource} are filled in",
};

static REPORT: TableSchema = TableSchema {
    name: "`[report]`",
    meaning: "What reports show.",
    any_of: &[],
    fields: &[Field::new(
        "console_url",
        "The page of a target in the AWS console, which the HTML report links to; no links if left out. {account}, {region}, {partition} and {resource} are filled in.",
        ValueKind::Text(&CONSOLE_URL),
    )],
};

static REGIONS: TableSchema = TableSchema {
    name: "`[regions]`",
    meaning: "Regions that this version of driftline does not know.",
    any_of: &[],
    fields: &[
        Field::new("macie", "Replaces the bundled list of Regions where Macie exists.", ValueKind::Texts(&REGION_NAME)),
        Field::new(
            "opt_in",
            "Replaces the bundled list of Regions that an account must opt into.",
            ValueKind::Texts(&REGION_NAME),
        ),
    ],
};

/// The settings file.
pub static SETTINGS: TableSchema = TableSchema {
    name: "driftline.toml",
    meaning: "How driftline reaches AWS.",
    any_of: &[],
    fields: &[
        Field::new(
            "policies",
            "Policy files and folders, used where the command line names none; relative to this file. \"policies\" if left out.",
            ValueKind::Texts(&PATH),
        ),
        Field::new("inventory", "The accounts and Regions to check.", ValueKind::Table(&INVENTORY)),
        Field::new("aws", "How to reach the accounts.", ValueKind::Table(&AWS)),
        Field::new("limits", "The limits of a run.", ValueKind::Table(&LIMITS)),
        Field::new("apply", "The limits of an apply.", ValueKind::Table(&APPLY)),
        Field::new("report", "What reports show.", ValueKind::Table(&REPORT)),
        Field::new("regions", "Regions that this version of driftline does not know.", ValueKind::Table(&REGIONS)),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("15m"), Ok(Duration::from_mins(15)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_mins(90)));
        for bad in ["", "15", "-3m", "0s", "soon", "2 moons", "25h", "PT15M"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn role_templates_are_checked() {
        assert_eq!((ROLE_ARN.check)("arn:{partition}:iam::{account}:role/security/Read"), Ok(()));
        assert!((ROLE_ARN.check)("arn:aws:iam::{account}:user/Read").is_err());
        assert!((ROLE_NAME.check)("arn:aws:iam::1:role/Read").is_err());
        assert!((ROLE_NAME.check)("Read me").is_err());
    }
}
