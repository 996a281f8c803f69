//! The further settings of a Macie session: publication, repository, discovery, samples, organization.

use aws_sdk_macie2::Client;
use aws_sdk_macie2::types::{
    AccountDetail, AutoEnableMode, AutomatedDiscoveryAccountStatus, AutomatedDiscoveryAccountUpdate,
    AutomatedDiscoveryAccountUpdateErrorCode, AutomatedDiscoveryStatus, ClassificationExportConfiguration, MacieStatus,
    RetrievalMode, RevealConfiguration, RevealStatus, S3Destination, SecurityHubConfiguration,
    UpdateRetrievalConfiguration,
};
use driftline_simulator::Simulation;

use crate::support::{CALLER, OTHER, error_parts, macie, macie_of, start, start_world};

const REGION: &str = "eu-west-1";
const PAUSED: &str = "222233334444";
const OUTSIDER: &str = "333344445555";

/// An organization whose administrator is the caller, with two members of whom one is paused, and an account alone.
fn organization(more: &str) -> Simulation {
    let member = |rest: &str| format!("administrator: '{CALLER}', sessions: {{'*': {{{rest}}}}}");
    start_world(&format!(
        "organization: {{management: '{CALLER}', macie_administrator: '{CALLER}'}}\n\
         accounts: {{'{CALLER}': {{sessions: {{'*': {{organization: {{auto_enable: true}}}}}}}}, '{OTHER}': {{{}{more}}}, \
         '{PAUSED}': {{{}}}, '{OUTSIDER}': {{sessions: {{'*': {{}}}}}}}}",
        member(""),
        member("status: PAUSED"),
    ))
}

fn security_hub(policy: bool, classification: bool) -> SecurityHubConfiguration {
    SecurityHubConfiguration::builder()
        .publish_policy_findings(policy)
        .publish_classification_findings(classification)
        .build()
}

/// The discovery of some accounts, or of all, as an account lists them.
async fn discovery(client: &Client, accounts: &[&str]) -> Vec<(String, AutomatedDiscoveryAccountStatus)> {
    let ids = accounts.iter().map(ToString::to_string).collect();
    let request = client.list_automated_discovery_accounts();
    let request = if accounts.is_empty() { request } else { request.set_account_ids(Some(ids)) };
    let items = request.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.expect("pages");
    let item = |account: aws_sdk_macie2::types::AutomatedDiscoveryAccount| {
        (account.account_id.expect("an id"), account.status.expect("a status"))
    };
    items.into_iter().map(item).collect()
}

#[tokio::test]
async fn publication_is_read_and_replaced() {
    let simulation = start("sessions: {us-east-1: {security_hub: {publish_policy_findings: false}}, '*': {}}", "");
    let client = macie(&simulation, "us-east-1").await;
    let now = async || {
        let answer = client.get_findings_publication_configuration().send().await.expect("an answer");
        answer.security_hub_configuration.expect("a configuration")
    };
    assert_eq!(now().await, security_hub(false, false));
    let put = client.put_findings_publication_configuration().security_hub_configuration(security_hub(true, true));
    put.send().await.expect("an update");
    assert_eq!(now().await, security_hub(true, true));
    let elsewhere = macie(&simulation, REGION).await.get_findings_publication_configuration().send().await;
    let expected = security_hub(true, false);
    assert_eq!(elsewhere.expect("an answer").security_hub_configuration, Some(expected), "the defaults of AWS");
    let none = error_parts(client.put_findings_publication_configuration().send().await);
    assert_eq!((none.0, none.1.as_str()), (400, "ValidationException"));
    let written = format!("macie2:PutFindingsPublicationConfiguration {OTHER} us-east-1");
    assert_eq!(simulation.written(), [written]);
}

