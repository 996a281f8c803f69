//! Version 1 of the saved plan, `driftline.plan`.
//!
//! The fingerprint covers everything else, so that a key that this version does not know counts as an alteration.

mod step;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use step::{SavedBlocked, SavedSelection, SavedStep, SavedUnread, saved_scope};

use super::{CallerIdentity, Plan, PlanBase, PlanMetadata, PlanSource, Summary, Unmatched};
use crate::diagnostic::{DocumentHead, HeadError, OtherVersion, quote, truncate_line, write_json_document};
use crate::model::{AccountId, Environment, sha256};
use crate::resource::settings;

const FORMAT: &str = "driftline.plan";

/// The version of the saved plan.
pub const PLAN_VERSION: u32 = 1;

/// What would remove the drift, and what would stay. `driftline apply` takes it as it is, and refuses it once altered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanDocument {
    /// Always `driftline.plan`.
    #[schemars(extend("const" = FORMAT))]
    format: String,
    /// The major version: readers must refuse one that they do not know.
    #[schemars(extend("const" = PLAN_VERSION))]
    format_version: u32,
    tool: Tool,
    /// When the readings were in. UTC, RFC 3339, whole seconds.
    #[schemars(with = "String", extend("format" = "date-time"))]
    created_at: Timestamp,
    source: Environment,
    /// Whose credentials it was made with. It is applied with those of the same account, or not at all.
    caller: CallerIdentity,
    /// The digest of the policies; null where the plan leads back to what an apply had found.
    policy_digest: Option<String>,
    /// The policy files, as shown, sorted.
    policy_files: Vec<String>,
    /// The paths under which the policies were found.
    policy_paths: Vec<String>,
    /// The settings file, as shown; left out where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settings_file: Option<String>,
    /// The journal of the apply that is to be rolled back; null where the plan leads to what policies want.
    journal: Option<String>,
    /// What `--account` and `--region` selected; null for every declared target. No other target was read.
    selection: Option<SavedSelection>,
    /// The accounts and Regions of `--only`, as ACCOUNT/REGION; empty for all. Every target was read.
    only: Vec<String>,
    /// The day by which waivers were judged, where it was not that of the run.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    as_of: Option<Date>,
    /// The git revision whose policies these were compared with, where they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<PlanBase>,
    /// The configured policy files that were left out, as shown, sorted.
    partial_policies: Vec<String>,
    /// Items of the policies that select no declared target.
    unmatched: Vec<Unmatched>,
    /// The Macie administrator of members of the organization, where the run could not learn which one accounts without Macie have;
    /// left out elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unnamed_administrator: Option<AccountId>,
    summary: Summary,
    /// The calls, each after those that it needs, else by account and Region.
    steps: Vec<SavedStep>,
    /// Blocked changes.
    blocked: Vec<SavedBlocked>,
    /// Targets of which nothing is known: they are left alone.
    unread: Vec<SavedUnread>,
    /// SHA-256 over the rest of the plan.
    #[schemars(extend("pattern" = "^sha256:[0-9a-f]{64}$"))]
    fingerprint: String,
}

/// The program that made the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tool {
    name: String,
    version: String,
}

/// The JSON Schema (draft 2020-12) of a saved plan.
pub fn plan_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(PlanDocument);
    schema.insert("$id".to_owned(), "urn:driftline:schema:plan:1".into());
    schema.insert("title".to_owned(), "driftline plan, version 1".into());
    schema.to_value()
}

