//! Identity-based policies: what a role may do.

use aws_sdk_macie2::types::MacieStatus;

use crate::support::{
    CALLER, OTHER, account, assume_role, config, error_parts, macie, macie_as, start, start_world, sts,
};

#[tokio::test]
async fn a_role_that_is_listed_does_nothing_else() {
    let simulation = start(
        "sessions: {'*': {}}, permissions: {Reader: ['macie2:GetMacieSession', 'account:*'], \
         audit/Writer: ['macie2:*', 'macie2:GetFindingsPublicationConfiguration', 'logs:PutLogEvents']}",
        "",
    );
    let client = macie(&simulation, "eu-west-2").await;
    client.get_macie_session().send().await.expect("it may");
    account(&simulation).await.list_regions().send().await.expect("it may");
    let refused = error_parts(client.get_administrator_account().send().await);
    let message = "User: arn:aws:sts::111122223333:assumed-role/Reader/audit is not authorized to perform: \
                   macie2:GetAdministratorAccount on resource: arn:aws:macie2:eu-west-2:111122223333:* because no \
                   identity-based policy allows the macie2:GetAdministratorAccount action";
    assert_eq!(refused, (403, "AccessDeniedException".to_owned(), message.to_owned()));
    let refused = error_parts(client.update_macie_session().status(MacieStatus::Paused).send().await);
    assert!(refused.2.ends_with("because no identity-based policy allows the macie2:UpdateMacieSession action"));
    assert!(simulation.written().is_empty());

    let credentials = assume_role(&simulation, OTHER, "Reader").await;
    let identity = aws_sdk_sts::Client::new(&config(&simulation, "us-east-1", credentials));
    identity.get_caller_identity().send().await.expect("which needs no permission");

    let writer = macie_as(&simulation, OTHER, "audit/Writer", "eu-west-2").await;
    writer.update_macie_session().status(MacieStatus::Paused).send().await.expect("it may");
    let other = macie_as(&simulation, OTHER, "Writer", "eu-west-2").await;
    other.get_administrator_account().send().await.expect("a role with another path is not listed, and may");
}

#[tokio::test]
async fn a_denial_comes_before_permissions() {
    let other = "permissions: {Reader: ['macie2:*']}, denials: [{actions: ['macie2:GetMacieSession'], \
                 layer: service_control_policy, explicit: true}, {actions: ['macie2:EnableMacie'], explicit: true}]";
    let simulation = start(other, "");
    let client = macie(&simulation, "us-east-1").await;
    let refused = error_parts(client.get_macie_session().send().await).2;
    assert!(refused.ends_with("with an explicit deny in a service control policy"), "{refused}");
    let refused = error_parts(client.enable_macie().send().await).2;
    assert!(refused.ends_with("with an explicit deny in an identity-based policy"), "{refused}");
}

#[tokio::test]
async fn permissions_reach_the_assuming_of_roles() {
    let simulation =
        start_world(&format!("accounts: {{'{CALLER}': {{permissions: {{Hub: ['macie2:*']}}}}, '{OTHER}': {{}}}}"));
    let credentials = assume_role(&simulation, CALLER, "Hub").await;
    let hub = aws_sdk_sts::Client::new(&config(&simulation, "us-east-1", credentials));
    let arn = format!("arn:aws:iam::{OTHER}:role/Reader");
    let refused = error_parts(hub.assume_role().role_arn(&arn).role_session_name("me").send().await);
    assert_eq!((refused.0, refused.1.as_str()), (403, "AccessDenied"));
    assert!(refused.2.ends_with("because no identity-based policy allows the sts:AssumeRole action"), "{}", refused.2);
    sts(&simulation).assume_role().role_arn(&arn).role_session_name("me").send().await.expect("the user may");
}

#[tokio::test]
async fn whoever_enables_macie_first_creates_its_role() {
    let permissions = "permissions: {Enabler: ['macie2:*'], Founder: ['macie2:*', 'iam:CreateServiceLinkedRole']}";
    let simulation = start(&format!("regions_on: [me-south-1], {permissions}"), "");
    let enabler = macie_as(&simulation, OTHER, "Enabler", "eu-west-1").await;
    let refused = error_parts(enabler.enable_macie().send().await);
    let message = "User: arn:aws:sts::111122223333:assumed-role/Enabler/audit is not authorized to perform: \
                   iam:CreateServiceLinkedRole on resource: arn:aws:iam::111122223333:role/aws-service-role/\
                   macie.amazonaws.com/AWSServiceRoleForAmazonMacie because no identity-based policy allows the \
                   iam:CreateServiceLinkedRole action";
    assert_eq!(refused, (403, "AccessDeniedException".to_owned(), message.to_owned()));
    let founder = macie_as(&simulation, OTHER, "Founder", "eu-west-1").await;
    founder.enable_macie().send().await.expect("it may");
    founder.disable_macie().send().await.expect("it may");
    enabler.enable_macie().send().await.expect("the role stays");
    let elsewhere = macie_as(&simulation, OTHER, "Enabler", "me-south-1").await;
    elsewhere.enable_macie().send().await.expect("one role is enough for all Regions");
}

#[tokio::test]
async fn an_account_with_a_session_has_the_role_of_macie() {
    let permissions = "permissions: {Enabler: ['macie2:*']}";
    let simulation = start(&format!("sessions: {{eu-west-1: {{status: PAUSED}}}}, {permissions}"), "");
    macie_as(&simulation, OTHER, "Enabler", "us-east-1").await.enable_macie().send().await.expect("it may");
    let simulation = start(&format!("sessions: {{'*': off}}, {permissions}"), "");
    let enabler = macie_as(&simulation, OTHER, "Enabler", "us-east-1").await;
    assert_eq!(error_parts(enabler.enable_macie().send().await).0, 403);
    macie(&simulation, "us-east-1").await.enable_macie().send().await.expect("a role that is not listed may");
}
