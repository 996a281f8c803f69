//! A text for the owner of each account that could not be read: what is missing, and the policies to paste.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::diagnostic::write_json_document;
use crate::iam_policy::{
    Allowed, DesiredOperations, IamPolicy, PolicyKind, RequiredAccess, SettingAccess, policy_for, trust_policy,
};
use crate::model::{AccountId, InventoryFields, RegionTable, Resource, SettingId, UnreadReason};
use crate::report::escape::terminal;
use crate::report::finding::{Finding, findings_of, label};
use crate::report::messages::pluralize;
use crate::report::model::{Target, View};
use crate::report::remediation::CauseLocation;
use crate::report::unread_group::{describe, refused_role};
use crate::report::{FormatOptions, OwnerFacts, wrapped};

/// First line of each text, by which a file of an earlier run is recognized.
pub(in crate::report) const OWNER_MARK: &str = "driftline could not read account ";

/// Placeholder for the external id, which is a secret.
const EXTERNAL_ID: &str = "EXTERNAL_ID";

/// The width of a line.
const WIDTH: usize = 100;

/// Whether a file of this name may be one of ours: an account id, and nothing else that a name could hold.
pub fn is_owner_file(name: &str) -> bool {
    name.strip_suffix(SUFFIX).is_some_and(|account| account.parse::<AccountId>().is_ok())
}

const SUFFIX: &str = ".txt";

/// The texts with their file names, one for each account that is unread or unread in part and not expected to be.
pub fn owner_files<'a>(
    view: &'a View<'_>,
    options: &'a FormatOptions,
) -> impl Iterator<Item = io::Result<(String, Vec<u8>)>> + 'a {
    texts(view, options).map(|(account, text)| Ok((format!("{account}{SUFFIX}"), text.into_bytes())))
}

/// Writes all texts, one after the other: for those who file them by themselves.
pub fn write_owners(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    for (_, text) in texts(view, options) {
        writeln!(out, "{text}")?;
    }
    Ok(())
}

fn texts<'a>(view: &'a View<'_>, options: &'a FormatOptions) -> impl Iterator<Item = (AccountId, String)> + 'a {
    let mut targets = view.targets.iter().peekable();
    let accounts = std::iter::from_fn(move || {
        let first = targets.next()?;
        let account = first.account;
        let mut targets_of: Vec<Cow<'_, Target<'_>>> = vec![first];
        while let Some(next) = targets.next_if(|target| target.account == account) {
            targets_of.push(next);
        }
        Some((account, targets_of))
    });
    accounts.filter_map(move |(account, targets)| {
        let letter = Letter { view, facts: &options.owners, account, targets: &targets };
        Some((account, letter.text()?))
    })
}

/// The text to the owner of one account.
struct Letter<'a, 'v, 't> {
    view: &'a View<'v>,
    facts: &'a OwnerFacts,
    account: AccountId,
    targets: &'a [Cow<'a, Target<'t>>],
}

