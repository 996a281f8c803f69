//! Pages of diagnostics: the files of `docs/reference/diagnostics/`, part of the program.

use super::Code;

/// Matches a code to the text of its page.
macro_rules! pages {
    ($code:expr, $($variant:ident: $name:literal),+ $(,)?) => {
        match $code {
            $(Code::$variant => include_str!(concat!("../../docs/reference/diagnostics/", $name, ".md")),)+
        }
    };
}

impl Code {
    /// The page in Markdown: what the code means, an example, the fix and the reason.
    pub fn page(self) -> &'static str {
        pages! {
            self,
            AmbiguousDeclarations: "ambiguous-declarations",
            AutoEnableConflict: "auto-enable-conflict",
            BadAccountId: "bad-account-id",
            BadDate: "bad-date",
            BadDuration: "bad-duration",
            BadInventory: "bad-inventory",
            BadRegion: "bad-region",
            BadRole: "bad-role",
            BadTag: "bad-tag",
            BadText: "bad-text",
            BadUnit: "bad-unit",
            ConflictingKeys: "conflicting-keys",
            DuplicateKey: "duplicate-key",
            EmptyExcept: "empty-except",
            EmptyList: "empty-list",
            EmptyPolicySet: "empty-policy-set",
            FileLeftOut: "file-left-out",
            FileNotFound: "file-not-found",
            FileTooLarge: "file-too-large",
            FrequencyWithoutSession: "frequency-without-session",
            FullyOverridden: "fully-overridden",
            MatchesNothing: "matches-nothing",
            MissingKey: "missing-key",
            NamesNotChecked: "names-not-checked",
            NoAccounts: "no-accounts",
            NoSetting: "no-setting",
            NotTheAdministrator: "not-the-administrator",
            NotUtf8: "not-utf8",
            NumberOutOfRange: "number-out-of-range",
            RegionWithoutMacie: "region-without-macie",
            RepeatedItem: "repeated-item",
            RoleTwice: "role-twice",
            SelectorNeedsInventory: "selector-needs-inventory",
            SettingWithoutStatus: "setting-without-status",
            StaleInventory: "stale-inventory",
            Syntax: "syntax",
            TooComplex: "too-complex",
            UnknownFileType: "unknown-file-type",
            UnknownKey: "unknown-key",
            UnknownPlaceholder: "unknown-placeholder",
            UnknownRegion: "unknown-region",
            UnknownWord: "unknown-word",
            UnreadNotWaivable: "unread-not-waivable",
            UnreadWaiverTooWide: "unread-waiver-too-wide",
            UnreadableFile: "unreadable-file",
            UnsupportedVersion: "unsupported-version",
            UntrustedSettings: "untrusted-settings",
            WaiverEnding: "waiver-ending",
            WaiverExpired: "waiver-expired",
            WaiverWithoutCover: "waiver-without-cover",
            WrongType: "wrong-type",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_own_page() {
        for code in Code::ALL {
            let title = code.page().lines().next();
            assert_eq!(title, Some(format!("# `{code}`").as_str()));
        }
    }
}