#[tokio::test]
async fn the_results_repository_is_set_and_removed() {
    let export = "{bucket_name: b, kms_key_arn: k, key_prefix: p/, expected_bucket_owner: '999988887777'}";
    let simulation = start(&format!("sessions: {{us-east-1: {{classification_export: {export}}}, '*': {{}}}}"), "");
    let client = macie(&simulation, "us-east-1").await;
    let full = S3Destination::builder().bucket_name("b").kms_key_arn("k").key_prefix("p/");
    let full = full.expected_bucket_owner("999988887777").build();
    let now = async |client: &Client| {
        let answer = client.get_classification_export_configuration().send().await.expect("an answer");
        answer.configuration.expect("a configuration").s3_destination
    };
    assert_eq!(now(&client).await, Some(full));
    let other = S3Destination::builder().bucket_name("c").kms_key_arn("k").build();
    let configuration = ClassificationExportConfiguration::builder().s3_destination(other.clone()).build();
    client.put_classification_export_configuration().configuration(configuration).send().await.expect("an update");
    assert_eq!(now(&client).await, Some(other), "the whole destination is replaced");
    let empty = ClassificationExportConfiguration::builder().build();
    client.put_classification_export_configuration().configuration(empty).send().await.expect("an update");
    assert_eq!(now(&client).await, None);
    assert_eq!(now(&macie(&simulation, REGION).await).await, None, "it was never set");
    let keyless = S3Destination::builder().bucket_name("c").build();
    let configuration = ClassificationExportConfiguration::builder().s3_destination(keyless).build();
    let refused = client.put_classification_export_configuration().configuration(configuration).send().await;
    assert_eq!(error_parts(refused).1, "ValidationException");
}

#[tokio::test]
async fn reveal_loses_role_and_external_id_for_good() {
    let reveal = "{status: ENABLED, kms_key_id: k, retrieval_mode: ASSUME_ROLE, role_name: r, external_id: e}";
    let simulation =
        start(&format!("regions_on: [il-central-1], sessions: {{eu-west-1: {{reveal: {reveal}}}, '*': {{}}}}"), "");
    let client = macie(&simulation, REGION).await;
    let answer = client.get_reveal_configuration().send().await.expect("an answer");
    let (configuration, retrieval) =
        (answer.configuration.expect("a configuration"), answer.retrieval_configuration.expect("an access"));
    assert_eq!((configuration.status, configuration.kms_key_id.as_deref()), (Some(RevealStatus::Enabled), Some("k")));
    assert_eq!(
        (retrieval.retrieval_mode, retrieval.external_id.as_deref()),
        (Some(RetrievalMode::AssumeRole), Some("e"))
    );
    let off = RevealConfiguration::builder().status(RevealStatus::Disabled).build();
    client.update_reveal_configuration().configuration(off).send().await.expect("an update");
    let on = RevealConfiguration::builder().status(RevealStatus::Enabled).build();
    let answer = client.update_reveal_configuration().configuration(on.clone()).send().await.expect("the key is kept");
    let retrieval = answer.retrieval_configuration.expect("an access");
    assert_eq!(retrieval.retrieval_mode, Some(RetrievalMode::CallerCredentials));
    assert_eq!((retrieval.role_name, retrieval.external_id), (None, None));
    let role = UpdateRetrievalConfiguration::builder().retrieval_mode(RetrievalMode::AssumeRole);
    let request = client.update_reveal_configuration().configuration(on).retrieval_configuration(role.clone().build());
    assert_eq!(error_parts(request.clone().send().await).1, "ValidationException", "a role is needed");
    let answer = request.retrieval_configuration(role.role_name("r").build()).send().await.expect("an update");
    let external_id =
        answer.retrieval_configuration.and_then(|access| access.external_id).expect("another external id");
    assert_ne!(external_id, "e");

    let elsewhere = macie(&simulation, "us-east-1").await;
    let new = elsewhere.get_reveal_configuration().send().await.expect("an answer").configuration.expect("one");
    assert_eq!((new.status, new.kms_key_id), (Some(RevealStatus::Disabled), None));
    let on = RevealConfiguration::builder().status(RevealStatus::Enabled).build();
    let keyless = elsewhere.update_reveal_configuration().configuration(on).send().await;
    assert_eq!(error_parts(keyless).1, "ValidationException");
    for region in ["ap-northeast-3", "il-central-1"] {
        let nowhere = macie(&simulation, region).await.get_reveal_configuration().send().await;
        assert_eq!(error_parts(nowhere).1, "ValidationException", "{region}");
    }
}

