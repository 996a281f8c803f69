//! Version 1 of the JSON explanation.

use std::io::{self, Write};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::explanation::{Explanation, NoTarget, why_lost};
use crate::diagnostic::write_json_document;
use crate::model::{AccountId, Candidate, DesiredSetting, DesiredTarget, Origin, Setting, Severity};
use crate::offline::json::{Specificity, Tool, WaiverTerms, schema, specificity, values, waiver};

const FORMAT: &str = "driftline.explain";
const FORMAT_VERSION: u32 = 1;

/// Writes the explanation as one JSON object and a line feed.
pub fn write_explanation_json(explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    let found = explanation.found.as_ref().ok();
    let document = Document {
        format: FORMAT,
        format_version: FORMAT_VERSION,
        tool: Tool::THIS,
        as_of: explanation.today.to_string(),
        policy_digest: &explanation.policy_digest,
        policy_files: &explanation.policy_files,
        settings_file: explanation.settings_file.as_deref(),
        account: explanation.target.account,
        account_name: explanation.account_name.as_deref(),
        region: explanation.target.region.as_str(),
        no_target: explanation.found.as_ref().err().copied(),
        region_named: found.is_some_and(|target| target.wish.region_named),
        settings: found.map(|target| settings(target, explanation.today)).unwrap_or_default(),
    };
    write_json_document(&document, out)
}

/// The JSON Schema of the explanation.
pub fn explain_schema() -> serde_json::Value {
    schema::<Document<'_>>("urn:driftline:schema:explain:1", "driftline explanation of a target, version 1")
}

/// What is wanted of one target, why, and what lost. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// Always `driftline.explain`.
    #[schemars(extend("const" = FORMAT))]
    format: &'static str,
    /// The major version: readers must refuse one that they do not know.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    tool: Tool,
    /// The day (UTC) by which waivers are judged.
    #[schemars(extend("format" = "date"))]
    as_of: String,
    policy_digest: &'a str,
    policy_files: &'a [String],
    /// The settings file; null if there is none.
    settings_file: Option<&'a str>,
    #[schemars(with = "String", extend("pattern" = "^[0-9]{12}$"))]
    account: AccountId,
    /// The account's name, where the inventory knows names.
    account_name: Option<&'a str>,
    region: &'a str,
    /// Why nothing is wanted of it; null if something is.
    no_target: Option<NoTarget>,
    /// Whether a declaration that counts names the Region, as opposed to reaching it by a pattern or by "all".
    region_named: bool,
    /// The declared settings; one that is not here is not managed.
    settings: Vec<Wanted<'a>>,
}

/// What is wanted of a setting.
#[derive(Serialize, JsonSchema)]
struct Wanted<'a> {
    setting: Setting,
    /// The accepted values; the first is what apply would set.
    accepted: Vec<&'static str>,
    severity: Severity,
    decided: Claim<'a>,
    /// Other declarations that count and want the same.
    agreeing: Vec<Claim<'a>>,
    /// Declarations that a more specific one beats.
    overridden: Vec<Lost<'a>>,
    /// The waivers that select the target and the setting, expired ones too.
    waivers: Vec<WaiverTerms<'a>>,
}

/// A declaration's say.
#[derive(Serialize, JsonSchema)]
struct Claim<'a> {
    origin: &'a Origin,
    accepted: Vec<&'static str>,
    specificity: Specificity,
}

/// A declaration that lost.
#[derive(Serialize, JsonSchema)]
struct Lost<'a> {
    #[serde(flatten)]
    claim: Claim<'a>,
    /// In words.
    why: String,
}

fn settings(target: &DesiredTarget, today: Date) -> Vec<Wanted<'_>> {
    target.wish.settings.iter().map(|wish| wanted(wish, today)).collect()
}

fn wanted(wish: &DesiredSetting, today: Date) -> Wanted<'_> {
    let lost = |lost| Lost { claim: claim(lost), why: why_lost(lost, wish) };
    Wanted {
        setting: wish.setting,
        accepted: values(&wish.decided),
        severity: wish.severity,
        decided: claim(&wish.decided),
        agreeing: wish.agreeing.iter().map(claim).collect(),
        overridden: wish.overridden.iter().map(lost).collect(),
        waivers: wish.waivers.iter().map(|found| waiver(found, today)).collect(),
    }
}

fn claim(contender: &Candidate) -> Claim<'_> {
    Claim { origin: &contender.origin, accepted: values(contender), specificity: specificity(contender) }
}