impl PlanDocument {
    /// The document of a plan, with its fingerprint.
    pub fn from_plan(plan: &Plan) -> Self {
        let PlanMetadata {
            created_at,
            source,
            maker,
            basis,
            scope,
            as_of,
            settings_file,
            base,
            partial_policies,
            unmatched,
            unnamed_administrator,
        } = plan.facts.clone();
        let (selection, only) = saved_scope(&scope);
        let (policy_digest, policy_files, policy_paths, journal) = match basis {
            PlanSource::Policies { digest, files, paths } => (Some(digest), files, paths, None),
            PlanSource::Journal { file } => (None, Vec::new(), Vec::new(), Some(file)),
        };
        let document = Self {
            format: FORMAT.to_owned(),
            format_version: PLAN_VERSION,
            tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            created_at,
            source,
            caller: maker,
            policy_digest,
            policy_files,
            policy_paths,
            settings_file,
            journal,
            selection,
            only,
            as_of,
            base,
            partial_policies,
            unmatched,
            unnamed_administrator,
            summary: plan.summary(),
            steps: plan.steps.iter().map(SavedStep::from_step).collect(),
            blocked: plan.blocked.iter().map(SavedBlocked::from_blocked).collect(),
            unread: plan.not_planned.iter().map(SavedUnread::from_skipped).collect(),
            fingerprint: String::new(),
        };
        let fingerprint = document.computed_fingerprint();
        Self { fingerprint, ..document }
    }

    /// The fingerprint that the document states.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether the document is as it was made.
    pub fn fingerprint_matches(&self) -> bool {
        self.fingerprint == self.computed_fingerprint()
    }

    /// The fingerprint of the document's content. It does not depend on white space and the order of keys in the file, because the
    /// order of the fields is that of the struct.
    fn computed_fingerprint(&self) -> String {
        let rest = Self { fingerprint: String::new(), ..self.clone() };
        sha256(serde_json::to_vec(&rest).unwrap_or_default())
    }

    /// The plan, or what is wrong with it.
    fn into_plan(self) -> Result<Plan, String> {
        let basis = match (self.policy_digest, self.journal) {
            (Some(digest), None) => PlanSource::Policies { digest, files: self.policy_files, paths: self.policy_paths },
            (None, Some(file)) => PlanSource::Journal { file },
            _ => return Err("it leads neither to policies nor to a journal".to_owned()),
        };
        let scope = step::scope(self.selection, &self.only)?;
        let plan = Plan {
            facts: PlanMetadata {
                scope,
                created_at: self.created_at,
                source: self.source,
                maker: self.caller,
                basis,
                as_of: self.as_of,
                settings_file: self.settings_file,
                base: self.base,
                partial_policies: self.partial_policies,
                unmatched: self.unmatched,
                unnamed_administrator: self.unnamed_administrator,
            },
            declared: self.summary.declared,
            declared_total: self.summary.declared_total,
            steps: self.steps.into_iter().map(SavedStep::into_step).collect::<Result<_, _>>()?,
            blocked: self.blocked.into_iter().map(SavedBlocked::into_blocked).collect::<Result<_, _>>()?,
            not_planned: self.unread.into_iter().map(SavedUnread::into_skipped).collect(),
        };
        let numbered = plan.steps.iter().zip(1..).all(|(step, number)| step.number == number);
        let in_order = plan.steps.iter().all(|step| step.after.iter().all(|before| *before < step.number));
        if numbered && in_order { Ok(plan) } else { Err("its steps are not numbered in their order".to_owned()) }
    }

    /// The document as a file. The same document always gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // All keys of maps are strings, so that this cannot fail.
        let mut bytes = Vec::new();
        let _ = write_json_document(self, &mut bytes);
        bytes
    }
}

/// A saved plan, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPlan {
    /// The plan.
    pub plan: Plan,
    /// Whether it is as it was made.
    pub untouched: bool,
}

/// Why a file is not a usable plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Not JSON, or not to its end.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// Another document.
    #[error("it is not a plan: {0}")]
    NotAPlan(String),
    /// A plan of another version of the format.
    #[error(transparent)]
    OtherVersion(OtherVersion),
    /// A plan of a newer driftline, with something that this one does not know.
    #[error("{made_by}: {what}")]
    Newer {
        /// Which driftline made it.
        made_by: String,
        /// What is not known here.
        what: String,
    },
    /// A plan that changes settings which this driftline does not know.
    #[error("it changes the setting `{0}`, which this driftline does not know: a newer driftline made it")]
    UnknownSetting(String),
    /// A plan of an older driftline, which lacks what guards ask for.
    #[error("it was made by an older driftline: {0}")]
    Older(String),
    /// A plan that driftline has not made this way: it was altered.
    #[error("it is not as driftline makes plans: {0}")]
    Altered(String),
}