#[tokio::test]
async fn the_organization_is_the_administrators() {
    let simulation = organization("");
    let client = macie_of(&simulation, CALLER, REGION).await;
    let answer = client.describe_organization_configuration().send().await.expect("an answer");
    assert_eq!((answer.auto_enable, answer.max_account_limit_reached), (Some(true), Some(false)));
    client.update_organization_configuration().auto_enable(false).send().await.expect("an update");
    let answer = client.describe_organization_configuration().send().await.expect("an answer");
    assert_eq!(answer.auto_enable, Some(false));
    let message =
        "The request failed because you must be the Macie administrator for an organization to perform this operation";
    for account in [OTHER, OUTSIDER] {
        let client = macie_of(&simulation, account, REGION).await;
        let refused = (403, "AccessDeniedException".to_owned(), message.to_owned());
        assert_eq!(error_parts(client.describe_organization_configuration().send().await), refused, "{account}");
        let update = client.update_organization_configuration().auto_enable(true).send().await;
        assert_eq!(error_parts(update), refused, "{account}");
    }
}

#[tokio::test]
async fn the_discovery_of_members_follows_the_administrators() {
    let simulation = organization("");
    let client = macie_of(&simulation, CALLER, REGION).await;
    let (on, off) = (AutomatedDiscoveryAccountStatus::Enabled, AutomatedDiscoveryAccountStatus::Disabled);
    let listed = |caller: &AutomatedDiscoveryAccountStatus, other: &AutomatedDiscoveryAccountStatus| {
        let paused = (PAUSED.to_owned(), off.clone());
        vec![(OTHER.to_owned(), other.clone()), paused, (CALLER.to_owned(), caller.clone())]
    };
    assert_eq!(discovery(&client, &[]).await, listed(&off, &off));
    let update = || client.update_automated_discovery_configuration();
    let enabling = update().status(AutomatedDiscoveryStatus::Enabled);
    let enabling = enabling.auto_enable_organization_members(AutoEnableMode::New);
    enabling.send().await.expect("an update");
    assert_eq!(discovery(&client, &[]).await, listed(&on, &off), "NEW leaves members as they are");
    let configuration = client.get_automated_discovery_configuration().send().await.expect("an answer");
    assert_eq!(configuration.auto_enable_organization_members, Some(AutoEnableMode::New));
    update().status(AutomatedDiscoveryStatus::Enabled).send().await.expect("an update");
    let configuration = client.get_automated_discovery_configuration().send().await.expect("an answer");
    let all = Some(AutoEnableMode::All);
    assert_eq!(configuration.auto_enable_organization_members, all, "what is left out means ALL");
    assert_eq!(discovery(&client, &[]).await, listed(&on, &on), "a paused member is passed by");
    update().status(AutomatedDiscoveryStatus::Disabled).send().await.expect("an update");
    assert_eq!(discovery(&client, &[]).await, listed(&off, &off), "and all members with it");
    assert_eq!(error_parts(update().send().await).1, "ValidationException", "the status is required");
}