impl Letter<'_, '_, '_> {
    /// The text; `None` if nothing is missing.
    fn text(&self) -> Option<String> {
        let unread: Vec<Finding<'_>> = self.targets.iter().flat_map(|target| findings_of(target)).collect();
        let is_missing = |finding: &&Finding<'_>| finding.unread().is_some() && finding.expected().is_none();
        let unread: Vec<&Finding<'_>> = unread.iter().filter(is_missing).collect();
        if unread.is_empty() {
            return None;
        }
        let mut text = String::new();
        self.head(&mut text, &unread);
        let place = |finding: &&Finding<'_>| Some(CauseLocation::new(finding.target.resource, finding.unread()?));
        let places: Vec<CauseLocation> = unread.iter().filter_map(place).collect();
        let is_missing = places.contains(&CauseLocation::Access);
        text.push_str(if is_missing { "What is missing\n\n" } else { "What could not be read\n\n" });
        causes(&mut text, &unread);
        if is_missing {
            self.what_to_do(&mut text, &unread);
        } else if places.contains(&CauseLocation::Account) {
            let words =
                "The role and its permissions are in order. What is to be corrected in the account stands above.";
            paragraph(&mut text, "", words);
        } else {
            let words =
                "The cause lies in the run of driftline or on the way to AWS: nothing is missing in the account.";
            paragraph(&mut text, "", words);
        }
        Some(text)
    }

    fn head(&self, text: &mut String, unread: &[&Finding<'_>]) {
        let first = self.targets.first();
        let name = first.and_then(|target| target.account_name.as_deref());
        let name = name.or_else(|| self.facts.names.get(&self.account).map(|name| &**name)).unwrap_or("unknown");
        let email = self.facts.emails.get(&self.account).map_or("unknown", |email| email);
        let places: BTreeSet<_> = unread.iter().map(|finding| finding.target.place()).collect();
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{OWNER_MARK}{}\n", self.account);
        let _ = writeln!(text, "Account  {}\nName     {}\nEmail    {}", self.account, terminal(name), terminal(email));
        if let Some(state) = first.and_then(|target| target.account_state) {
            let _ = writeln!(text, "State    {state}, says AWS Organizations");
        }
        let _ = writeln!(text, "Read at  {}", self.view.run.finished_at);
        let targets = pluralize(self.targets.len(), "target");
        let _ = writeln!(text, "Unread   {} of {targets}\n", places.len());
    }

    fn what_to_do(&self, text: &mut String, unread: &[&Finding<'_>]) {
        let role = self.role(unread);
        let (account, known) = (self.account, role.as_deref().map(terminal));
        let named = known.as_deref().unwrap_or("that driftline assumes");
        text.push_str("What to do\n\n");
        let first = format!("1. Let the role {named} in account {account} have this permission policy:");
        paragraph(text, "", &first);
        json(text, &self.permission_policy());
        let second = format!(
            "2. Let the role have this trust policy. {EXTERNAL_ID} stands for the external id, which is not written here: ask \
             whoever sent you this text. If none is in use, delete the whole `Condition`: with it, AWS would refuse the role."
        );
        paragraph(text, "", &second);
        json(text, &trust_policy(&principal(self.view), Some(EXTERNAL_ID)));
        if principal(self.view).contains(":role/") {
            paragraph(text, "", "If the role under `Principal` has a path, AWS wants it in the ARN.");
        }
        let is_denied = |finding: &&Finding<'_>| finding.unread().is_some_and(|why| why.reason == UnreadReason::Denied);
        if unread.iter().any(is_denied) {
            let third = "3. If the denial above names another policy (a service control policy, a permissions boundary), except \
                         the role from it.";
            paragraph(text, "", third);
        }
        paragraph(
            text,
            "",
            "Or say why not, and until when: then the account is declared as unread and expected to be.",
        );
    }

    /// The role by what AWS refused, else by the settings.
    fn role(&self, unread: &[&Finding<'_>]) -> Option<String> {
        let refused = unread.iter().find_map(|finding| refused_role(finding.unread()?));
        let partition = self.targets.first().map_or("aws", |target| target.region.partition().as_str());
        let template = self.facts.role.as_ref().map(|role| role.arn(self.account, partition));
        let named = template.as_deref().and_then(|arn| arn.split_once(":role/")).map(|(_, role)| role);
        refused.or(named).map(str::to_owned)
    }

    /// Permissions to read the declared settings of the account, and nothing more.
    fn permission_policy(&self) -> IamPolicy {
        let bundled = RegionTable::bundled();
        let table = self.facts.regions.as_ref().unwrap_or(&bundled);
        let settings = self.targets.iter().flat_map(|target| &target.settings).map(|row| row.setting);
        let mut reading = SettingAccess::for_settings(settings);
        if self.facts.administrator.is_some() {
            reading.role_actions.clear();
        }
        let is_administrator = self.facts.administrator == Some(self.account);
        let access = RequiredAccess {
            resources: self.targets.iter().map(|target| target.resource).collect(),
            operations: DesiredOperations { sessions: is_administrator, ..DesiredOperations::default() },
            reading,
            opt_in_regions: self.targets.iter().any(|target| table.is_opt_in(&target.region)),
            partitions: self.targets.iter().map(|target| target.region.partition().as_str()).collect(),
            lists_organization: false,
            knowledge: InventoryFields::default(),
            names_administrator: is_administrator,
            knows_organization: false,
        };
        policy_for(PolicyKind::Check, &access, Allowed::default(), &[])
    }
}

/// A cause with the places that share it.
struct OwnerCause<'f> {
    first: &'f Finding<'f>,
    /// The settings that are unread for it; none if it is the targets as a whole.
    settings: Vec<SettingId>,
    regions: Vec<&'f str>,
}

/// The causes, each with the settings that are unread for it in the same Regions: several settings may be read with one call.
fn owner_causes<'f>(unread: &[&'f Finding<'f>]) -> Vec<OwnerCause<'f>> {
    let mut causes: Vec<OwnerCause<'_>> = Vec::new();
    for finding in unread {
        let region = finding.target.region.as_str();
        let settings: Vec<SettingId> = finding.row().map(|row| row.setting).into_iter().collect();
        let is_same =
            |known: &&mut OwnerCause<'_>| known.first.cause() == finding.cause() && known.settings == settings;
        match causes.iter_mut().find(is_same) {
            Some(known) if known.regions.last() == Some(&region) => {}
            Some(known) => known.regions.push(region),
            None => causes.push(OwnerCause { first: finding, settings, regions: vec![region] }),
        }
    }
    let mut merged: Vec<OwnerCause<'_>> = Vec::new();
    for next in causes {
        let is_same = |known: &&mut OwnerCause<'_>| {
            !known.settings.is_empty()
                && !next.settings.is_empty()
                && known.regions == next.regions
                && known.first.cause() == next.first.cause()
                && known.first.remediation() == next.first.remediation()
        };
        match merged.iter_mut().find(is_same) {
            Some(known) => known.settings.extend(next.settings),
            None => merged.push(next),
        }
    }
    merged
}

