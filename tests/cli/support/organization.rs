//! An organization in which every operation that changes something is needed, and what it is to become.

use super::{ACCOUNT, CALLER, Site, World};

/// An account that stands alone.
pub(crate) const ALONE: &str = "222233334444";
/// An account of the organization without Macie.
pub(crate) const CANDIDATE: &str = "333344445555";

/// The caller's account administers [`ACCOUNT`]; it may add [`CANDIDATE`].
pub(crate) fn organization() -> World {
    let places = format!(
        "management: \"000011112222\", delegated_administrators: [\"{CALLER}\"], macie_administrator: \"{CALLER}\""
    );
    let sessions = "sessions: {eu-central-1: {}, eu-west-1: {}}";
    let member = "sessions: {eu-central-1: {}, eu-west-1: {status: PAUSED}}";
    let alone = "sessions: {eu-central-1: {}, eu-west-1: {}, eu-west-2: {}}";
    World::new()
        .organization(&places)
        .account("000011112222", "")
        .account(CALLER, sessions)
        .account(ACCOUNT, &format!("administrator: \"{CALLER}\", {member}, classification_jobs: {{eu-central-1: 2}}"))
        .account(ALONE, &format!("in_organization: false, {alone}"))
        .account(CANDIDATE, "email: new@example.com")
}

/// What is wanted of it.
pub(crate) fn wanted() -> [String; 7] {
    let one =
        |account: &str, region: &str, wanted: &str| format!("accounts: [\"{account}\"], regions: [{region}], {wanted}");
    [
        one(ACCOUNT, "eu-central-1", "status: PAUSED"),
        one(ACCOUNT, "eu-west-1", "status: ENABLED, finding_publishing_frequency: SIX_HOURS"),
        one(ALONE, "eu-central-1", "finding_publishing_frequency: SIX_HOURS"),
        one(ALONE, "eu-west-1", "status: PAUSED, finding_publishing_frequency: ONE_HOUR"),
        one(ALONE, "eu-west-2", "status: NOT_ENABLED"),
        one(ALONE, "us-east-1", "status: ENABLED, finding_publishing_frequency: ONE_HOUR"),
        one(CANDIDATE, "eu-west-1", "status: PAUSED, finding_publishing_frequency: ONE_HOUR"),
    ]
}

/// The calls that lead there, sorted.
pub(crate) const CALLS: [&str; 10] = [
    "macie2:CreateMember 333344445555 eu-west-1",
    "macie2:DisableMacie 222233334444 eu-west-2",
    "macie2:EnableMacie 222233334444 us-east-1",
    "macie2:UpdateMacieSession 111122223333 eu-west-1",
    "macie2:UpdateMacieSession 222233334444 eu-central-1",
    "macie2:UpdateMacieSession 222233334444 eu-west-1",
    "macie2:UpdateMacieSession 333344445555 eu-west-1",
    "macie2:UpdateMemberSession 111122223333 eu-central-1",
    "macie2:UpdateMemberSession 111122223333 eu-west-1",
    "macie2:UpdateMemberSession 333344445555 eu-west-1",
];

/// What is allowed and approved, so that nothing is in the way of an apply.
pub(crate) const APPROVED: [&str; 9] =
    ["--auto-approve", "--allow", "pause", "--allow", "disable", "--journal", "j.jsonl", "--visible-within", "100ms"];

/// A site of that organization, with a saved plan.
pub(crate) fn site(world: &World, settings: &str) -> Site {
    let site = Site::new(world, wanted()).settings(&format!("administrator_account = \"{CALLER}\"\n{settings}"));
    site.plan();
    site
}

/// That everything is as it is wanted, and that each change was made exactly once.
#[track_caller]
pub(crate) fn is_done(site: &Site, circumstances: &str) {
    let mut written = site.simulation.written();
    written.sort();
    assert_eq!(written, CALLS, "{circumstances}");
    site.run(&["check", "a.yaml"], 0);
}
