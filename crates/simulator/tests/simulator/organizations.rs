//! What Organizations tells of accounts and units.

use aws_sdk_organizations::types::{
    Account, AccountJoinedMethod, AccountState, AccountStatus, OrganizationFeatureSet, ParentType,
};
use driftline_simulator::Simulation;

use crate::support::{CALLER, OTHER, error_parts, organizations, start_world};

const WORKLOADS: &str = "ou-exam-workloads";
const PROD: &str = "ou-exam-prod0000";

/// The caller manages an organization with [`OTHER`] in `Workloads/Prod`.
fn start(organization: &str, other: &str) -> Simulation {
    start_world(&format!(
        "organization:\n  management: '{CALLER}'\n  delegated_administrators: ['222233334444']\n  \
         units: {{Workloads: {{id: {WORKLOADS}, units: {{Prod: {{id: {PROD}}}, Test: {{}}}}}}, Sandbox: {{}}}}\n  \
         {organization}\n\
         accounts:\n  '{CALLER}': {{name: management}}\n  '{OTHER}': {{unit: Workloads/Prod, {other}}}\n  \
         '222233334444': {{unit: {WORKLOADS}}}\n  '333344445555': {{in_organization: false}}"
    ))
}

async fn account(simulation: &Simulation, id: &str) -> Account {
    let answer = organizations(simulation).describe_account().account_id(id).send().await.expect("the account");
    answer.account().expect("an account").clone()
}

#[tokio::test]
async fn accounts_tell_who_they_are() {
    let other = "name: pay ments, email: pay@example.org, joined: 2023-04-05T06:07:08.5Z";
    let simulation = start("", other);
    let answer = organizations(&simulation).list_accounts().send().await.expect("accounts");
    let ids: Vec<_> = answer.accounts().iter().filter_map(|account| account.id()).collect();
    assert_eq!(ids, [OTHER, "222233334444", CALLER], "and none from outside");
    assert_eq!(answer.next_token(), None);

    let paid = answer.accounts().first().expect("an account");
    assert_eq!(paid, &account(&simulation, OTHER).await);
    assert_eq!(paid.arn(), Some("arn:aws:organizations::999988887777:account/o-exampleorgid/111122223333"));
    assert_eq!((paid.name(), paid.email()), (Some("pay ments"), Some("pay@example.org")));
    assert_eq!(paid.joined_method(), Some(&AccountJoinedMethod::Created));
    assert_eq!(paid.joined_timestamp().expect("a time").to_string(), "2023-04-05T06:07:08.5Z");
    let paths = [format!("o-exampleorgid/r-exam/{WORKLOADS}/{PROD}/{OTHER}/")];
    assert_eq!(paid.paths(), paths);

    let unnamed = account(&simulation, "222233334444").await;
    assert_eq!(unnamed.name(), Some("account-222233334444"));
    assert_eq!(unnamed.email(), Some("aws+222233334444@example.com"));
    assert_eq!(unnamed.joined_timestamp().expect("a time").to_string(), "2025-01-01T00:00:00Z");
    let management = account(&simulation, CALLER).await;
    assert_eq!(management.joined_method(), Some(&AccountJoinedMethod::Invited));
    assert_eq!(management.paths(), [format!("o-exampleorgid/r-exam/{CALLER}/")]);
    assert!(!simulation.was_written_to());
}

#[tokio::test]
async fn paths_can_be_left_out() {
    let simulation = start("paths: false", "");
    let client = organizations(&simulation);
    let answer = client.list_accounts().send().await.expect("accounts");
    assert!(answer.accounts().iter().all(|account| account.paths.is_none()));
    let unit = client.describe_organizational_unit().organizational_unit_id(PROD).send().await.expect("a unit");
    assert_eq!(unit.organizational_unit().expect("a unit").path(), None);
}

#[tokio::test]
async fn each_state_is_told_in_the_field_that_is_asked_for() {
    let states = [
        ("PENDING_ACTIVATION", AccountState::PendingActivation, AccountStatus::Active),
        ("ACTIVE", AccountState::Active, AccountStatus::Active),
        ("SUSPENDED", AccountState::Suspended, AccountStatus::Suspended),
        ("PENDING_CLOSURE", AccountState::PendingClosure, AccountStatus::PendingClosure),
        ("CLOSED", AccountState::Closed, AccountStatus::Suspended),
    ];
    for (word, state, status) in states {
        let cases = [
            ("", Some(&state), None),
            ("status_field: state", Some(&state), None),
            ("status_field: status", None, Some(&status)),
            ("status_field: both", Some(&state), Some(&status)),
            ("status_field: neither", None, None),
        ];
        for (field, state, status) in cases {
            let simulation = start(field, &format!("state: {word}"));
            let seen = account(&simulation, OTHER).await;
            assert_eq!((seen.state(), seen.status()), (state, status), "{word} {field}");
        }
    }
    let suspended = account(&start("", "suspended: true"), OTHER).await;
    assert_eq!(suspended.state(), Some(&AccountState::Suspended));
}