/// Each cause with its Regions, its message, and the fix.
fn causes<'f>(text: &mut String, unread: &[&'f Finding<'f>]) {
    for OwnerCause { first, settings, regions } in owner_causes(unread) {
        let Some(why) = first.unread() else { continue };
        let resource = first.cause().and_then(|cause| cause.resource());
        let labels: Vec<Cow<'_, str>> = settings.into_iter().map(label).collect();
        let subject = match resource {
            _ if !labels.is_empty() => format!(" {}", labels.join(", ")),
            Some(resource) if resource != Resource::MacieSession => format!(" {}", resource.noun()),
            _ => String::new(),
        };
        paragraph(text, "- ", &format!("{}{subject}: {}", regions.join(", "), why.reason.as_str()));
        let said = describe(why);
        if !said.is_empty() {
            paragraph(text, "  ", &said);
        }
        if let Some(fix) = first.remediation() {
            paragraph(text, "  ", &format!("fix: {fix}"));
        }
        text.push('\n');
    }
}

/// The principal that assumes the roles: the caller of the run, or the role behind its session.
fn principal(view: &View<'_>) -> String {
    let Some(caller) = &view.run.caller else { return "PRINCIPAL_ARN".to_owned() };
    let parts: Vec<&str> = caller.arn.splitn(6, ':').collect();
    if let ["arn", partition, "sts", "", account, resource] = parts.as_slice()
        && let Some(role) = resource.strip_prefix("assumed-role/").and_then(|session| session.split('/').next())
    {
        return format!("arn:{partition}:iam::{account}:role/{role}");
    }
    caller.arn.to_string()
}

fn paragraph(text: &mut String, mark: &str, words: &str) {
    for (index, line) in wrapped(&terminal(words), WIDTH).iter().enumerate() {
        let indent = if index == 0 { mark.to_owned() } else { " ".repeat(mark.len()) };
        let _ = writeln!(text, "{indent}{line}");
    }
    if mark.is_empty() {
        text.push('\n');
    }
}

fn json(text: &mut String, policy: &IamPolicy) {
    let mut bytes = Vec::new();
    // Writing into memory cannot fail.
    let _ = write_json_document(policy, &mut bytes);
    let _ = writeln!(text, "{}", String::from_utf8_lossy(&bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_account_id_is_a_file_of_ours() {
        assert!(is_owner_file("012345678901.txt"));
        for name in
            ["12345678901.txt", "../012345678901.txt", "012345678901.txt.bak", "012345678901", "notes.txt", ".txt"]
        {
            assert!(!is_owner_file(name), "{name}");
        }
    }
}
