//! Placeholders in texts: `{account}`, `{region}` and `{partition}` stand for the target's own.

use super::{AccountId, Target};

/// What a text can leave open for each target to fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Placeholder {
    /// The account id.
    Account,
    /// The code of the Region.
    Region,
    /// The partition of the Region, as ARNs have it.
    Partition,
}

impl Placeholder {
    /// Every placeholder.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name between the braces.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The first part of a text with a brace that is no placeholder: `{acount}`, or the brace alone. A brace has no other meaning,
    /// so that a misspelled placeholder is no text.
    pub fn first_unknown(text: &str) -> Option<&str> {
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let here = rest.get(at..).unwrap_or_default();
            match Self::starting(here) {
                Some((_, after)) => rest = after,
                None => return Some(unknown_part(here)),
            }
        }
        None
    }

    /// The placeholder with which a text starts, and what comes after it.
    fn starting(text: &str) -> Option<(Self, &str)> {
        let (name, after) = text.strip_prefix('{')?.split_once('}')?;
        let found = Self::ALL.iter().find(|placeholder| placeholder.name() == name)?;
        Some((*found, after))
    }
}

/// A braced part up to its closing brace, or the brace alone.
fn unknown_part(text: &str) -> &str {
    let closing = text.find('}').filter(|_| text.starts_with('{'));
    // A second closing brace belongs to a document parameter: `{{name}}`.
    let doubled =
        closing.filter(|at| text.starts_with("{{") && text.get(*at..).is_some_and(|rest| rest.starts_with("}}")));
    let end = doubled.map(|at| at + 2).or(closing.map(|at| at + 1)).unwrap_or(1);
    text.get(..end).unwrap_or(text)
}

/// Whether a text has a placeholder.
pub(super) fn has_placeholder(text: &str) -> bool {
    text.match_indices('{').any(|(at, _)| text.get(at..).and_then(Placeholder::starting).is_some())
}

/// A text with the placeholders filled in for a target. Before its account is known, `{account}` stays.
pub(super) fn fill_in(text: &str, target: &Target) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, _)) = rest.split_once('{') {
        filled.push_str(before);
        let here = rest.get(before.len()..).unwrap_or_default();
        rest = match Placeholder::starting(here) {
            Some((Placeholder::Account, after)) if target.account != AccountId::UnknownCaller => {
                filled.push_str(&target.account.to_string());
                after
            }
            Some((Placeholder::Region, after)) => {
                filled.push_str(target.region.as_str());
                after
            }
            Some((Placeholder::Partition, after)) => {
                filled.push_str(target.region.partition().as_str());
                after
            }
            Some((Placeholder::Account, _)) | None => {
                filled.push('{');
                here.get(1..).unwrap_or_default()
            }
        };
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brace_that_is_no_placeholder_is_found() {
        for (text, unknown) in [
            ("/sm/{account}/{region}", None),
            ("/sm", None),
            ("/sm/{acount}/{region}", Some("{acount}")),
            ("{account}-{", Some("{")),
            ("a}b", Some("}")),
            ("{}", Some("{}")),
            ("{{name}}", Some("{{name}}")),
            ("{{name}", Some("{{name}")),
            ("{ account }", Some("{ account }")),
        ] {
            assert_eq!(Placeholder::first_unknown(text), unknown, "{text}");
        }
    }
}
