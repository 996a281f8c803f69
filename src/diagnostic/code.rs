//! Codes of diagnostics: stable names, each with a page in `docs/diagnostics/`.

/// The stable name of a kind of diagnostic. A code is never reused for another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "each is described by `Code::summary`, which the documentation is checked against")]
pub enum Code {
    AmbiguousDeclarations,
    BadAccountId,
    BadDate,
    BadDuration,
    BadInventory,
    BadRegion,
    BadRole,
    BadTag,
    BadText,
    BadUnit,
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
    NoAccounts,
    NoSetting,
    NotUtf8,
    NumberOutOfRange,
    RegionWithoutMacie,
    RepeatedItem,
    RoleTwice,
    SelectorNeedsInventory,
    Syntax,
    TooComplex,
    UnknownFileType,
    UnknownKey,
    UnknownRegion,
    UnknownWord,
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
                "Two declarations, neither more specific than the other, want different things of one target."
            }
            Self::BadAccountId => "An account id is not a text of 12 digits.",
            Self::BadDate => "A text is not a date as driftline writes it: year-month-day.",
            Self::BadDuration => "A duration is not a number with a unit, such as \"15m\".",
            Self::BadInventory => "A file that should be a saved inventory is none, or contradicts itself.",
            Self::BadRegion => "A Region is neither a Region code nor a pattern of one.",
            Self::BadRole => "A role is neither a role name nor an ARN template that IAM could accept.",
            Self::BadTag => "A text cannot be the key or the value of a tag.",
            Self::BadText => "A text is empty or holds characters that do not belong in it.",
            Self::BadUnit => "A text names no organizational unit: neither a path nor an id.",
            Self::DuplicateKey => "A key stands twice in one table.",
            Self::EmptyExcept => "An `except` without selectors would take everything away.",
            Self::EmptyList => "A list has no items.",
            Self::EmptyPolicySet => "The policy set holds no declaration, so a run over it would say nothing.",
            Self::FileLeftOut => {
                "An entry of a policy folder is not read: a link out of it or to nothing, or no regular file."
            }
            Self::FileNotFound => "A path that was named does not exist.",
            Self::FileTooLarge => "A file is larger than any policy needs to be.",
            Self::FrequencyWithoutSession => {
                "A declaration wants a frequency beside a status that can only be NOT_ENABLED."
            }
            Self::FullyOverridden => "A declaration decides nothing: others are more specific wherever it reaches.",
            Self::MatchesNothing => {
                "A declaration, a waiver, or an item of their selectors or `except` matches nothing in the inventory."
            }
            Self::MissingKey => "A required key is missing.",
            Self::NoAccounts => "No account is known to check.",
            Self::NoSetting => "A declaration declares no setting.",
            Self::NotUtf8 => "A file is not UTF-8 text.",
            Self::NumberOutOfRange => "A number is outside its bounds.",
            Self::RegionWithoutMacie => {
                "A declaration wants a session in a Region, named exactly, where Macie does not exist."
            }
            Self::RepeatedItem => "A list holds an item twice.",
            Self::RoleTwice => "Both a role name and a role ARN are set.",
            Self::SelectorNeedsInventory => {
                "A selector asks for names, organizational units or tags that the inventory of the run does not know."
            }
            Self::Syntax => "A file is not well-formed YAML, TOML or JSON.",
            Self::TooComplex => "A file nests too deeply, or expands to more than any policy needs.",
            Self::UnknownFileType => "A file that was named is neither YAML, TOML nor JSON by its ending.",
            Self::UnknownKey => "A key is not known.",
            Self::UnknownRegion => "A Region is named that this version of driftline does not know.",
            Self::UnknownWord => "A word is not among those allowed.",
            Self::UnreadableFile => "A file or folder exists but cannot be read.",
            Self::UntrustedSettings => {
                "A settings file found above the working directory is another user's, or others may write to it."
            }
            Self::UnsupportedVersion => "The version of the format is not one that this version of driftline reads.",
            Self::WaiverEnding => "A waiver ends within two weeks.",
            Self::WaiverExpired => "A waiver has expired and covers nothing any more.",
            Self::WaiverWithoutCover => {
                "What a waiver covers cannot be told: its live values and its settings do not fit together."
            }
            Self::WrongType => "A value is of another type than the key takes.",
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
