//! Identity-based policies: the actions that a role may do.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::error::Contradiction;
use super::spanned::{Entries, parsed};

/// What each role that is listed may do. The others may do everything.
#[derive(Debug, Default)]
pub(crate) struct Permissions(BTreeMap<String, Vec<ActionPattern>>);

/// One action of any service, or all of one: `iam:CreateServiceLinkedRole` or `iam:*`.
///
/// Unlike an operation pattern it may name what is not simulated: policies do.
#[derive(Debug, Clone)]
pub(super) struct ActionPattern {
    service: String,
    /// `None` is any.
    name: Option<String>,
}

/// Why a text is not an action pattern.
#[derive(Debug, thiserror::Error)]
#[error("an action is a service and a name, such as macie2:GetMacieSession, or \"*\" in place of the name")]
pub(super) struct InvalidAction;

impl Permissions {
    pub(super) fn check(
        written: Entries<String, Vec<ActionPattern>>,
        is_role: impl Fn(&str) -> bool,
    ) -> Result<Self, Contradiction> {
        let mut permissions = BTreeMap::new();
        for (key, actions) in written.0 {
            let role = key.value.trim_start_matches('/').to_owned();
            let contradiction = |cause: String| Err(Contradiction { at: key.referenced, cause });
            if !is_role(&role) {
                return contradiction(format!("{role:?} is none of the account's roles"));
            }
            if permissions.contains_key(&role) {
                return contradiction(format!("the permissions of {role:?} are in the account twice"));
            }
            permissions.insert(role, actions);
        }
        Ok(Self(permissions))
    }

    /// Whether a role, given with its path but without a leading slash, may do an action.
    pub(crate) fn allow(&self, role: &str, action: &str) -> bool {
        self.0.get(role).is_none_or(|patterns| patterns.iter().any(|pattern| pattern.covers(action)))
    }
}

impl ActionPattern {
    /// Source: IAM User Guide, "IAM JSON policy elements: Action": "The prefix and the action name are case insensitive".
    fn covers(&self, action: &str) -> bool {
        action.split_once(':').is_some_and(|(service, name)| {
            self.service.eq_ignore_ascii_case(service)
                && self.name.as_deref().is_none_or(|known| known.eq_ignore_ascii_case(name))
        })
    }
}

impl FromStr for ActionPattern {
    type Err = InvalidAction;

    fn from_str(text: &str) -> Result<Self, InvalidAction> {
        let (service, name) = text.split_once(':').ok_or(InvalidAction)?;
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_service = is_word(&service.replace('-', "x"));
        match name {
            "*" if is_service => Ok(Self { service: service.to_owned(), name: None }),
            name if is_service && is_word(name) => {
                Ok(Self { service: service.to_owned(), name: Some(name.to_owned()) })
            }
            _ => Err(InvalidAction),
        }
    }
}

impl<'de> Deserialize<'de> for ActionPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed::<Self, D>(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_says_in_any_case() {
        let covers = |pattern: &str, action: &str| pattern.parse::<ActionPattern>().expect("a pattern").covers(action);
        assert!(covers("macie2:GetMacieSession", "macie2:GetMacieSession"));
        assert!(covers("MACIE2:getmaciesession", "macie2:GetMacieSession"));
        assert!(covers("iam:*", "iam:CreateServiceLinkedRole"));
        assert!(!covers("iam:*", "macie2:EnableMacie") && !covers("macie2:EnableMacie", "macie2:DisableMacie"));
        for bad in ["", "*", "macie2", "macie2:", ":*", "macie2:Get*", "macie2:Get Session", "a:b:c"] {
            assert!(bad.parse::<ActionPattern>().is_err(), "{bad}");
        }
    }
}
