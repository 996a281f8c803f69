//! What the texts in a policy file must look like.

use jiff::civil::Date;

use super::selector::UnitName;
use crate::diagnostic::Code;
use crate::document::TextRule;
use crate::model::{AcceptedItem, AccountId, InvalidWindow, Region, UnreadReason, Window};

/// The most characters of a pattern or a path.
const PATTERN_AT_MOST: usize = 256;

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

/// Digits, spaces and hyphens alone are meant as an id: a name made of them would be taken for a slip of the pen.
pub(super) static ACCOUNT: TextRule = TextRule {
    name: "an account id or a name pattern",
    code: Code::BadAccountId,
    pattern: "^([0-9]{12}|(?=.*[^0-9 -])[^\\u0000-\\u001f\\u007f-\\u009f]{1,256})$",
    number_is_text: true,
    check: |text| {
        if text.chars().all(|letter| letter.is_ascii_digit() || letter == ' ' || letter == '-') {
            (ACCOUNT_ID.check)(text)
        } else {
            one_line(text, PATTERN_AT_MOST)
        }
    },
    help: "write the 12 digits in quotes, leading zeros included: \"012345678901\"; or a pattern of account names with * and ?: \"payments-*\"",
};

pub(super) static REGION: TextRule = TextRule {
    name: "a Region code or a pattern",
    code: Code::BadRegion,
    pattern: "^([a-z]+(-[a-z]+)+-[0-9]{1,2}|[a-z0-9-]*[*?][a-z0-9*?-]*)$",
    number_is_text: false,
    check: region,
    help: "write the code of a Region, such as \"eu-central-1\", or a pattern with * and ?, such as \"eu-*\"",
};

pub(super) static UNIT: TextRule = TextRule {
    name: "an organizational unit",
    code: Code::BadUnit,
    pattern: "^[^/\\u0000-\\u001f\\u007f-\\u009f]+(/[^/\\u0000-\\u001f\\u007f-\\u009f]+)*$",
    number_is_text: false,
    check: |text| one_line(text, 1024).and_then(|()| text.parse::<UnitName>().map(drop)),
    help: "write its path below the root, such as \"Workloads/Prod\", or its id, such as \"ou-ab12-cd34ef56\"",
};

/// Source: AWS Organizations API Reference, Tag.
pub(super) static TAG_KEY: TextRule = TextRule {
    name: "a tag key",
    code: Code::BadTag,
    pattern: "^[^*?\\u0000-\\u001f\\u007f-\\u009f]{1,128}$",
    number_is_text: true,
    check: |text| if text.is_empty() { Err("it is empty") } else { of_a_tag(text, 128) },
    help: "write the key of the account's tag, in quotes; keys must match exactly",
};

pub(super) static TAG_VALUE: TextRule = TextRule {
    name: "a tag value",
    code: Code::BadTag,
    pattern: "^[^*?\\u0000-\\u001f\\u007f-\\u009f]{0,256}$",
    number_is_text: true,
    check: |text| of_a_tag(text, 256),
    help: "write the value of the account's tag, in quotes, or a list of values; values must match exactly",
};

pub(super) static NAME: TextRule = TextRule {
    name: "a name",
    code: Code::BadText,
    pattern: "^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f]{1,200}$",
    number_is_text: false,
    check: |text| one_line(text, 200),
    help: "write one line of up to 200 characters that says what the declaration is for",
};

pub(super) static REASON: TextRule = TextRule {
    name: "a reason",
    code: Code::BadText,
    pattern: "^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f]{1,1000}$",
    number_is_text: false,
    check: |text| one_line(text, 1000),
    help: "write one line that says why the drift is waived; reports show it",
};

pub(super) static OWNER: TextRule = TextRule {
    name: "an owner",
    code: Code::BadText,
    pattern: "^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f]{1,200}$",
    number_is_text: false,
    check: |text| one_line(text, 200),
    help: "name who is responsible for the waiver: a team or an address",
};

pub(super) static DATE: TextRule = TextRule {
    name: "a date",
    code: Code::BadDate,
    pattern: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    number_is_text: false,
    check: |text| date(text).map(drop),
    help: "write year, month and day: 2027-03-31",
};

/// A reason for which a waiver expects a target to be unread.
pub(super) static UNREAD_REASON: TextRule = TextRule {
    name: "a reason that a waiver can expect",
    code: Code::UnreadNotWaivable,
    pattern: "^(denied|role_not_assumable|region_off)$",
    number_is_text: false,
    check: |text| {
        let is_reason = UnreadReason::ALL.iter().any(|reason| reason.as_str() == text);
        match UnreadReason::from_waivable(text) {
            Some(_) => Ok(()),
            None if is_reason => Err("it is a fault to repair, or goes away by itself"),
            None => Err("there is no such reason"),
        }
    },
    help: "write denied, role_not_assumable or region_off, or a list of them",
};

/// A date as `2027-03-31`, and in no other way.
pub(super) fn date(text: &str) -> Result<Date, &'static str> {
    let is_digit = |place: usize, byte: u8| if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    if text.len() != 10 || !text.bytes().enumerate().all(|(place, byte)| is_digit(place, byte)) {
        return Err("it is not in the form year-month-day");
    }
    text.parse().map_err(|_| "there is no such day")
}

