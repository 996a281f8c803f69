//! Explanation of one target, as text and as JSON, version 1.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::offline_output::Specificity as SpecificityJson;
use super::offline_output::{
    WaiverTerms, accepted, faint, origin, plain, specificity, values, waiver, waiver_line, write_paragraph,
};
use crate::diagnostic::{DocumentKind, Envelope, write_json_document};
use crate::model::{
    AccountId, Candidate, DesiredSetting, DesiredTarget, Origin, Region, Resource, SettingId, SettingKind, Severity,
    Specificity, Waiver,
};
use crate::report::{TextOptions, days, terminal};
use crate::resource;

/// Desired settings of the targets of one account and Region.
#[derive(Debug, Clone)]
pub(super) struct Explanation {
    /// The account.
    pub(super) account: AccountId,
    /// The Region.
    pub(super) region: Region,
    /// The name of its account, if the inventory has names.
    pub(super) account_name: Option<Box<str>>,
    /// Its targets, by resource, or why there are none.
    pub(super) found: Result<Vec<DesiredTarget>, NoTarget>,
    /// The day by which waivers expire.
    pub(super) today: Date,
    /// The policy files, sorted.
    pub(super) policy_files: Vec<String>,
    /// The settings file as displayed, if there is one.
    pub(super) settings_file: Option<String>,
    /// The digest of the policy set.
    pub(super) policy_digest: String,
}

/// Why an account and a Region are no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum NoTarget {
    /// The account is not in the inventory.
    AccountNotInInventory,
    /// The Region is not in the inventory.
    RegionNotInInventory,
    /// No declaration reaches it.
    NotDeclared,
}

impl NoTarget {
    /// The reason in words.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::AccountNotInInventory => "the account is not in the inventory",
            Self::RegionNotInInventory => "the Region is not in the inventory",
            Self::NotDeclared => "no declaration reaches it",
        }
    }
}

/// Why a declaration is overridden, such as "all Regions is less specific than Region name".
fn override_reason(lost: &Candidate, desired: &DesiredSetting) -> String {
    let counting = std::iter::once(&desired.decided).chain(&desired.agreeing);
    // What overrides it is itself effective, or overridden by an effective one.
    let Some(winner) = counting.map(|claim| claim.specificity).find(|winner| winner.overrides(lost.specificity)) else {
        return "less specific".to_owned();
    };
    let Specificity { accounts, regions } = lost.specificity;
    let mut reasons = Vec::new();
    if accounts != winner.accounts {
        reasons.push(format!("{accounts} is less specific than {}", winner.accounts));
    }
    if regions != winner.regions {
        reasons.push(format!("{regions} is less specific than {}", winner.regions));
    }
    reasons.join(", and ")
}

/// Writes the explanation as text.
pub(super) fn write_explanation_text(
    explanation: &Explanation,
    options: TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    // Without a target, the error says so.
    let Ok(found) = &explanation.found else { return Ok(()) };
    let name = explanation.account_name.as_ref().map_or_else(String::new, |name| format!("  {}", terminal(name)));
    let place = format!("{}/{}", explanation.account, explanation.region);
    writeln!(out, "{}{name}", options.paint.strong(&place))?;
    let names_resources = found.iter().any(|target| target.resource != Resource::default());
    for target in found {
        if names_resources {
            writeln!(out, "\n  {}", options.paint.strong(target.resource.as_str()))?;
        }
        write_settings(target, explanation.today, options, out)?;
    }
    Ok(())
}

fn write_settings(target: &DesiredTarget, today: Date, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let declared = &target.declared.settings;
    for desired in target.declared.parameter().into_iter().chain(declared.iter().map(AsRef::as_ref)) {
        one(desired, today, options, out)?;
    }
    let is_declared = |setting: &SettingId| declared.iter().any(|desired| desired.setting == *setting);
    let unmanaged: Vec<&str> = resource::settings()
        .for_resource(target.resource)
        .filter(|setting| !is_declared(setting))
        .map(SettingId::key)
        .collect();
    if unmanaged.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    write_paragraph("  not managed: ", &unmanaged.join(", "), options.width, plain, out)
}

fn one(desired: &DesiredSetting, today: Date, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    let values = paint.strong(&accepted(&desired.decided));
    // A window has no outcome, so that no drift of it can matter.
    let has_severity = desired.setting.spec().kind != SettingKind::Window;
    let severity = if has_severity { format!(" (severity {})", desired.severity) } else { String::new() };
    writeln!(out, "\n  {}: {values}{severity}", desired.setting)?;
    let mut say = |label: &str, text: &str, quietly: bool| {
        let label = format!("    {label:<12}");
        if quietly {
            write_paragraph(&label, text, options.width, faint(paint), out)
        } else {
            write_paragraph(&label, text, options.width, plain, out)
        }
    };
    if let Some(written) = &desired.decided.written {
        say("written", &terminal(&written.to_string()), false)?;
    }
    say("decided by", &claim_text(&desired.decided), false)?;
    for other in &desired.agreeing {
        say("agreed by", &claim_text(other), false)?;
    }
    for lost in &desired.overridden {
        say(
            "overrides",
            &format!("{}: {}; {}", claim_text(lost), accepted(lost), override_reason(lost, desired)),
            true,
        )?;
    }
    for found in &desired.waivers {
        let (label, text) = waived(found, today);
        say(label, &text, found.is_expired(today))?;
    }
    Ok(())
}

