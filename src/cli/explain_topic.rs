//! Codes that `driftline explain` knows: diagnostics, rules and unread reasons.

use std::fmt::Write as _;

use super::plain_markdown::{plain_markdown, push_wrapped};
use crate::diagnostic::{Code, nearest_words};
use crate::report::{Remediation, Rule, TextOptions};

/// Maximum of codes that an error suggests.
const SUGGESTED: usize = 3;

/// Why `explain` cannot explain what it is given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SubjectError {
    /// An argument that is neither a target nor a code.
    #[error("\"{text}\" is neither a target nor a code")]
    Unknown {
        /// The argument.
        text: String,
        /// The codes that are most similar.
        near: Vec<&'static str>,
    },
    /// An argument beside a code that only a target takes.
    #[error("a code is explained without {0}")]
    WithTargetArgument(&'static str),
    /// JSON of the text about a code.
    #[error("a code is explained as text only")]
    AsJson,
}

impl SubjectError {
    /// The fix.
    pub(super) fn help(&self) -> String {
        let target = "for a target, write it as ACCOUNT/REGION, such as 111122223333/eu-central-1";
        match self {
            Self::Unknown { near, .. } if near.is_empty() => {
                format!(
                    "{target}; a code looks like unknown-key, DL1001 or denied: `driftline explain --list` lists them"
                )
            }
            Self::Unknown { near, .. } => {
                format!("did you mean {}? {target}; `driftline explain --list` lists the codes", near.join(" or "))
            }
            Self::WithTargetArgument("policies") => {
                "leave the policies out; or name a target: driftline explain ACCOUNT/REGION POLICY".to_owned()
            }
            Self::WithTargetArgument(option) => {
                format!("leave {option} out; or name a target: driftline explain ACCOUNT/REGION {option} …")
            }
            Self::AsJson => "use --report text, or no --report".to_owned(),
        }
    }
}

/// Something with a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// A kind of diagnostic, such as `unknown-key`.
    Diagnostic(Code),
    /// A rule, by its id or by its unread reason: `DL1001`, `denied`.
    Rule(Rule),
}

impl Topic {
    /// Every topic, in the order of the list.
    fn all() -> impl Iterator<Item = Self> {
        Code::ALL.iter().copied().map(Self::Diagnostic).chain(Rule::all().map(Self::Rule))
    }

    /// The topic of a code. Case is ignored.
    pub(super) fn find(code: &str) -> Option<Self> {
        Self::all().find(|topic| topic.codes().any(|known| known.eq_ignore_ascii_case(code)))
    }

    /// The codes that are most similar to a text.
    pub(super) fn nearest(text: &str) -> Vec<&'static str> {
        nearest_words(text, Self::all().flat_map(Self::codes), SUGGESTED)
    }

    /// Every code with one line about it.
    pub(super) fn listed() -> impl Iterator<Item = (&'static str, String)> {
        Self::all().flat_map(|topic| topic.codes().map(move |code| (code, topic.summary())))
    }

    /// The codes that stand for it.
    fn codes(self) -> impl Iterator<Item = &'static str> {
        let (code, word) = match self {
            Self::Diagnostic(code) => (code.as_str(), None),
            Self::Rule(Rule::Drift(setting)) => (setting.spec().rule, None),
            Self::Rule(rule @ Rule::Unread(reason)) => (rule.id(), Some(reason.as_str())),
        };
        std::iter::once(code).chain(word)
    }

    /// The page as text.
    pub(super) fn page(self, options: TextOptions) -> String {
        match self {
            Self::Diagnostic(code) => plain_markdown(code.page(), options),
            Self::Rule(rule) => plain_markdown(&rule.page(), options),
        }
    }

    /// The line in the list of all codes.
    fn summary(self) -> String {
        match self {
            Self::Diagnostic(code) => code.summary().to_owned(),
            Self::Rule(Rule::Drift(setting)) => format!("`{}`: {}", setting.key(), setting.spec().summary),
            Self::Rule(Rule::Unread(reason)) => Remediation::new(reason).meaning.to_owned(),
        }
    }
}

/// Every code with one line about it, by kind.
pub(super) fn topic_list(options: TextOptions) -> String {
    let mut out = String::new();
    let is_drift = |topic: &Topic| matches!(topic, Topic::Rule(Rule::Drift(_)));
    let is_unread = |topic: &Topic| matches!(topic, Topic::Rule(Rule::Unread(_)));
    push_section(
        "Errors and warnings about files",
        Topic::all().filter(|topic| matches!(topic, Topic::Diagnostic(_))),
        options,
        &mut out,
    );
    push_section("Rules: drift of a setting", Topic::all().filter(is_drift), options, &mut out);
    push_section("Rules: reasons for being unread", Topic::all().filter(is_unread), options, &mut out);
    out
}

fn push_section(title: &str, topics: impl Iterator<Item = Topic>, options: TextOptions, out: &mut String) {
    let rows: Vec<(String, String)> =
        topics.map(|topic| (topic.codes().collect::<Vec<_>>().join("  "), topic.summary())).collect();
    let width = rows.iter().map(|(codes, _)| codes.len()).max().unwrap_or_default();
    if !out.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "{}", options.paint.strong(title));
    for (codes, summary) in rows {
        push_wrapped(&summary, &format!("  {codes:width$}  "), options.width, out);
    }
}
