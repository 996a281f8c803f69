//! Version 1 of the JSON list of targets.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::reach::{ReadMethod, TargetList};
use crate::diagnostic::write_json_document;
use crate::model::{AccountId, AccountState, DesiredTarget, Setting, Severity};
use crate::offline::json::{Tool, known, schema, values};

const FORMAT: &str = "driftline.targets";
const FORMAT_VERSION: u32 = 1;

/// Writes the targets as one JSON object and a line feed.
pub fn write_targets_json(reach: &TargetList, out: &mut dyn Write) -> io::Result<()> {
    let targets = reach.desired.targets();
    let document = Document {
        format: FORMAT,
        format_version: FORMAT_VERSION,
        tool: Tool::THIS,
        policy_digest: &reach.policy_digest,
        policy_files: &reach.policy_files,
        settings_file: reach.settings_file.as_deref(),
        counts: Counts {
            accounts: targets.chunk_by(|one, two| one.account == two.account).count(),
            targets: targets.len(),
        },
        accounts: Accounts(reach),
        unreached_accounts: reach
            .unreached()
            .iter()
            .map(|account| Unreached { account: known(account.id), account_name: account.name.as_deref() })
            .collect(),
        missing_accounts: reach.unknown_accounts(),
    };
    write_json_document(&document, out)
}

/// The JSON Schema of the list of targets.
pub fn targets_schema() -> serde_json::Value {
    schema::<Document<'_>>("urn:driftline:schema:targets:1", "driftline targets, version 1")
}

/// Which targets a run would read. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// Always `driftline.targets`.
    #[schemars(extend("const" = FORMAT))]
    format: &'static str,
    /// The major version: readers must refuse one that they do not know.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    tool: Tool,
    policy_digest: &'a str,
    policy_files: &'a [String],
    /// The settings file; null if there is none.
    settings_file: Option<&'a str>,
    counts: Counts,
    /// The accounts with a target, sorted by id.
    #[schemars(with = "Vec<AccountTargets<'a>>")]
    accounts: Accounts<'a>,
    /// The accounts of the inventory that no declaration reaches.
    unreached_accounts: Vec<Unreached<'a>>,
    /// The account ids that a declaration lists and the inventory lacks.
    #[schemars(with = "Vec<String>")]
    missing_accounts: Vec<AccountId>,
}

/// How many there are.
#[derive(Serialize, JsonSchema)]
struct Counts {
    accounts: usize,
    targets: usize,
}

/// An account with its targets.
#[derive(Serialize, JsonSchema)]
struct AccountTargets<'a> {
    /// Null for the caller's account, where nobody knows which that is.
    #[schemars(with = "Option<String>", extend("pattern" = "^[0-9]{12}$"))]
    account: Option<AccountId>,
    /// The account's name, where the inventory knows names.
    account_name: Option<&'a str>,
    /// What AWS Organizations says of its life, where the inventory knows.
    account_state: Option<AccountState>,
    /// Its targets, sorted by Region.
    targets: Vec<Target<'a>>,
}

/// A target.
#[derive(Serialize, JsonSchema)]
struct Target<'a> {
    region: &'a str,
    /// Whether a declaration that counts names the Region, as opposed to reaching it by a pattern or by "all".
    region_named: bool,
    /// How a run learns what is live there.
    reading: ReadMethod,
    /// The declared settings.
    settings: Vec<Wanted>,
}

/// What is wanted of a setting.
#[derive(Serialize, JsonSchema)]
struct Wanted {
    setting: Setting,
    /// The accepted values; the first is what apply would set.
    accepted: Vec<&'static str>,
    severity: Severity,
}

/// An account that no declaration reaches.
#[derive(Serialize, JsonSchema)]
struct Unreached<'a> {
    /// Null for the caller's account, where nobody knows which that is.
    #[schemars(with = "Option<String>", extend("pattern" = "^[0-9]{12}$"))]
    account: Option<AccountId>,
    account_name: Option<&'a str>,
}

/// Accounts are converted one by one while they are written: there may be hundreds of thousands of targets.
struct Accounts<'a>(&'a TargetList);

impl Serialize for Accounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let accounts = self.0.desired.targets().chunk_by(|one, two| one.account == two.account);
        serializer.collect_seq(accounts.filter_map(|targets| account(self.0, targets)))
    }
}

fn account<'a>(reach: &'a TargetList, targets: &'a [DesiredTarget]) -> Option<AccountTargets<'a>> {
    let id = targets.first()?.account;
    let known_of = reach.inventory.account(id);
    let targets = targets.iter().map(|found| target(reach, found)).collect();
    Some(AccountTargets {
        account: known(id),
        account_name: known_of.and_then(|account| account.name.as_deref()),
        account_state: known_of.and_then(|account| account.state),
        targets,
    })
}

fn target<'a>(reach: &TargetList, target: &'a DesiredTarget) -> Target<'a> {
    let settings = target.wish.settings.iter();
    Target {
        region: target.region.as_str(),
        region_named: target.wish.region_named,
        reading: reach.reading(target),
        settings: settings
            .map(|wish| Wanted { setting: wish.setting, accepted: values(&wish.decided), severity: wish.severity })
            .collect(),
    }
}