#[tokio::test]
async fn the_discovery_of_members_is_changed_one_by_one() {
    let simulation = organization("");
    let client = macie_of(&simulation, CALLER, REGION).await;
    let update = |id: &str| {
        let status = AutomatedDiscoveryAccountStatus::Enabled;
        AutomatedDiscoveryAccountUpdate::builder().account_id(id).status(status).build()
    };
    let request = client.batch_update_automated_discovery_accounts();
    let request = request.accounts(update(OTHER)).accounts(update(PAUSED)).accounts(update(OUTSIDER));
    let errors = request.send().await.expect("a success with errors").errors.expect("errors");
    let errors: Vec<_> = errors.into_iter().map(|error| (error.account_id, error.error_code)).collect();
    let (paused, unknown) = (
        AutomatedDiscoveryAccountUpdateErrorCode::AccountPaused,
        AutomatedDiscoveryAccountUpdateErrorCode::AccountNotFound,
    );
    let expected = [(Some(PAUSED.to_owned()), Some(paused)), (Some(OUTSIDER.to_owned()), Some(unknown))];
    assert_eq!(errors, expected);
    let written = format!("macie2:BatchUpdateAutomatedDiscoveryAccounts {OTHER} {REGION}");
    assert_eq!(simulation.written(), [written]);
    let enabled = AutomatedDiscoveryAccountStatus::Enabled;
    let asked = discovery(&client, &[OTHER, OUTSIDER]).await;
    assert_eq!(asked, [(OTHER.to_owned(), enabled.clone())], "who is no member is left out");
    let member = macie_of(&simulation, OTHER, REGION).await;
    assert_eq!(discovery(&member, &[]).await, [(OTHER.to_owned(), enabled)], "a member asks about itself");
    assert_eq!(discovery(&member, &[PAUSED, CALLER]).await, []);
    let request = member.batch_update_automated_discovery_accounts().accounts(update(OTHER));
    assert_eq!(error_parts(request.send().await).1, "AccessDeniedException");
    let request = member.update_automated_discovery_configuration().status(AutomatedDiscoveryStatus::Enabled);
    assert_eq!(error_parts(request.send().await).1, "AccessDeniedException");
    assert_eq!(error_parts(member.get_automated_discovery_configuration().send().await).1, "AccessDeniedException");
}

#[tokio::test]
async fn the_discovery_of_a_new_member_follows_the_administrators() {
    for (mode, expected) in [("ALL", "ENABLED"), ("NEW", "ENABLED"), ("NONE", "DISABLED")] {
        let configured = format!("automated_discovery: {{status: ENABLED, auto_enable_organization_members: {mode}}}");
        let simulation = start_world(&format!(
            "organization: {{management: '{OUTSIDER}', macie_administrator: '{CALLER}'}}\n\
             accounts: {{'{CALLER}': {{sessions: {{'*': {{{configured}}}}}}}, '{OTHER}': {{}}, '{OUTSIDER}': {{}}}}"
        ));
        let client = macie_of(&simulation, CALLER, REGION).await;
        let account = AccountDetail::builder().account_id(OTHER).email(format!("aws+{OTHER}@example.com")).build();
        client.create_member().account(account).send().await.expect("a member");
        let seen = (OTHER.to_owned(), expected.into());
        assert_eq!(discovery(&client, &[OTHER]).await, [seen], "{mode}");
        assert_eq!(simulation.written().len(), 1, "which is no call of its own");
    }
}

#[tokio::test]
async fn discovery_is_listed_in_pages_of_25() {
    let members = (0..60).map(|number| {
        format!("'4444000000{number:02}': {{administrator: '{CALLER}', sessions: {{'*': {{automated_discovery: {{status: ENABLED}}}}}}}}")
    });
    let members: Vec<_> = members.collect();
    let simulation =
        start_world(&format!("accounts: {{'{CALLER}': {{sessions: {{'*': {{}}}}}}, {}}}", members.join(", ")));
    let client = macie_of(&simulation, CALLER, REGION).await;
    assert_eq!(discovery(&client, &[]).await.len(), 61);
    assert_eq!(simulation.calls()["macie2:ListAutomatedDiscoveryAccounts"], 3);
    let asked: Vec<_> = (10..60).map(|number| format!("4444000000{number:02}")).collect();
    let asked: Vec<_> = asked.iter().map(String::as_str).collect();
    let answered = discovery(&client, &asked).await;
    let ids: Vec<_> = answered.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, asked, "those that are asked for, each once");
    assert_eq!(simulation.calls()["macie2:ListAutomatedDiscoveryAccounts"], 5);
    let too_many = (9..60).map(|number| format!("4444000000{number:02}")).collect();
    let refused = client.list_automated_discovery_accounts().set_account_ids(Some(too_many)).send().await;
    assert_eq!(error_parts(refused).1, "ValidationException");
    let foreign = client.list_automated_discovery_accounts().next_token("ListMembers/associated/1").send().await;
    assert_eq!(error_parts(foreign).1, "ValidationException");
}

