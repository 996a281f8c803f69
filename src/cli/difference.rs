//! Difference between two policy sets, and its JSON form, version 1.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::offline_output::{WaiverTerms, known, values, waiver};
use crate::desired_diff::{ChangeKind, Counts, DesiredDiff, RegionNamingChange, SettingChange};
use crate::diagnostic::{DocumentKind, Envelope, write_json_document};
use crate::model::{AccountId, DesiredSetting, Origin, Resource, SettingId, Severity};
use crate::resource::SettingKey;

/// Two policy sets, and what the new one changes about the old one.
#[derive(Debug, Clone)]
pub(super) struct Difference {
    /// The old side.
    pub(super) old: DiffSide,
    /// The new side.
    pub(super) new: DiffSide,
    /// The changes.
    pub(super) changes: DesiredDiff,
    /// Account names, if the inventory has them.
    pub(super) names: BTreeMap<AccountId, Box<str>>,
    /// The day by which waivers expire.
    pub(super) today: Date,
}

/// One of the two policy sets.
#[derive(Debug, Clone, Default)]
pub(super) struct DiffSide {
    /// Its paths, or the revision.
    pub(super) name: String,
    /// The full id of its commit, if it comes from one.
    pub(super) commit: Option<String>,
    /// The policy files, sorted.
    pub(super) files: Vec<String>,
    /// The settings file as displayed, if there is one.
    pub(super) settings_file: Option<String>,
    /// The digest of the policy set.
    pub(super) digest: String,
    /// Paths that exist on the other side only.
    pub(super) absent: Vec<String>,
    /// Links and submodules that were not followed.
    pub(super) left_out: Vec<String>,
}

const DIFF: DocumentKind =
    DocumentKind { format: "driftline.diff", version: 1, title: "driftline difference of policies" };

/// Writes the difference as one JSON object and a line feed.
pub(super) fn write_diff_json(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        as_of: difference.today.to_string(),
        old: side(&difference.old),
        new: side(&difference.new),
        counts: difference.changes.counts(),
        targets: Targets(difference),
    };
    write_json_document(&Envelope::new(DIFF, document), out)
}

/// The JSON Schema of the difference.
pub(super) fn diff_schema() -> serde_json::Value {
    DIFF.schema::<Document<'_>>()
}

/// Targets that a change of policy files affects, and how. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// The day (UTC) for which waivers are evaluated.
    #[schemars(extend("format" = "date"))]
    as_of: String,
    old: SideJson<'a>,
    new: SideJson<'a>,
    counts: Counts,
    /// Every target for which something changes exactly once, sorted by account, Region, resource.
    #[schemars(with = "Vec<Target<'a>>")]
    targets: Targets<'a>,
}

/// One of the two policy sets.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicySide")]
struct SideJson<'a> {
    /// Its paths, or the revision, as it was named.
    name: &'a str,
    /// The full id of the commit, if it comes from one.
    commit: Option<&'a str>,
    policy_digest: &'a str,
    policy_files: &'a [String],
    /// The settings file; null if there is none.
    settings_file: Option<&'a str>,
    /// Paths that exist on the other side only.
    absent: &'a [String],
    /// Symbolic links and submodules of the revision, which were skipped.
    left_out: &'a [String],
}

/// A target for which something changes.
#[derive(Serialize, JsonSchema)]
struct Target<'a> {
    /// Null for the caller's account, if it is unknown.
    account: Option<AccountId>,
    /// The account's name, if the inventory has names.
    account_name: Option<&'a str>,
    region: &'a str,
    resource: Resource,
    /// Set if the change affects whether the Region is named, which decides how a Region that is off counts.
    naming: Option<RegionNamingChange>,
    /// The settings that change.
    settings: Vec<Change<'a>>,
}

/// A setting that changes.
#[derive(Serialize, JsonSchema)]
struct Change<'a> {
    #[schemars(with = "SettingKey")]
    setting: SettingId,
    /// Kinds of the change: at least one.
    kinds: &'a [ChangeKind],
    /// The old desired setting; null if there was none.
    old: Option<DesiredJson<'a>>,
    /// The new desired setting; null if there is none.
    new: Option<DesiredJson<'a>>,
}

/// Desired setting.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Wanted")]
struct DesiredJson<'a> {
    /// The accepted values; the first is what apply would set.
    accepted: Vec<Cow<'a, str>>,
    severity: Severity,
    /// The declared `ended_within` of a rule about sessions; null if there is none.
    ended_within: Option<Cow<'a, str>>,
    /// The declaration that decides.
    origin: &'a Origin,
    /// The waivers that select it, expired ones too.
    waivers: Vec<WaiverTerms<'a>>,
}

/// Targets are converted one by one while they are written: there may be hundreds of thousands.
struct Targets<'a>(&'a Difference);

impl Serialize for Targets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Difference { changes, names, today, .. } = self.0;
        serializer.collect_seq(changes.targets().iter().map(|target| Target {
            account: known(target.account),
            account_name: names.get(&target.account).map(|name| &**name),
            region: target.region.as_str(),
            resource: target.resource,
            naming: target.change.naming(),
            settings: target.change.settings().map(|setting| change(&setting, *today)).collect(),
        }))
    }
}

fn side(side: &DiffSide) -> SideJson<'_> {
    SideJson {
        name: &side.name,
        commit: side.commit.as_deref(),
        policy_digest: &side.digest,
        policy_files: &side.files,
        settings_file: side.settings_file.as_deref(),
        absent: &side.absent,
        left_out: &side.left_out,
    }
}

fn change<'a>(change: &SettingChange<'a>, today: Date) -> Change<'a> {
    let wanted = |desired: &'a DesiredSetting| DesiredJson {
        accepted: values(&desired.decided),
        severity: desired.severity,
        ended_within: desired.window.as_ref().and_then(|window| values(&window.decided).into_iter().next()),
        origin: &desired.decided.origin,
        waivers: desired.waivers.iter().map(|found| waiver(found, today)).collect(),
    };
    Change { setting: change.setting, kinds: change.kinds, old: change.old.map(wanted), new: change.new.map(wanted) }
}