fn one_line(text: &str, longest: usize) -> Result<(), &'static str> {
    if text.trim().is_empty() {
        Err("it is empty")
    } else if text.chars().count() > longest {
        Err(match longest {
            200 => "it has more than 200 characters",
            PATTERN_AT_MOST => "it has more than 256 characters",
            1000 => "it has more than 1000 characters",
            _ => "it is too long",
        })
    } else if text.ends_with('\n') {
        Err("it ends with a line break; in YAML, write >- instead of > or |")
    } else if text.chars().any(char::is_control) {
        Err("it contains control characters")
    } else {
        Ok(())
    }
}

fn of_a_tag(text: &str, longest: usize) -> Result<(), &'static str> {
    if text.chars().count() > longest {
        Err("it is longer than AWS allows")
    } else if text.chars().any(char::is_control) {
        Err("it contains control characters")
    } else if text.contains(['*', '?']) {
        Err("tags allow neither patterns nor the characters * and ?")
    } else {
        Ok(())
    }
}

fn region(text: &str) -> Result<(), &'static str> {
    if !text.contains(['*', '?']) {
        return (REGION_NAME.check)(text);
    }
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*?".contains(&byte);
    if text.len() > 64 {
        Err("a pattern may have at most 64 characters")
    } else if text.bytes().all(allowed) {
        Ok(())
    } else {
        Err("a pattern may contain only lower-case letters, digits, hyphens, * and ?")
    }
}

/// The value of a setting that takes texts with patterns and placeholders. Unknown placeholders are reported with their place.
pub(super) static PATTERN_TEXT: TextRule = TextRule {
    name: "a text",
    code: Code::BadText,
    pattern: "^(?=.*\\S)(?=.{1,1000}$)([^{}\\u0000-\\u001f\\u007f-\\u009f]|\\{(account|region|partition)\\})+$",
    number_is_text: false,
    check: |text| if text.is_empty() { Err(EMPTY) } else { one_line(text, 1000) },
    help: "write one line of up to 1000 characters, or UNSET for a missing or empty value",
};

/// The value of a setting in which every character stands for itself, such as commands of a shell.
pub(super) static LITERAL_TEXT: TextRule = TextRule {
    name: "a text",
    code: Code::BadText,
    pattern: "^[\\s\\S]+$",
    number_is_text: false,
    check: |text| any_text(text),
    help: "write up to 20000 characters, or UNSET for a missing or empty value",
};

/// A live text that a waiver covers.
pub(super) static LIVE_TEXT: TextRule = TextRule {
    name: "a live value",
    code: Code::BadText,
    pattern: "^(?!SET$)[\\s\\S]+$",
    number_is_text: false,
    check: |text| if text == AcceptedItem::SET { Err("it stands for any value") } else { any_text(text) },
    help: "write the value as a report shows it, or UNSET for a missing or empty value",
};

pub(super) static ACCOUNT_OR_NONE: TextRule = TextRule {
    name: "an account id or NONE",
    code: Code::BadAccountId,
    pattern: "^([0-9]{12}|NONE)$",
    number_is_text: true,
    check: |text| if text == "NONE" { Ok(()) } else { (ACCOUNT_ID.check)(text) },
    help: "write the 12 digits in quotes, leading zeros included: \"012345678901\"; or NONE",
};

pub(super) static WINDOW: TextRule = TextRule {
    name: "a duration",
    code: Code::BadDuration,
    pattern: "^[0-9]{1,9}[mhd]$",
    number_is_text: false,
    check: |text| {
        text.parse::<Window>().map(drop).map_err(|error| match error {
            InvalidWindow::Form => "it is not a whole number with the unit m, h or d",
            InvalidWindow::Length => "it is not between 1m and 30d",
        })
    },
    help: "write a number of minutes, hours or days: \"90m\", \"24h\", \"30d\"; AWS keeps ended sessions for 30 days",
};

/// What is wrong about an empty text of a setting.
const EMPTY: &str = "it is empty; a missing or empty value is UNSET";

fn any_text(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        Err(EMPTY)
    } else if text.chars().count() > 20_000 {
        Err("it has more than 20000 characters")
    } else {
        Ok(())
    }
}

/// A reference that is for others than driftline.
pub(super) static REFERENCE: TextRule = TextRule {
    name: "a reference",
    code: Code::BadText,
    pattern: "",
    number_is_text: false,
    check: |_| Ok(()),
    help: "write the path or the URL of the schema",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_meant_as_an_id() {
        for bad in ["1", "1111-2222-3333", "1111 2222 3333", "12345678901", "", " ", "-"] {
            assert!((ACCOUNT.check)(bad).is_err(), "{bad}");
        }
        for good in ["111122223333", "payments-*", "payments", "2024*", "Ünïcode ?"] {
            assert_eq!((ACCOUNT.check)(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_pattern_of_reasons_lists_those_that_a_waiver_can_expect() {
        let words = UnreadReason::WAIVABLE.map(UnreadReason::as_str).join("|");
        assert_eq!(UNREAD_REASON.pattern, format!("^({words})$"));
        for reason in UnreadReason::ALL {
            let is_waivable = UnreadReason::WAIVABLE.contains(&reason);
            assert_eq!((UNREAD_REASON.check)(reason.as_str()).is_ok(), is_waivable, "{reason:?}");
        }
    }

    #[test]
    fn a_date_is_a_day() {
        assert!(date("2027-03-31").is_ok());
        for bad in ["2027-02-30", "2027-3-31", "31.03.2027", "2027-03-31T00:00:00Z", "20270331", "tomorrow", ""] {
            assert!(date(bad).is_err(), "{bad}");
        }
    }
}
