//! Account Management.

use aws_sdk_account::types::RegionOptStatus;

use crate::support::{account, error_parts, start};

#[tokio::test]
async fn regions_come_page_by_page_and_each_once() {
    let simulation = start("regions_on: [me-south-1, ap-east-1]", "");
    let client = account(&simulation).await;
    let whole = client.list_regions().send().await.expect("Regions");
    assert_eq!(whole.next_token(), None);
    let names = |regions: &[aws_sdk_account::types::Region]| -> Vec<String> {
        regions.iter().filter_map(|region| region.region_name().map(str::to_owned)).collect()
    };
    let pages =
        client.list_regions().max_results(7).into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let pages = names(&pages.expect("Regions"));
    assert_eq!(pages, names(whole.regions()));
    assert_eq!(pages.len(), 36);
    assert!(pages.is_sorted());
    assert_eq!(simulation.calls()["account:ListRegions"], 1 + 6);

    let status =
        |name: &str| whole.regions().iter().find(|region| region.region_name() == Some(name))?.region_opt_status();
    assert_eq!(status("us-east-1"), Some(&RegionOptStatus::EnabledByDefault));
    assert_eq!(status("me-south-1"), Some(&RegionOptStatus::Enabled));
    assert_eq!(status("af-south-1"), Some(&RegionOptStatus::Disabled));
    assert_eq!(status("cn-north-1"), None);
}

#[tokio::test]
async fn regions_can_be_asked_for_by_status() {
    let simulation = start("regions_on: [me-south-1, ap-east-1]", "");
    let asking = account(&simulation).await.list_regions().region_opt_status_contains(RegionOptStatus::Enabled);
    let answer = asking.send().await.expect("Regions");
    let names: Vec<_> = answer.regions().iter().filter_map(|region| region.region_name()).collect();
    assert_eq!(names, ["ap-east-1", "me-south-1"]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let simulation = start("", "");
    let client = account(&simulation).await;
    let code = |(status, code, _): (u16, String, String)| (status, code);
    let invalid = (400, "ValidationException".to_owned());
    assert_eq!(code(error_parts(client.list_regions().max_results(51).send().await)), invalid);
    assert_eq!(code(error_parts(client.list_regions().max_results(0).send().await)), invalid);
    assert_eq!(code(error_parts(client.list_regions().next_token("bogus").send().await)), invalid);
    assert_eq!(code(error_parts(client.list_regions().region_opt_status_contains("ON".into()).send().await)), invalid);
    let other = error_parts(client.list_regions().account_id("999988887777").send().await);
    assert_eq!(code(other), (403, "AccessDeniedException".to_owned()));
}

#[tokio::test]
async fn it_can_be_denied() {
    let simulation = start("list_regions: denied", "");
    let denied = error_parts(account(&simulation).await.list_regions().send().await);
    let message = "User: arn:aws:sts::111122223333:assumed-role/Reader/audit is not authorized to perform: \
                   account:ListRegions on resource: arn:aws:account::111122223333:account \
                   because no identity-based policy allows the account:ListRegions action";
    assert_eq!(denied, (403, "AccessDeniedException".to_owned(), message.to_owned()));
}
