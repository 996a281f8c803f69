//! Denials by policy, layer by layer.

use crate::support::{error_parts, macie, start, sts};

const WHO_AND_WHAT: &str = "User: arn:aws:sts::111122223333:assumed-role/Reader/audit is not authorized to perform: \
                            macie2:GetMacieSession on resource: arn:aws:macie2:eu-west-2:111122223333:*";

#[tokio::test]
async fn each_layer_denies_in_its_own_words() {
    let layers = [
        ("identity_policy", "an identity-based policy"),
        ("resource_policy", "a resource-based policy"),
        ("service_control_policy", "a service control policy"),
        ("resource_control_policy", "a resource control policy"),
        ("permissions_boundary", "a permissions boundary"),
        ("session_policy", "a session policy"),
        ("vpc_endpoint_policy", "a VPC endpoint policy"),
    ];
    let arn = "arn:aws:organizations::999988887777:policy/o-x/service_control_policy/p-y";
    for (layer, words) in layers {
        let (_, name) = words.split_once(' ').expect("an article");
        let cases = [
            (String::new(), format!("because no {name} allows the macie2:GetMacieSession action")),
            (", explicit: true".to_owned(), format!("with an explicit deny in {words}")),
            (format!(", explicit: true, policy_arn: '{arn}'"), format!("with an explicit deny in {words}: {arn}")),
        ];
        for (rest, reason) in cases {
            let denial = format!("denials: [{{actions: ['macie2:*'], layer: {layer}{rest}}}], sessions: {{'*': {{}}}}");
            let denied = error_parts(macie(&start(&denial, ""), "eu-west-2").await.get_macie_session().send().await);
            assert_eq!(denied, (403, "AccessDeniedException".to_owned(), format!("{WHO_AND_WHAT} {reason}")));
        }
    }
}

#[tokio::test]
async fn a_denial_reaches_no_further_than_it_says() {
    let denial = "denials: [{actions: ['macie2:EnableMacie'], regions: [us-east-1]}]";
    let simulation = start(denial, "");
    let client = macie(&simulation, "us-east-1").await;
    let (_, _, message) = error_parts(client.enable_macie().send().await);
    assert!(message.ends_with("because no identity-based policy allows the macie2:EnableMacie action"), "{message}");
    assert_eq!(error_parts(client.get_macie_session().send().await).2, "Macie is not enabled", "reading is not denied");
    macie(&simulation, "eu-west-1").await.enable_macie().send().await.expect("another Region");
}

#[tokio::test]
async fn the_caller_can_be_denied_to_assume_roles() {
    let world = "{version: 1, caller: '999988887777', accounts: {'111122223333': {}, \
                 '999988887777': {denials: [{actions: ['sts:*']}]}}}";
    let world = driftline_simulator::World::parse(world, "world.yaml").expect("a world");
    let simulation = driftline_simulator::Simulation::start(world, 0).expect("a simulation");
    let arn = "arn:aws:iam::111122223333:role/Reader";
    let denied = error_parts(sts(&simulation).assume_role().role_arn(arn).role_session_name("me").send().await);
    assert_eq!((denied.0, denied.1.as_str()), (403, "AccessDenied"));
    assert!(denied.2.ends_with("because no identity-based policy allows the sts:AssumeRole action"), "{}", denied.2);
    sts(&simulation).get_caller_identity().send().await.expect("which cannot be denied");
}