/// Place, declaration and specificity.
fn claim_text(candidate: &Candidate) -> String {
    format!("{} ({})", origin(&candidate.origin), candidate.specificity)
}

fn waived(found: &Waiver, today: Date) -> (&'static str, String) {
    let left = found.days_left(today);
    let label = match (left, found.expects_unread()) {
        (..0, false) => "not waived",
        (..0, true) => "not expected",
        (_, false) => "waived",
        (_, true) => "expected",
    };
    let text = match left {
        ..0 => format!("expired {} ago; {}", days(-left), waiver_line(found)),
        0 => format!("{}; ends today", waiver_line(found)),
        _ => format!("{}; {} left", waiver_line(found), days(left)),
    };
    (label, text)
}

const EXPLAIN: DocumentKind =
    DocumentKind { format: "driftline.explain", version: 1, title: "driftline explanation of a target" };

/// Writes the explanation as one JSON object and a line feed.
pub(super) fn write_explanation_json(explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    let found = explanation.found.as_ref().map_or(&[][..], Vec::as_slice);
    let parameters = found.iter().filter_map(|target| target.declared.parameter());
    let document = Document {
        as_of: explanation.today.to_string(),
        policy_digest: &explanation.policy_digest,
        policy_files: &explanation.policy_files,
        settings_file: explanation.settings_file.as_deref(),
        account: explanation.account,
        account_name: explanation.account_name.as_deref(),
        region: explanation.region.as_str(),
        no_target: explanation.found.as_ref().err().copied(),
        region_named: found.iter().any(|target| target.declared.region_named),
        settings: found.iter().flat_map(|target| settings(target, explanation.today)).collect(),
        parameters: parameters.map(|desired| wanted(desired, explanation.today)).collect(),
    };
    write_json_document(&Envelope::new(EXPLAIN, document), out)
}

/// The JSON Schema of the explanation.
pub(super) fn explain_schema() -> serde_json::Value {
    EXPLAIN.schema::<Document<'_>>()
}

/// Effective settings of one target, their origin and what they override. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// The day (UTC) for which waivers are evaluated.
    #[schemars(extend("format" = "date"))]
    as_of: String,
    policy_digest: &'a str,
    policy_files: &'a [String],
    /// The settings file; null if there is none.
    settings_file: Option<&'a str>,
    account: AccountId,
    /// The account's name, if the inventory has names.
    account_name: Option<&'a str>,
    region: &'a str,
    /// Why it has no settings; null if it has some.
    no_target: Option<NoTarget>,
    /// Whether an effective declaration names the Region, as opposed to reaching it by a pattern or by "all".
    region_named: bool,
    /// The declared settings, by resource; any other setting is not managed.
    settings: Vec<DesiredJson<'a>>,
    /// What is declared beside settings: `ended_within`, which says which sessions the rules are about.
    parameters: Vec<DesiredJson<'a>>,
}

/// Desired setting.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Wanted")]
struct DesiredJson<'a> {
    resource: Resource,
    setting: &'static str,
    /// The accepted values; the first is what apply would set.
    accepted: Vec<Cow<'a, str>>,
    severity: Severity,
    decided: CandidateJson<'a>,
    /// Other effective declarations of the same values.
    agreeing: Vec<CandidateJson<'a>>,
    /// Declarations that a more specific one overrides.
    overridden: Vec<Lost<'a>>,
    /// The waivers that select the target and the setting, expired ones too.
    waivers: Vec<WaiverTerms<'a>>,
}

/// Candidate declaration.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Claim")]
struct CandidateJson<'a> {
    origin: &'a Origin,
    accepted: Vec<Cow<'a, str>>,
    /// The accepted values as written, if they have placeholders.
    written: Option<Vec<Cow<'a, str>>>,
    specificity: SpecificityJson,
}

/// Overridden declaration.
#[derive(Serialize, JsonSchema)]
struct Lost<'a> {
    #[serde(flatten)]
    claim: CandidateJson<'a>,
    /// The reason, as text.
    why: String,
}

fn settings(target: &DesiredTarget, today: Date) -> Vec<DesiredJson<'_>> {
    target.declared.settings.iter().map(|desired| wanted(desired, today)).collect()
}

fn wanted(desired: &DesiredSetting, today: Date) -> DesiredJson<'_> {
    let lost = |lost| Lost { claim: claim(lost), why: override_reason(lost, desired) };
    DesiredJson {
        resource: desired.setting.spec().resource,
        setting: desired.setting.key(),
        accepted: values(&desired.decided),
        severity: desired.severity,
        decided: claim(&desired.decided),
        agreeing: desired.agreeing.iter().map(claim).collect(),
        overridden: desired.overridden.iter().map(lost).collect(),
        waivers: desired.waivers.iter().map(|found| waiver(found, today)).collect(),
    }
}

fn claim(candidate: &Candidate) -> CandidateJson<'_> {
    CandidateJson {
        origin: &candidate.origin,
        accepted: values(candidate),
        written: candidate.written.as_ref().map(|written| written.texts().collect()),
        specificity: specificity(candidate),
    }
}
