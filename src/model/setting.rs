//! Settings as data: what a policy can declare about a resource.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use super::{AcceptedItem, RegionTable, Resource, SettingKind, Target, Value};

/// One setting: a row of static data.
#[derive(Debug)]
pub struct SettingSpec {
    /// The resource that the setting belongs to.
    pub resource: Resource,
    /// The key in policy files and the name in reports. Nested tables are dotted: `automated_discovery.status`.
    pub key: &'static str,
    /// The id of the rule that a drift breaks, such as `DL1001`. An id is never reused, and the list is in rule order.
    pub rule: &'static str,
    /// What the setting is, in one sentence.
    pub summary: &'static str,
    /// What the setting means and takes, for the JSON Schema of policies and the documentation.
    pub meaning: &'static str,
    /// The values that it can have.
    pub kind: SettingKind,
    /// Whether the administrator's list of members holds it, so that the account itself need not be asked.
    pub in_member_list: bool,
    /// Whether a bare word under `while_live` can mean a value of it. Other settings are named there.
    pub has_bare_waiver_words: bool,
    /// The value that means that the resource does not exist. All other settings are then not applicable.
    pub absent: Option<Value>,
    /// What to say where the setting is declared beside an existence that can only be [`SettingSpec::absent`].
    pub needs_resource: Option<NeedsResource>,
    /// The IAM actions that reading it takes beside those that every target takes.
    pub read_actions: &'static [&'static str],
    /// How a drift of it is removed.
    pub change: ChangeMethod,
    /// Names that people have for it elsewhere, for the hint of an error.
    pub other_names: &'static [&'static str],
    /// Words that people have for its values elsewhere, each with the value's own.
    pub other_words: &'static [(&'static str, &'static str)],
}

/// The words for a setting that only an existing resource can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedsResource {
    /// What is declared, with its article: "a frequency".
    pub what: &'static str,
    /// Why it makes no sense without the resource.
    pub why: &'static str,
    /// The warning where it is declared and the existence of the resource is not; `None` for no warning. The key stands before.
    pub alone: Option<&'static str>,
}

/// How a drift of a setting is removed.
#[derive(Debug, Clone, Copy)]
pub enum ChangeMethod {
    /// The planner of the resource plans a step.
    ByPlanner,
    /// driftline only reports the drift. The remedy tells the reader which command to run, for a target and the value to set.
    ReportOnly {
        /// Builds the instruction.
        remedy: fn(&Target, &Value) -> String,
    },
    /// The same, and one instruction of the resource removes the drift of all such settings of a target.
    ReportTogether,
}

/// A setting, by reference to its row. Compares by rule; prints as its key.
#[derive(Clone, Copy)]
pub struct SettingId(&'static SettingSpec);

/// The settings, and the parameters of resources, each in rule order.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    list: &'static [SettingId],
    parameters: &'static [SettingId],
}

/// What policies are checked against: the known Regions and the list of settings.
#[derive(Debug, Clone, Copy)]
pub struct Catalog<'a> {
    /// The known Regions.
    pub regions: &'a RegionTable,
    /// Every setting.
    pub settings: Settings,
}

impl ChangeMethod {
    /// Whether driftline only reports the drift.
    pub fn is_report_only(self) -> bool {
        match self {
            Self::ByPlanner => false,
            Self::ReportOnly { .. } | Self::ReportTogether => true,
        }
    }
}

impl SettingSpec {
    /// Whether a target has one live value of it, which a waiver can name. Of a rule about sessions, each session has its own.
    pub fn has_live_value(&self) -> bool {
        self.resource != Resource::SessionManagerSessions || self.key == "count"
    }
}

impl SettingId {
    /// The setting of a row.
    pub const fn new(spec: &'static SettingSpec) -> Self {
        Self(spec)
    }

    /// The row.
    pub const fn spec(self) -> &'static SettingSpec {
        self.0
    }

    /// The key as a policy file has it at the top of a declaration: that of the table, if it is nested.
    pub fn top_key(self) -> &'static str {
        self.0.key.split_once('.').map_or(self.0.key, |(table, _)| table)
    }

    /// The key in policy files and the name in reports.
    pub const fn key(self) -> &'static str {
        self.0.key
    }

    /// The live value that a text stands for, or `None` if the setting cannot have it.
    pub fn parse(self, text: &str) -> Option<Value> {
        let takes_parameters = self.0.resource == Resource::SessionManagerPreferences;
        let is_parameter = || text.split_once("{{").is_some_and(|(_, rest)| rest.contains("}}"));
        if takes_parameters && is_parameter() { Some(Value::Parameter(text.into())) } else { self.0.kind.parse(text) }
    }

    /// The accepted item that a text stands for, as policies and reports write it, or `None` if the setting cannot have it.
    pub fn parse_item(self, text: &str) -> Option<AcceptedItem> {
        self.0.kind.parse_item(text)
    }
}

impl Settings {
    /// A list of settings, and one of parameters: what a declaration says of a resource beside its settings, decided like one and
    /// never compared. Both must be in rule order.
    pub const fn new(list: &'static [SettingId], parameters: &'static [SettingId]) -> Self {
        Self { list, parameters }
    }

    /// Every setting, in rule order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = SettingId> + Clone {
        self.list.iter().copied()
    }

    /// The settings of a resource, in rule order.
    pub fn for_resource(self, resource: Resource) -> impl DoubleEndedIterator<Item = SettingId> + Clone {
        self.iter().filter(move |setting| setting.0.resource == resource)
    }

    /// The parameters of a resource, in rule order.
    pub fn parameters(self, resource: Resource) -> impl DoubleEndedIterator<Item = SettingId> + Clone {
        self.parameters.iter().copied().filter(move |parameter| parameter.0.resource == resource)
    }

    /// The setting of a resource that has this key.
    pub fn find(self, resource: Resource, key: &str) -> Option<SettingId> {
        self.for_resource(resource).find(|setting| setting.key() == key)
    }
}

impl PartialEq for SettingId {
    fn eq(&self, other: &Self) -> bool {
        self.0.rule == other.0.rule
    }
}

impl Eq for SettingId {}

impl PartialOrd for SettingId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SettingId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.rule.cmp(other.0.rule)
    }
}

impl Hash for SettingId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.rule.hash(state);
    }
}

impl fmt::Display for SettingId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.key())
    }
}

impl fmt::Debug for SettingId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.key())
    }
}

impl Serialize for SettingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}
