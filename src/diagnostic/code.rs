//! Codes of diagnostics: stable names, each with a page in `docs/reference/diagnostics/`.

/// The stable name of a kind of diagnostic. A code is never reused for another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "each is described by `Code::summary`, which the documentation is checked against")]
pub enum Code {
    AmbiguousDeclarations,
    AutoEnableConflict,
    BadAccountId,
    BadDate,
    BadDuration,
    BadInventory,
    BadRegion,
    BadRole,
    BadTag,
    BadText,
    BadUnit,
    ConflictingKeys,
    DuplicateKey,
    EmptyExcept,
    EmptyList,
    EmptyPolicySet,
    FileLeftOut,
    FileNotFound,
    FileTooLarge,
    FrequencyWithoutSession,
    FullyOverridden,
    MatchesNothing,
    MissingKey,
    NamesNotChecked,
    NoAccounts,
    NoSetting,
    NotTheAdministrator,
    NotUtf8,
    NumberOutOfRange,
    RegionWithoutMacie,
    RepeatedItem,
    RoleTwice,
    SelectorNeedsInventory,
    SettingWithoutStatus,
    StaleInventory,
    Syntax,
    TooComplex,
    UnknownFileType,
    UnknownKey,
    UnknownPlaceholder,
    UnknownRegion,
    UnknownWord,
    UnreadNotWaivable,
    UnreadWaiverTooWide,
    UnreadableFile,
    UnsupportedVersion,
    UntrustedSettings,
    WaiverEnding,
    WaiverExpired,
    WaiverWithoutCover,
    WrongType,
}

impl Code {
    /// Every code, sorted by its text.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The text of the code.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The meaning in a sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Self::AmbiguousDeclarations => {
                "Two declarations, neither more specific than the other, conflict on one target."
            }
            Self::AutoEnableConflict => {
                "Accounts that join the organization are to be enabled in a Region where a declaration wants no session."
            }
            Self::BadAccountId => "An account id is not a string of 12 digits.",
            Self::BadDate => "A date is not in the form year-month-day.",
            Self::BadDuration => "A duration is not a number with a unit, such as \"15m\".",
            Self::BadInventory => "A file is not a saved inventory, or contradicts itself.",
            Self::BadRegion => "A Region is neither a Region code nor a pattern.",
            Self::BadRole => "A role is neither a role name nor an ARN template that IAM accepts.",
            Self::BadTag => "A string cannot be the key or the value of a tag.",
            Self::BadText => "A string is empty or contains characters that are not allowed.",
            Self::BadUnit => "A string is neither the path nor the id of an organizational unit.",
            Self::ConflictingKeys => "Two keys of one table exclude each other.",
            Self::DuplicateKey => "A key appears twice in one table.",
            Self::EmptyExcept => "An `except` without selectors would exclude everything.",
            Self::EmptyList => "A list has no items.",
            Self::EmptyPolicySet => "The policy set contains no declaration, so a run would check nothing.",
            Self::FileLeftOut => {
                "An entry of a policy folder is not read: a link to the outside, a broken link, or not a regular file."
            }
            Self::FileNotFound => "A named path does not exist.",
            Self::FileTooLarge => "A file is larger than the limit.",
            Self::FrequencyWithoutSession => "A declaration wants a frequency, but its status must be NOT_ENABLED.",
            Self::FullyOverridden => "A declaration has no effect: more specific ones override it everywhere.",
            Self::MatchesNothing => {
                "A declaration, a waiver, or an item of their selectors or `except` matches nothing in the inventory."
            }
            Self::MissingKey => "A required key is missing.",
            Self::NamesNotChecked => {
                "Names in selectors could not be checked, because the accounts of the organization are unknown."
            }
            Self::NoAccounts => "There is no account to check.",
            Self::NoSetting => "A declaration declares no setting.",
            Self::NotTheAdministrator => {
                "A setting that only Macie's administrator has is declared for another account by its id."
            }
            Self::NotUtf8 => "A file is not UTF-8 text.",
            Self::NumberOutOfRange => "A number is out of range.",
            Self::RegionWithoutMacie => {
                "A declaration wants a session in a Region, selected by code, where Macie is not available."
            }
            Self::RepeatedItem => "A list contains an item twice.",
            Self::RoleTwice => "Both a role name and a role ARN are set.",
            Self::SelectorNeedsInventory => {
                "A selector needs names, organizational units or tags that the inventory of the run does not include."
            }
            Self::SettingWithoutStatus => {
                "A declaration has a setting of a session, but no declaration sets the status of its targets."
            }
            Self::StaleInventory => "The saved inventory that stands in for the organization is more than 30 days old.",
            Self::Syntax => "A file is not valid YAML, TOML or JSON.",
            Self::TooComplex => "A file is nested too deeply, or expands to too many values.",
            Self::UnknownFileType => "A named file does not have the extension of YAML, TOML or JSON.",
            Self::UnknownKey => "A key is unknown.",
            Self::UnknownPlaceholder => "A brace in a text belongs to no placeholder.",
            Self::UnknownRegion => "This version of driftline does not know the Region.",
            Self::UnknownWord => "A value is not one of those allowed.",
            Self::UnreadNotWaivable => "A waiver expects a target to be unread for a reason that no waiver can expect.",
            Self::UnreadWaiverTooWide => "A waiver expects every account to be unread.",
            Self::UnreadableFile => "A file or folder exists but cannot be read.",
            Self::UntrustedSettings => {
                "A settings file above the working directory belongs to another user, or others may write to it."
            }
            Self::UnsupportedVersion => "This version of driftline does not read the version of the format.",
            Self::WaiverEnding => "A waiver ends within two weeks.",
            Self::WaiverExpired => "A waiver has expired and has no effect.",
            Self::WaiverWithoutCover => "A waiver is unclear: its live values and its settings do not match.",
            Self::WrongType => "A value has the wrong type for its key.",
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_none_stands_twice() {
        let texts: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(texts.windows(2).all(|pair| pair[0] < pair[1]), "{texts:?}");
    }
}