#[tokio::test]
async fn the_organization_describes_itself_by_the_ids_of_the_file() {
    let simulation = start_world(&format!(
        "organization: {{management: '{CALLER}', id: o-another0org, root: r-other, units: {{A: {{}}}}}}\n\
         accounts: {{'{CALLER}': {{email: boss@example.org}}}}"
    ));
    let client = organizations(&simulation);
    let answer = client.describe_organization().send().await.expect("the organization");
    let organization = answer.organization().expect("an organization");
    assert_eq!(organization.id(), Some("o-another0org"));
    assert_eq!(organization.arn(), Some("arn:aws:organizations::999988887777:organization/o-another0org"));
    assert_eq!(organization.feature_set(), Some(&OrganizationFeatureSet::All));
    assert_eq!(organization.master_account_id(), Some(CALLER));
    assert_eq!(organization.master_account_email(), Some("boss@example.org"));
    let arn = "arn:aws:organizations::999988887777:account/o-another0org/999988887777";
    assert_eq!(organization.master_account_arn(), Some(arn));
    let units = client.list_organizational_units_for_parent().parent_id("r-other").send().await.expect("units");
    let [unit] = units.organizational_units() else { panic!("one unit: {units:?}") };
    assert!(unit.id().is_some_and(|id| id.starts_with("ou-other-")), "{unit:?}");
}

