//! The consequences of changes and the reasons of blocked ones, in words.
//!
//! Sources: Amazon Macie User Guide, "Suspending Macie", "Disabling Macie", "Administrator and member account relationships";
//! Amazon Macie API Reference, EnableMacie, UpdateMacieSession.

use std::fmt::Write as _;

use super::operation::DEFAULT_FREQUENCY;
use super::{Change, MembershipRole, Status};
use crate::model::{AccountId, Unread};

/// The jobs that are lost, as far as that is known.
fn jobs(unfinished: Option<&Result<usize, Unread>>) -> String {
    match unfinished {
        Some(Ok(0)) => "there is no unfinished classification job to lose".to_owned(),
        Some(Ok(1)) => "1 unfinished classification job is cancelled for good".to_owned(),
        Some(Ok(count)) => format!("{count} unfinished classification jobs are cancelled for good"),
        Some(Err(unread)) => {
            let code = unread.evidence.code.as_deref().map_or_else(String::new, |code| format!(", {code}"));
            format!(
                "every unfinished classification job is cancelled for good; how many there are could not be read ({}{code})",
                unread.reason.as_str()
            )
        }
        None => "every unfinished classification job is cancelled for good".to_owned(),
    }
}

pub(super) fn pause(unfinished: Option<&Result<usize, Unread>>) -> String {
    format!("Macie stops monitoring this target, and {}; findings are kept for up to 90 days.", jobs(unfinished))
}

pub(super) fn resume() -> String {
    "Macie monitors this target again, which costs as before; classification jobs that a pause cancelled do not come back."
        .to_owned()
}

pub(super) fn disable(unfinished: Option<&Result<usize, Unread>>) -> String {
    format!(
        "Everything that Macie holds for this target is deleted and does not come back: findings, jobs, custom identifiers, \
         settings; {}.",
        jobs(unfinished)
    )
}

pub(super) fn frequency() -> String {
    "Updates of policy findings reach Amazon EventBridge and AWS Security Hub at another pace; nothing is lost."
        .to_owned()
}

pub(super) fn frequency_of_new_member() -> String {
    "Sets the frequency that is wanted, since adding a member leaves it to AWS; not called if AWS has set it so already."
        .to_owned()
}

pub(super) fn enable(status: Status, is_undeclared: bool, role: &MembershipRole) -> String {
    let mut text = match status {
        Status::Paused => "Macie gets a session here that is paused from the start.".to_owned(),
        Status::Enabled | Status::NotEnabled => {
            "Macie begins to monitor this target, which costs money after the free trial.".to_owned()
        }
    };
    if let MembershipRole::Candidate { administrator, .. } = role {
        let _ = write!(
            text,
            " Macie is not enabled in the organization's administrator {administrator} in this Region, or will not be, so the \
             account enables itself."
        );
    }
    if *role == MembershipRole::StandaloneAsFarAsKnown {
        text.push_str(
            " Whether the organization has a Macie administrator could not be read: name it in `[aws] \
             administrator_account` if it has one, so that it takes the account in.",
        );
    }
    if is_undeclared {
        let _ = write!(
            text,
            " No declaration says how often findings are published: {} is sent.",
            DEFAULT_FREQUENCY.as_str()
        );
    }
    text
}

pub(super) fn taken_in(administrator: AccountId, is_undeclared: bool) -> String {
    let left =
        if is_undeclared { " How often findings are published is left to AWS, since no declaration says." } else { "" };
    format!(
        "The account becomes a member of the administrator {administrator}, and Macie begins to monitor this target, which costs \
         money after the free trial.{left}"
    )
}

pub(super) fn pause_of_new_member() -> String {
    "Pauses the session that has just been made; there are no jobs to lose yet.".to_owned()
}

pub(super) fn by_administrator(administrator: AccountId) -> String {
    format!("An organization's member cannot change its own status: the administrator {administrator} does.")
}

/// Why an administrator keeps its status, and the fix.
pub(super) fn administrator(members: usize, verb: &str) -> (String, String) {
    let noun = if members == 1 { "account is" } else { "accounts are" };
    (
        format!(
            "AWS does not let an administrator {verb} Macie while accounts are associated with it; {members} {noun}"
        ),
        format!(
            "remove its members in this Region first (macie2:DisassociateMember and DeleteMember), then try again; or \
                 {verb} nothing here"
        ),
    )
}

/// Why a member keeps its session, and the fix.
pub(super) fn member_cannot_disable(account: AccountId, administrator: AccountId) -> (String, String) {
    (
        format!("AWS does not let a member disable Macie; {account} is a member of the administrator {administrator}"),
        format!(
            "let {administrator} remove the member in this Region first (macie2:DisassociateMember), then try again; \
                 or leave it PAUSED"
        ),
    )
}

/// Why nothing can be planned while it is unknown who may change the status, and the fix.
pub(super) fn membership_unknown(unread: &Unread, change: &Change) -> (String, String) {
    let said: Vec<&str> =
        [unread.evidence.code.as_deref(), unread.evidence.message.as_deref()].into_iter().flatten().collect();
    let reason = format!(
        "who may change the status is not known, since the account's place among Macie accounts could not be read: {}: {}",
        unread.reason.as_str(),
        said.join(": ")
    );
    let remediation = if change.is_from_off() {
        "let the run see the organization (`[inventory] accounts = \"organization\"`, or a saved inventory), and enter its \
         administrator (`[aws] administrator_account`)"
    } else {
        "allow the role macie2:GetAdministratorAccount and macie2:ListMembers, then plan again"
    };
    (reason, remediation.to_owned())
}

/// Why a Region that is off has no session, and the fix.
pub(super) fn region_off(region: &str) -> (String, String) {
    (
        format!("{region} is off for the account"),
        "turn the Region on for the account (account:EnableRegion), or take it out of the policy".to_owned(),
    )
}

/// Why a Region without Macie has no session, and the fix.
pub(super) fn no_macie(region: &str) -> (String, String) {
    (format!("Macie does not exist in {region}"), "take the Region out of the policy".to_owned())
}