impl PlanError {
    /// The hint.
    pub fn help(&self) -> &'static str {
        match self {
            Self::OtherVersion(_) | Self::Newer { .. } | Self::UnknownSetting(_) => {
                "apply it with the driftline that made it; or plan with this one and review that: driftline plan --out FILE"
            }
            Self::Older(_) => "make it again and review it: driftline plan --out FILE",
            Self::NotJson(_) | Self::NotAPlan(_) | Self::Altered(_) => {
                "make a new plan and review it: driftline plan --out FILE"
            }
        }
    }
}

impl SavedPlan {
    /// Whether a text says that it is one of driftline's documents, as opposed to a policy.
    pub fn is_claimed(text: &str) -> bool {
        serde_json::from_str::<DocumentHead>(text).is_ok_and(|head| head.claims_format())
    }

    /// Parses a plan.
    ///
    /// # Errors
    ///
    /// Why it is not a plan. A plan that was altered and is still valid is no error here: see [`SavedPlan::untouched`].
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let head: DocumentHead =
            serde_json::from_str(text).map_err(|error| PlanError::NotJson(truncate_line(&error.to_string())))?;
        head.check(FORMAT, PLAN_VERSION).map_err(|error| match error {
            HeadError::OtherFormat(what) => PlanError::NotAPlan(what),
            HeadError::NoVersion => PlanError::Altered(error.to_string()),
            HeadError::OtherVersion(version) => PlanError::OtherVersion(version),
        })?;
        // Only a plan that is refused is parsed again, for the reason.
        let refused = |what: String| match (head.newer(), unknown_setting(text)) {
            (Some(made_by), _) => PlanError::Newer { made_by, what: truncate_line(&what) },
            (None, Some(key)) => PlanError::UnknownSetting(quote(&key)),
            (None, None) if is_older(text) => PlanError::Older(truncate_line(&what)),
            (None, None) => PlanError::Altered(truncate_line(&what)),
        };
        let document: PlanDocument = serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
        let untouched = document.fingerprint_matches();
        // A newer driftline may compute it in another way.
        if !untouched && head.newer().is_some() {
            return Err(refused("its fingerprint is not that of its content here".to_owned()));
        }
        let plan = document.into_plan().map_err(refused)?;
        Ok(Self { plan, untouched })
    }
}

/// Whether a plan has none of the fields that the first plans of the version did not have. A plan that lost one was altered.
fn is_older(text: &str) -> bool {
    const LATER: [&str; 4] = ["/only", "/partial_policies", "/unmatched", "/summary/declared_total"];
    serde_json::from_str::<serde_json::Value>(text)
        .is_ok_and(|plan| LATER.iter().all(|field| plan.pointer(field).is_none()))
}