#[tokio::test]
async fn a_session_that_is_off_has_no_settings_and_a_new_one_the_defaults() {
    let settings = "security_hub: {publish_classification_findings: true}, automated_discovery: {status: ENABLED}";
    let simulation = start(&format!("sessions: {{'*': {{{settings}}}}}"), "not_enabled_http_status: 401");
    let client = macie(&simulation, REGION).await;
    client.update_macie_session().status(MacieStatus::Paused).send().await.expect("an update");
    let paused = client.get_findings_publication_configuration().send().await.expect("paused sessions answer");
    assert_eq!(paused.security_hub_configuration, Some(security_hub(true, true)));
    client.disable_macie().send().await.expect("it is disabled");
    let denied = "AccessDeniedException";
    let parts = |status, code: &str, message: String| (status, code.to_owned(), message);
    let expected = parts(401, denied, "Macie is not enabled for this account".to_owned());
    assert_eq!(error_parts(client.get_findings_publication_configuration().send().await), expected);
    assert_eq!(error_parts(client.get_reveal_configuration().send().await), expected);
    let expected = parts(404, "ResourceNotFoundException", "Amazon Macie isn't enabled for your account".to_owned());
    assert_eq!(error_parts(client.get_classification_export_configuration().send().await), expected);
    let expected = parts(403, denied, format!("Account Id: [{OTHER}] has not been onboarded"));
    assert_eq!(error_parts(client.get_automated_discovery_configuration().send().await), expected);
    assert_eq!(error_parts(client.list_automated_discovery_accounts().send().await), expected);
    let organization = error_parts(client.describe_organization_configuration().send().await);
    assert!(organization.2.contains("you must be the Macie administrator for an organization"), "{organization:?}");
    client.enable_macie().send().await.expect("it is enabled");
    let new = client.get_findings_publication_configuration().send().await.expect("an answer");
    assert_eq!(new.security_hub_configuration, Some(security_hub(true, false)));
    let new = client.get_automated_discovery_configuration().send().await.expect("an answer");
    assert_eq!((new.status, new.first_enabled_at), (Some(AutomatedDiscoveryStatus::Disabled), None));
}

#[tokio::test]
async fn denials_and_faults_reach_each_operation() {
    let denials =
        "denials: [{actions: ['macie2:GetRevealConfiguration'], layer: service_control_policy, explicit: true}]";
    let fault = "{operations: ['macie2:GetFindingsPublicationConfiguration'], \
                  fault: {error: {status: 404, code: ResourceNotFoundException, message: 'no such thing'}}}";
    let simulation = start(&format!("sessions: {{'*': {{}}}}, {denials}"), &format!("faults: [{fault}]"));
    let client = macie(&simulation, REGION).await;
    let (status, code, message) = error_parts(client.get_reveal_configuration().send().await);
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    let expected = "is not authorized to perform: macie2:GetRevealConfiguration on resource: \
                    arn:aws:macie2:eu-west-1:111122223333:* with an explicit deny in a service control policy";
    assert!(message.ends_with(expected), "{message}");
    let seen = error_parts(client.get_findings_publication_configuration().send().await);
    assert_eq!(seen, (404, "ResourceNotFoundException".to_owned(), "no such thing".to_owned()));
    client.get_classification_export_configuration().send().await.expect("others answer");
}

#[tokio::test]
async fn others_change_settings_with_the_session() {
    let change = "meanwhile: [{account: '111122223333', region: eu-west-1, after: 1, \
                  session: {automated_discovery: {status: ENABLED}}}]";
    let simulation = start("sessions: {'*': {}}", change);
    let client = macie(&simulation, REGION).await;
    let status = async || {
        let answer = client.get_automated_discovery_configuration().send().await.expect("an answer");
        answer.status.expect("a status")
    };
    assert_eq!(status().await, AutomatedDiscoveryStatus::Disabled);
    client.get_macie_session().send().await.expect("a session");
    assert_eq!(status().await, AutomatedDiscoveryStatus::Enabled);
}