#[tokio::test]
async fn units_form_a_tree() {
    let simulation = start("", "");
    let client = organizations(&simulation);
    let roots = client.list_roots().send().await.expect("roots");
    let [root] = roots.roots() else { panic!("one root: {roots:?}") };
    assert_eq!((root.id(), root.name()), (Some("r-exam"), Some("Root")));
    assert_eq!(root.arn(), Some("arn:aws:organizations::999988887777:root/o-exampleorgid/r-exam"));

    let units = async |parent: &str| -> Vec<(String, String)> {
        let asking = client.list_organizational_units_for_parent().parent_id(parent);
        let answer = asking.send().await.expect("units");
        let word = |word: Option<&str>| word.expect("a word").to_owned();
        answer.organizational_units().iter().map(|unit| (word(unit.name()), word(unit.id()))).collect()
    };
    let top = units("r-exam").await;
    let [(workloads, id), (sandbox, derived)] = top.as_slice() else { panic!("two units: {top:?}") };
    assert_eq!((workloads.as_str(), id.as_str(), sandbox.as_str()), ("Workloads", WORKLOADS, "Sandbox"));
    assert!(derived.starts_with("ou-exam-") && derived.len() == 16, "{derived}");
    let names: Vec<_> = units(WORKLOADS).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Prod", "Test"]);
    assert_eq!(units(PROD).await, []);

    let accounts = async |parent: &str| -> Vec<String> {
        let answer = client.list_accounts_for_parent().parent_id(parent).send().await.expect("accounts");
        answer.accounts().iter().filter_map(|account| account.id().map(str::to_owned)).collect()
    };
    assert_eq!(accounts("r-exam").await, [CALLER], "not those of the units below");
    assert_eq!(accounts(WORKLOADS).await, ["222233334444"]);
    assert_eq!(accounts(PROD).await, [OTHER]);
    assert_eq!(accounts(derived).await, [""; 0]);

    let parent = async |child: &str| {
        let answer = client.list_parents().child_id(child).send().await.expect("a parent");
        let [parent] = answer.parents() else { panic!("one parent: {answer:?}") };
        (parent.id().expect("an id").to_owned(), parent.r#type().expect("a type").clone())
    };
    assert_eq!(parent(OTHER).await, (PROD.to_owned(), ParentType::OrganizationalUnit));
    assert_eq!(parent(PROD).await, (WORKLOADS.to_owned(), ParentType::OrganizationalUnit));
    assert_eq!(parent(WORKLOADS).await, ("r-exam".to_owned(), ParentType::Root));

    let unit = client.describe_organizational_unit().organizational_unit_id(PROD).send().await.expect("a unit");
    let unit = unit.organizational_unit().expect("a unit");
    assert_eq!(unit.name(), Some("Prod"));
    assert_eq!(unit.arn(), Some(format!("arn:aws:organizations::{CALLER}:ou/o-exampleorgid/{PROD}").as_str()));
    assert_eq!(unit.path(), Some(format!("o-exampleorgid/r-exam/{WORKLOADS}/{PROD}/").as_str()));
}

#[tokio::test]
async fn tags_belong_to_accounts() {
    let simulation = start("", "tags: {env: prod, cost centre: '42', empty: ''}");
    let tags = async |resource: &str| -> Vec<(String, String)> {
        let answer = organizations(&simulation).list_tags_for_resource().resource_id(resource).send().await;
        let answer = answer.expect("tags");
        answer.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
    };
    let expected = [("cost centre", "42"), ("empty", ""), ("env", "prod")];
    assert_eq!(tags(OTHER).await, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    for untagged in [CALLER, "r-exam", PROD] {
        assert_eq!(tags(untagged).await, [], "{untagged}");
    }
}

#[tokio::test]
async fn delegated_administrators_are_those_of_every_service() {
    let simulation = start("status_field: both", "");
    let client = organizations(&simulation);
    for service in [None, Some("macie.amazonaws.com")] {
        let asking = client.list_delegated_administrators().set_service_principal(service.map(str::to_owned));
        let answer = asking.send().await.expect("administrators");
        let [one] = answer.delegated_administrators() else { panic!("one administrator: {answer:?}") };
        assert_eq!((one.id(), one.name()), (Some("222233334444"), Some("account-222233334444")));
        assert_eq!(one.state(), Some(&AccountState::Active));
        assert_eq!(one.delegation_enabled_date(), one.joined_timestamp());
    }
    let asking = client.list_delegated_administrators().service_principal("macie");
    let (status, code, message) = error_parts(asking.send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidInputException"));
    assert_eq!(message, "You specified an unrecognized service principal.");
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let simulation = start("", "");
    let client = organizations(&simulation);
    let code = |(status, code, _): (u16, String, String)| (status, code);
    let expected = |code: &str| (400, code.to_owned());
    for account in ["333344445555", "555566667777"] {
        let seen = code(error_parts(client.describe_account().account_id(account).send().await));
        assert_eq!(seen, expected("AccountNotFoundException"), "{account}");
        let seen = code(error_parts(client.list_parents().child_id(account).send().await));
        assert_eq!(seen, expected("ChildNotFoundException"), "{account}");
        let seen = code(error_parts(client.list_tags_for_resource().resource_id(account).send().await));
        assert_eq!(seen, expected("TargetNotFoundException"), "{account}");
    }
    for parent in ["ou-exam-99999999", "r-else"] {
        let seen = code(error_parts(client.list_accounts_for_parent().parent_id(parent).send().await));
        assert_eq!(seen, expected("ParentNotFoundException"), "{parent}");
        let seen = code(error_parts(client.list_organizational_units_for_parent().parent_id(parent).send().await));
        assert_eq!(seen, expected("ParentNotFoundException"), "{parent}");
        let seen = code(error_parts(client.list_tags_for_resource().resource_id(parent).send().await));
        assert_eq!(seen, expected("TargetNotFoundException"), "{parent}");
    }
    let asking = client.describe_organizational_unit().organizational_unit_id("ou-exam-99999999");
    assert_eq!(code(error_parts(asking.send().await)), expected("OrganizationalUnitNotFoundException"));
    assert_eq!(
        code(error_parts(client.list_parents().child_id("ou-exam-99999999").send().await)),
        expected("ChildNotFoundException")
    );
}

#[tokio::test]
async fn ids_of_the_wrong_kind_are_refused() {
    let simulation = start("", "");
    let client = organizations(&simulation);
    let pattern = "You provided a value that does not match the required pattern.";
    let invalid = |message: &str| (400, "InvalidInputException".to_owned(), message.to_owned());
    for id in ["12", "r-exam", "Workloads", PROD] {
        assert_eq!(error_parts(client.describe_account().account_id(id).send().await), invalid(pattern), "{id}");
    }
    for id in [OTHER, "Workloads", ""] {
        let asking = client.list_accounts_for_parent().parent_id(id);
        assert_eq!(error_parts(asking.send().await), invalid(pattern), "{id}");
        let asking = client.describe_organizational_unit().organizational_unit_id(id);
        assert_eq!(error_parts(asking.send().await), invalid(pattern), "{id}");
    }
    assert_eq!(
        error_parts(client.list_parents().child_id("r-exam").send().await),
        invalid(pattern),
        "a root has no parent"
    );
    assert_eq!(error_parts(client.list_tags_for_resource().resource_id("x").send().await), invalid(pattern));
    let required = "You must include a value for all required parameters.";
    assert_eq!(error_parts(client.describe_account().send().await), invalid(required));
}
