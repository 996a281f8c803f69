//! Who may ask Organizations, and who may ask Account Management about others.

use aws_sdk_account::types::RegionOptStatus;
use driftline_simulator::Simulation;

use crate::support::{
    CALLER, OTHER, account_as_caller, assume, config, error_parts, organizations, organizations_as,
    start as start_alone, start_world,
};

type Told = (u16, String, String);

const MANAGEMENT: &str = "000011112222";
const OUTSIDE: &str = "333344445555";

/// The caller is a delegated administrator, and [`OTHER`] an ordinary member.
fn start(organization: &str, caller: &str) -> Simulation {
    start_world(&format!(
        "organization: {{management: '{MANAGEMENT}', delegated_administrators: ['{CALLER}'], \
         units: {{A: {{id: ou-exam-aaaaaaaa}}}}, {organization}}}\n\
         accounts: {{'{MANAGEMENT}': {{}}, '{CALLER}': {{{caller}}}, '{OTHER}': {{regions_on: [me-south-1]}}, \
         '{OUTSIDE}': {{in_organization: false}}}}"
    ))
}

fn denied(message: &str) -> Told {
    (400, "AccessDeniedException".to_owned(), message.to_owned())
}

/// What each operation but DescribeOrganization answers, if that is an error.
async fn errors(client: &aws_sdk_organizations::Client) -> [(&'static str, Told); 9] {
    let unit = "ou-exam-aaaaaaaa";
    [
        ("ListAccounts", error_parts(client.list_accounts().send().await)),
        ("ListRoots", error_parts(client.list_roots().send().await)),
        ("DescribeAccount", error_parts(client.describe_account().account_id(OTHER).send().await)),
        ("ListParents", error_parts(client.list_parents().child_id(OTHER).send().await)),
        ("ListTagsForResource", error_parts(client.list_tags_for_resource().resource_id(OTHER).send().await)),
        ("ListAccountsForParent", error_parts(client.list_accounts_for_parent().parent_id("r-exam").send().await)),
        ("ListDelegatedAdministrators", error_parts(client.list_delegated_administrators().send().await)),
        (
            "ListOrganizationalUnitsForParent",
            error_parts(client.list_organizational_units_for_parent().parent_id(unit).send().await),
        ),
        (
            "DescribeOrganizationalUnit",
            error_parts(client.describe_organizational_unit().organizational_unit_id(unit).send().await),
        ),
    ]
}

#[tokio::test]
async fn an_account_that_stands_alone_has_no_organization() {
    let message = "Your account is not a member of an organization.".to_owned();
    let not_in_use = (400, "AWSOrganizationsNotInUseException".to_owned(), message);
    let alone = start_alone("", "");
    let world = start("", "");
    for client in [organizations(&alone), organizations_as(&world, OUTSIDE).await] {
        for (operation, seen) in errors(&client).await {
            assert_eq!(seen, not_in_use, "{operation}");
        }
        assert_eq!(error_parts(client.describe_organization().send().await), not_in_use);
    }
}

#[tokio::test]
async fn members_may_know_their_organization_and_no_more() {
    let simulation = start("", "");
    let client = organizations_as(&simulation, OTHER).await;
    for (operation, seen) in errors(&client).await {
        assert_eq!(seen, denied("You don't have permissions to access this resource."), "{operation}");
    }
    let answer = client.describe_organization().send().await.expect("the organization");
    assert_eq!(answer.organization().and_then(|organization| organization.master_account_id()), Some(MANAGEMENT));
    assert_eq!(simulation.calls().values().sum::<u64>(), 1 + 9 + 1, "{:?}", simulation.calls());
    assert!(!simulation.was_written_to());
}

#[tokio::test]
async fn the_management_account_and_its_delegates_may_ask() {
    let simulation = start("", "");
    for client in [organizations(&simulation), organizations_as(&simulation, MANAGEMENT).await] {
        let answer = client.list_accounts().send().await.expect("accounts");
        assert_eq!(answer.accounts().len(), 3);
        client.describe_organization().send().await.expect("the organization");
    }
}

#[tokio::test]
async fn a_policy_can_deny() {
    let policy = "arn:aws:organizations::000011112222:policy/o-exampleorgid/service_control_policy/p-1";
    let denials = format!(
        "denials: [{{actions: ['organizations:*'], layer: service_control_policy, explicit: true, policy_arn: '{policy}'}}]"
    );
    let simulation = start("", &denials);
    for (operation, seen) in errors(&organizations(&simulation)).await {
        let resource = match operation {
            "DescribeAccount" | "ListParents" | "ListTagsForResource" => "account/o-exampleorgid/111122223333",
            "ListAccountsForParent" => "root/o-exampleorgid/r-exam",
            "ListOrganizationalUnitsForParent" | "DescribeOrganizationalUnit" => "ou/o-exampleorgid/ou-exam-aaaaaaaa",
            _ => "*",
        };
        let prefix = if resource == "*" { "" } else { "arn:aws:organizations::000011112222:" };
        let message = format!(
            "User: arn:aws:iam::{CALLER}:user/auditor is not authorized to perform: organizations:{operation} \
             on resource: {prefix}{resource} with an explicit deny in a service control policy: {policy}"
        );
        assert_eq!(seen, denied(&message));
    }
    let one = start("", "denials: [{actions: ['organizations:ListTagsForResource']}]");
    let client = organizations(&one);
    let (_, _, message) = error_parts(client.list_tags_for_resource().resource_id("r-exam").send().await);
    let reason = "because no identity-based policy allows the organizations:ListTagsForResource action";
    assert!(message.ends_with(reason), "{message}");
    client.list_accounts().send().await.expect("which is not denied");
}

#[tokio::test]
async fn regions_of_a_member_can_be_asked_for() {
    let simulation = start("", "");
    let management = assume(&simulation, MANAGEMENT).await;
    let management = aws_sdk_account::Client::new(&config(&simulation, "us-east-1", management));
    for client in [account_as_caller(&simulation), management] {
        let asking = client.list_regions().account_id(OTHER).region_opt_status_contains(RegionOptStatus::Enabled);
        let answer = asking.send().await.expect("Regions");
        let names: Vec<_> = answer.regions().iter().filter_map(|region| region.region_name()).collect();
        assert_eq!(names, ["me-south-1"], "those of the member");
    }
    let own = account_as_caller(&simulation).list_regions().account_id(CALLER).send().await;
    own.expect("a delegated administrator is a member too");
}

#[tokio::test]
async fn regions_of_others_can_be_refused() {
    let user = "arn:aws:iam::999988887777:user/auditor";
    let refused = |who: &str, reason: &str| {
        let message = format!("User: {who} is not authorized to perform: account:ListRegions{reason}");
        (403, "AccessDeniedException".to_owned(), message)
    };
    let simulation = start("", "");
    let client = account_as_caller(&simulation);
    let asking = async |id: &str| error_parts(client.list_regions().account_id(id).send().await);
    assert_eq!(asking(OUTSIDE).await, refused(user, ""));
    assert_eq!(asking("555566667777").await, refused(user, ""));
    assert_eq!(asking("12").await.1, "ValidationException");
    let standalone =
        " (The management account can only be managed using the standalone context from the management account.)";
    assert_eq!(asking(MANAGEMENT).await, refused(user, standalone));
    for account in [MANAGEMENT, OTHER] {
        let credentials = assume(&simulation, account).await;
        let client = aws_sdk_account::Client::new(&config(&simulation, "us-east-1", credentials));
        let who = format!("arn:aws:sts::{account}:assumed-role/Reader/audit");
        let reason = if account == MANAGEMENT { standalone } else { "" };
        assert_eq!(error_parts(client.list_regions().account_id(account).send().await), refused(&who, reason));
        client.list_regions().send().await.expect("its own Regions, without an id");
    }

    let untrusted = account_as_caller(&start("trusted_access: []", "")).list_regions().account_id(OTHER).send().await;
    let reason = " (Your organization must first enable trusted access with AWS Account Management.)";
    assert_eq!(error_parts(untrusted), refused(user, reason));
    let alone = account_as_caller(&start_alone("", "")).list_regions().account_id(OTHER).send().await;
    assert_eq!(error_parts(alone), refused(user, ""));
}

#[tokio::test]
async fn a_denial_of_list_regions_names_the_account_that_was_asked_for() {
    let client = |simulation: &Simulation| account_as_caller(simulation);
    let simulation = start("", "list_regions: denied");
    let resource = |(_, _, message): Told| message.split_once("on resource: ").map(|(_, rest)| rest.to_owned());
    let reason = "because no identity-based policy allows the account:ListRegions action";
    let seen = resource(error_parts(client(&simulation).list_regions().account_id(OTHER).send().await));
    assert_eq!(seen, Some(format!("arn:aws:account::{MANAGEMENT}:account/o-exampleorgid/{OTHER} {reason}")));
    let seen = resource(error_parts(client(&simulation).list_regions().send().await));
    assert_eq!(seen, Some(format!("arn:aws:account::{CALLER}:account {reason}")));
}
