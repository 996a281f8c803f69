//! The ids of AWS Organizations.
//!
//! Source: the patterns in AWS Organizations API Reference, Organization, Root and OrganizationalUnit.

/// Whether a text is the id of an organization, such as `o-exampleorgid`.
pub(super) fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|rest| is_word(rest, 10))
}

/// Whether a text is the id of a root, such as `r-exam`.
pub(super) fn is_root(text: &str) -> bool {
    text.strip_prefix("r-").is_some_and(|rest| is_word(rest, 4))
}

/// Whether a text is the id of an organizational unit, such as `ou-exam-11111111`.
pub(super) fn is_unit(text: &str) -> bool {
    let words = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    words.is_some_and(|(root, own)| is_word(root, 4) && is_word(own, 8))
}

fn is_word(text: &str, shortest: usize) -> bool {
    (shortest..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_form() {
        assert!(is_organization("o-exampleorgid") && is_root("r-exam") && is_unit("ou-exam-11111111"));
        for text in ["", "o-short", "o-ExampleOrgId", "o-0123456789-", "r-exampleorgid"] {
            assert!(!is_organization(text), "{text}");
        }
        for text in ["", "r-exa", "r-Exam", "ou-exam-11111111"] {
            assert!(!is_root(text), "{text}");
        }
        for text in ["", "r-exam", "ou-exam", "ou-exam-1111111", "ou-exa-11111111", "ou-exam-11111111-1"] {
            assert!(!is_unit(text), "{text}");
        }
    }
}
