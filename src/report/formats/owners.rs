//! A text for the owner of each account that could not be read: what is missing, and the policies to paste.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::diagnostic::write_json_document;
use crate::iam_policy::{
    Allowed, DesiredOperations, IamPolicy, PolicyKind, RequiredAccess, SettingAccess, policy_for, trust_policy,
};
use crate::model::{AccountId, InventoryFields, RegionTable, Resource, UnreadReason};
use crate::report::escape::terminal;
use crate::report::finding::{Finding, findings_of, label};
use crate::report::messages::pluralize;
use crate::report::model::{Target, View};
use crate::report::remediation::is_of_the_run;
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
        missing(&mut text, &unread);
        let reasons: BTreeSet<UnreadReason> =
            unread.iter().filter_map(|finding| Some(finding.unread()?.reason)).collect();
        if reasons.iter().copied().any(is_for_the_owner) {
            self.what_to_do(&mut text, &unread, &reasons);
        } else {
            paragraph(
                &mut text,
                "",
                "The cause lies in the run of driftline or on the way to AWS: nothing is missing in the account.",
            );
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

    fn what_to_do(&self, text: &mut String, unread: &[&Finding<'_>], reasons: &BTreeSet<UnreadReason>) {
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
        if reasons.contains(&UnreadReason::Denied) {
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

/// Whether something can be done about it in the account.
fn is_for_the_owner(reason: UnreadReason) -> bool {
    let is_on_the_way = matches!(
        reason,
        UnreadReason::Throttled
            | UnreadReason::Unreachable
            | UnreadReason::Unintelligible
            | UnreadReason::Contradicted
            | UnreadReason::NotListed
    );
    !is_of_the_run(reason) && !is_on_the_way
}

/// Each cause with its Regions, what was said, and the fix.
fn missing(text: &mut String, unread: &[&Finding<'_>]) {
    text.push_str("What is missing\n\n");
    let mut causes: Vec<(&Finding<'_>, Vec<&str>)> = Vec::new();
    for finding in unread {
        let region = finding.target.region.as_str();
        let setting = |finding: &Finding<'_>| finding.row().map(|row| row.setting);
        let known =
            causes.iter_mut().find(|(first, _)| first.cause() == finding.cause() && setting(first) == setting(finding));
        match known {
            Some((_, regions)) if regions.last() == Some(&region) => {}
            Some((_, regions)) => regions.push(region),
            None => causes.push((finding, vec![region])),
        }
    }
    for (finding, regions) in causes {
        let Some(why) = finding.unread() else { continue };
        let resource = finding.cause().and_then(|cause| cause.resource());
        let subject = match (finding.row(), resource) {
            (Some(row), _) => format!(" {}", label(row.setting)),
            (None, Some(resource)) if resource != Resource::MacieSession => format!(" {}", resource.noun()),
            (None, _) => String::new(),
        };
        paragraph(text, "- ", &format!("{}{subject}: {}", regions.join(", "), why.reason.as_str()));
        let said = describe(why);
        if !said.is_empty() {
            paragraph(text, "  ", &said);
        }
        if let Some(fix) = finding.remediation() {
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
