//! Every way in which the accounts can stay unknown, and what is said of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// What is said if an operation is answered so.
async fn error_message(operation: &'static str, wanted: ListFields, reply: Reply) -> String {
    let stub = organization(move |asked, _| (asked == operation).then(|| reply.clone())).await;
    let error = listed(&stub, wanted).await.expect_err("no accounts");
    format!("error: {error}\n  fix: {}\n", error.help())
}

fn refusal(code: &str, message: &str) -> Reply {
    Reply::json(400, json!({"__type": code, "Message": message}).to_string())
}

fn iam(action: &str, tail: &str) -> Reply {
    let message = format!(
        "User: arn:aws:iam::{CALLER}:user/auditor is not authorized to perform: {action} on resource: * {tail}"
    );
    refusal("AccessDeniedException", &message)
}

#[tokio::test]
async fn an_account_that_stands_alone_is_told() {
    let alone = refusal("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.");
    insta::assert_snapshot!(error_message("DescribeOrganization", NAMES, alone).await, @r#"
    error: account 999988887777, which the credentials are of, belongs to no organization
      fix: set `[inventory] accounts` in driftline.toml to "caller", which is this account alone, or to a list of ids; or use credentials of an organization's management account
    "#);
}

#[tokio::test]
async fn a_member_account_is_told_from_a_denial() {
    let stub = organization(|operation, _| match operation {
        "DescribeOrganization" => answer(&json!({"Organization": {"Id": "o-example", "MasterAccountId": A}})),
        "ListAccounts" => Some(refusal("AccessDeniedException", "You don't have permissions to access this resource.")),
        _ => None,
    })
    .await;
    let error = listed(&stub, NAMES).await.expect_err("no accounts");
    insta::assert_snapshot!(format!("{error}\n  fix: {}", error.help()), @"
    AWS lets only the management account (000000000001) and delegated administrators call organizations:ListAccounts, and the credentials are of account 999988887777: AccessDeniedException: You don't have permissions to access this resource.
      fix: use credentials of the management account or of a delegated administrator; or save the inventory with them once (`driftline inventory --out accounts.json`) and name the file with --inventory here
    ");
}

#[tokio::test]
async fn a_denial_names_the_action_to_allow_and_whom() {
    let implicit = iam(
        "organizations:ListAccounts",
        "because no identity-based policy allows the organizations:ListAccounts action",
    );
    insta::assert_snapshot!(error_message("ListAccounts", NAMES, implicit).await, @"
    error: AWS denies organizations:ListAccounts, without which the accounts of the organization are not known: AccessDeniedException: User: arn:aws:iam::999988887777:user/auditor is not authorized to perform: organizations:ListAccounts on resource: * because no identity-based policy allows the organizations:ListAccounts action
      fix: allow arn:aws:iam::999988887777:user/auditor the action organizations:ListAccounts in the identity-based policy
    ");
    for (operation, wanted) in [
        ("DescribeOrganization", NAMES),
        ("ListRoots", UNITS),
        ("ListOrganizationalUnitsForParent", UNITS),
        ("ListTagsForResource", TAGS),
    ] {
        let action = format!("organizations:{operation}");
        let text =
            error_message(operation, wanted, iam(&action, "with an explicit deny in a permissions boundary")).await;
        let help = format!(
            "fix: except arn:aws:iam::{CALLER}:user/auditor from the permissions boundary that denies {action}\n"
        );
        assert!(text.ends_with(&help), "{text}");
    }
    let bare = refusal("AccessDeniedException", "You don't have permissions to access this resource.");
    let text = error_message("ListAccounts", NAMES, bare).await;
    let help = format!("fix: allow arn:aws:iam::{CALLER}:user/auditor the action organizations:ListAccounts\n");
    assert!(text.ends_with(&help), "the caller is the management account, so it can only be a policy: {text}");
}

#[tokio::test]
async fn a_denial_of_listing_by_parent_counts_only_where_that_is_needed() {
    let denied = || Some(iam("organizations:ListAccountsForParent", ""));
    let with_paths =
        organization(move |operation, _| if operation == "ListAccountsForParent" { denied() } else { None }).await;
    assert!(listed(&with_paths, UNITS).await.is_ok());
    let without = organization(move |operation, _| match operation {
        "ListAccounts" => answer(&json!({"Accounts": [{"Id": A}]})),
        "ListAccountsForParent" => denied(),
        _ => None,
    })
    .await;
    let error = listed(&without, UNITS).await.expect_err("no places");
    assert!(
        matches!(error, OrganizationError::Denied { action: "organizations:ListAccountsForParent", .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn throttling_is_retried_and_told_when_the_retries_are_used_up() {
    let (count, told) = (AtomicUsize::new(0), Reply::Answer {
        status: 400,
        headers: vec![("x-amz-retry-after".to_owned(), "1".to_owned())],
        body: json!({"__type": "TooManyRequestsException", "Message": "AWS Organizations can't complete your request"}).to_string(),
    });
    let always = told.clone();
    let stub = organization(move |operation, _| {
        (operation == "ListAccounts" && count.fetch_add(1, Ordering::Relaxed) < 2).then(|| told.clone())
    })
    .await;
    let mut options = options(&stub);
    options.attempts = NonZeroU32::new(3).expect("three");
    let access = AwsSession::connect(options).await.expect("a way to the stub");
    assert_eq!(list(&access, NAMES, &|_| ()).await.expect("accounts").organization.accounts.len(), 4);
    let counts = access.requests();
    assert_eq!((counts.organizations, counts.retried, counts.throttled), (4, 2, 2));
    insta::assert_snapshot!(error_message("ListAccounts", NAMES, always).await, @"
    error: AWS asked to slow down organizations:ListAccounts until the retries were used up: TooManyRequestsException: AWS Organizations can't complete your request
      fix: run again later: others ask about this organization as well; or save the inventory once (`driftline inventory --out accounts.json`) and name the file with --inventory
    ");
}

#[tokio::test]
async fn anything_else_is_told_for_what_it_is() {
    let html = |status| Reply::Answer {
        status,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: "<html>Please log in</html>".to_owned(),
    };
    let circle = || Reply::json(200, json!({"Accounts": [{"Id": A}], "NextToken": "again"}).to_string());
    for (reply, words, help) in [
        (
            refusal("ExpiredTokenException", "expired"),
            "organizations:ListAccounts cannot be called with these credentials",
            "log in again",
        ),
        (
            refusal("UnrecognizedClientException", "?"),
            "cannot be called with these credentials: UnrecognizedClientException: ?",
            "log in again",
        ),
        (Reply::Close, "AWS gives no answer to organizations:ListAccounts: ", "check the network"),
        (
            Reply::json(500, r#"{"__type": "ServiceException"}"#),
            "AWS gives no answer to organizations:ListAccounts: ServiceException",
            "check the network",
        ),
        (html(503), "the answer to organizations:ListAccounts cannot be understood: HTTP 503", "a login page"),
        (html(200), "the answer to organizations:ListAccounts cannot be understood: HTTP 200", "a login page"),
        (Reply::json(200, "{}"), "organizations:ListAccounts was answered without a list", "a login page"),
        (Reply::json(200, r#"{"Accounts": []}"#), "the answer lists no account", "a login page"),
        (
            Reply::json(200, r#"{"Accounts": [{"Name": "x"}]}"#),
            "the answer lists an account without an id",
            "a login page",
        ),
        (circle(), "goes in a circle: it named the same next page twice", "a login page"),
    ] {
        let text = error_message("ListAccounts", NAMES, reply.clone()).await;
        assert!(text.contains(words) && text.contains(help), "{reply:?}: {text}");
    }
    let empty = error_message("DescribeOrganization", NAMES, Reply::json(200, "{}")).await;
    assert!(empty.contains("the answer names no organization with a management account"), "{empty}");
    let nameless = Reply::json(200, json!({"OrganizationalUnits": [{"Id": "ou-1-work"}]}).to_string());
    let text = error_message("ListOrganizationalUnitsForParent", UNITS, nameless).await;
    assert!(text.contains("the answer lists a unit without id or name"), "{text}");
    let gone = error_message("ListTagsForResource", TAGS, refusal("TargetNotFoundException", "no such account")).await;
    assert_eq!(
        gone,
        "error: the organization changed while it was being listed: organizations:ListTagsForResource: TargetNotFoundException: no such account\n  fix: run again\n"
    );
}

#[tokio::test]
async fn a_failure_on_a_later_page_spoils_the_whole() {
    let stub = organization(|operation, input| match operation {
        "ListAccounts" if input["NextToken"].is_null() => answer(&json!({"Accounts": [{"Id": A}], "NextToken": "2"})),
        "ListAccounts" => Some(Reply::Close),
        _ => None,
    })
    .await;
    assert!(matches!(listed(&stub, NAMES).await, Err(OrganizationError::Unreachable { .. })));
}