/// Where a plan names settings.
#[derive(Deserialize, Default)]
#[serde(default)]
struct NamedSettings {
    steps: Vec<NamedChanges>,
    blocked: Vec<NamedChanges>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NamedChanges {
    settings: Vec<NamedSetting>,
    change: Option<NamedSetting>,
    reading: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct NamedSetting {
    setting: String,
}

/// The first setting that a plan names and this driftline does not know.
fn unknown_setting(text: &str) -> Option<String> {
    let NamedSettings { steps, blocked } = serde_json::from_str(text).ok()?;
    let keys = steps.into_iter().chain(blocked).flat_map(|one| {
        let changed = one.settings.into_iter().chain(one.change).map(|named| named.setting);
        changed.chain(one.reading.into_keys().filter(|key| key != step::UPDATED_AT))
    });
    keys.into_iter().find(|key| settings().iter().all(|setting| setting.key() != key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::SavedPlan;
    use crate::plan::test_fixtures::{plan, step};
    use crate::resource::Operation;
    use crate::resource::macie_session::Status;

    fn saved() -> Plan {
        let added = Operation::CreateMember { email: "new@example.com".into() };
        let disable = Operation::DisableMacie;
        plan(vec![
            step(1, (1, 5), added, (Status::NotEnabled, Status::Enabled), &[]),
            step(2, (1, 5), Operation::UpdateMemberSession, (Status::Enabled, Status::Paused), &[1]),
            step(3, (2, 2), disable, (Status::Enabled, Status::NotEnabled), &[]),
        ])
    }

    #[test]
    fn a_plan_is_read_back_as_it_was_saved() {
        let plan = saved();
        let bytes = PlanDocument::from_plan(&plan).to_bytes();
        let text = std::str::from_utf8(&bytes).expect("UTF-8");
        assert!(SavedPlan::is_claimed(text));
        assert_eq!(SavedPlan::parse(text), Ok(SavedPlan { plan: plan.clone(), untouched: true }));
        assert_eq!(PlanDocument::from_plan(&plan).to_bytes(), bytes, "the same plan, the same bytes");
    }

    #[test]
    fn whatever_is_altered_is_seen() {
        let document = serde_json::to_value(PlanDocument::from_plan(&saved())).expect("JSON");
        let mut places = Vec::new();
        leaves(&document, String::new(), &mut places);
        assert!(places.len() > 60, "{places:?}");
        for place in places {
            let mut altered = document.clone();
            let value = altered.pointer_mut(&place).expect("a place");
            *value = match value.take() {
                serde_json::Value::String(text) => format!("{text}x").into(),
                serde_json::Value::Number(number) => (number.as_u64().unwrap_or_default() + 1).into(),
                _ => "x".into(),
            };
            let read = SavedPlan::parse(&altered.to_string());
            assert!(read.is_err() || read.is_ok_and(|saved| !saved.untouched), "{place} may be altered unseen");
        }
    }

    #[test]
    fn a_step_risks_what_its_call_does_whatever_the_file_says() {
        for (step, key, value, told) in [
            (2, "risk", "safe", "step 3 says that it is safe, and DisableMacie is not"),
            (1, "risk", "safe", "step 2 says that it is safe, and UpdateMemberSession is not"),
            (0, "risk", "destructive", "step 1 says that it is destructive, and CreateMember is not"),
            (1, "operation", "DisableMacie", "step 2 says that it is disruptive, and DisableMacie is not"),
        ] {
            let mut document = serde_json::to_value(PlanDocument::from_plan(&saved())).expect("JSON");
            document["steps"][step][key] = value.into();
            // Whoever can write the file can write the fingerprint, too.
            let mut altered: PlanDocument = serde_json::from_value(document).expect("a document");
            altered.fingerprint = altered.computed_fingerprint();
            assert!(altered.fingerprint_matches());
            let text = String::from_utf8(altered.to_bytes()).expect("UTF-8");
            assert_eq!(SavedPlan::parse(&text), Err(crate::plan::PlanError::Altered(told.to_owned())));
        }
        let mut document = serde_json::to_value(PlanDocument::from_plan(&saved())).expect("JSON");
        document["steps"][2]["settings"][0]["after"] = "PAUSED".into();
        let told = "step 3 does not do by DisableMacie what it says".to_owned();
        assert_eq!(SavedPlan::parse(&document.to_string()), Err(crate::plan::PlanError::Altered(told)));
    }

    /// The places of all values that hold no others.
    fn leaves(value: &serde_json::Value, at: String, places: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(fields) => {
                fields.iter().for_each(|(key, value)| leaves(value, format!("{at}/{key}"), places));
            }
            serde_json::Value::Array(items) => {
                items.iter().enumerate().for_each(|(nth, value)| leaves(value, format!("{at}/{nth}"), places));
            }
            _ => places.push(at),
        }
    }
}
