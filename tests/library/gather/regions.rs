//! Regions that have no Macie or are off for the account.

use super::*;

#[tokio::test]
async fn regions_without_macie_cost_no_call_and_no_role() {
    let stub = Stub::serve(|_| None).await;
    let access = connect(&stub).await;
    let gathered = read(&access, &[pattern(A, "ap-southeast-3"), named(A, "us-gov-west-1")]).await;
    assert_eq!(
        gathered.readings,
        [
            Reading::NotApplicable(NotApplicable::NoMacieInRegion),
            Reading::NotEnabled(NotEnabledEvidence::NoMacieInRegion)
        ]
    );
    assert_eq!((gathered.requests.sts, gathered.requests.macie2, gathered.requests.account), (1, 0, 0));
}

#[tokio::test]
async fn a_region_that_is_listed_as_off_is_not_asked() {
    let stub = Stub::serve(|ask| {
        let off = [
            ("af-south-1", "DISABLED"),
            ("eu-south-1", "DISABLED"),
            ("me-south-1", "ENABLED"),
            ("ap-east-1", "ENABLING"),
            ("il-central-1", "DISABLING"),
        ];
        match (ask.service.as_str(), ask.region.as_str()) {
            ("account", _) => Some(regions(&off)),
            ("macie2", "me-south-1" | "ap-east-1" | "il-central-1") => Some(refused()),
            _ => None,
        }
    })
    .await;
    let access = connect(&stub).await;
    let gathered = read(
        &access,
        &[
            pattern(A, "af-south-1"),
            named(A, "eu-south-1"),
            pattern(A, "me-south-1"),
            named(A, "ap-east-1"),
            pattern(A, "il-central-1"),
            pattern(A, "eu-west-1"),
            pattern(B, "eu-west-1"),
        ],
    )
    .await;
    let [pattern_off, named_off, on, turning_on, turning_off, plain, other] = gathered.readings.as_slice() else {
        panic!("seven")
    };
    assert_eq!(*pattern_off, Reading::NotApplicable(NotApplicable::RegionOff));
    assert_eq!(*named_off, Reading::NotEnabled(NotEnabledEvidence::RegionOff));
    assert_eq!(reason(on), Some(UnreadReason::BadCredentials), "the Region is on, so the token is bad");
    assert_eq!(reason(turning_on), Some(UnreadReason::RegionOff));
    assert_eq!(reason(turning_off), Some(UnreadReason::RegionOff), "it was asked, for it may still be on");
    assert!(is_on(plain) && is_on(other));
    assert_eq!(stub.asked("account").len(), 1, "only the account with an opt-in Region among its targets is asked");
    let asked: BTreeSet<_> = stub.asked("macie2").into_iter().map(|ask| ask.region).collect();
    assert!(!asked.contains("af-south-1") && !asked.contains("eu-south-1"), "{asked:?}");
}

#[tokio::test]
async fn pages_of_regions_are_read_to_the_end() {
    let stub = Stub::serve(|ask| match (ask.service.as_str(), ask.body.contains("page-2")) {
        ("account", false) => Some(Reply::json(200, r#"{"Regions": [], "NextToken": "page-2"}"#)),
        ("account", true) => Some(regions(&[("af-south-1", "DISABLED")])),
        _ => None,
    })
    .await;
    let access = connect(&stub).await;
    let gathered = read(&access, &[pattern(A, "af-south-1")]).await;
    assert_eq!(gathered.readings, [Reading::NotApplicable(NotApplicable::RegionOff)]);
    assert_eq!((gathered.requests.account, gathered.requests.macie2), (2, 0));
}

/// ListRegions may not be asked; af-south-1 refuses the token; what eu-west-1 says is the argument.
async fn refused_beside(elsewhere: Reply) -> Vec<Reading> {
    let stub = Stub::serve(move |ask| match (ask.service.as_str(), ask.region.as_str()) {
        ("account", _) => {
            Some(Reply::error(403, "AccessDeniedException", "is not authorized to perform: account:ListRegions"))
        }
        ("macie2", "af-south-1" | "il-central-1") => Some(refused()),
        ("macie2", _) => Some(elsewhere.clone()),
        _ => None,
    })
    .await;
    let access = connect(&stub).await;
    read(&access, &[pattern(A, "af-south-1"), named(A, "il-central-1"), pattern(A, "eu-west-1")]).await.readings
}

#[tokio::test]
async fn a_region_that_is_off_is_inferred_only_beside_an_answer_that_took_the_token() {
    let denied =
        Reply::error(403, "AccessDeniedException", "User: x is not authorized to perform: macie2:GetMacieSession");
    let not_enabled = Reply::error(403, "AccessDeniedException", "Macie is not enabled");
    for took in [session("PAUSED", "ONE_HOUR"), denied, not_enabled] {
        let readings = refused_beside(took).await;
        assert_eq!(readings[0], Reading::NotApplicable(NotApplicable::RegionOffInferred));
        assert_eq!(reason(&readings[1]), Some(UnreadReason::RegionOff));
    }
    let gateway = Reply::error(401, "UnauthorizedException", "Unauthorized");
    for did_not in
        [gateway, refused(), Reply::json(503, "<html>"), Reply::error(400, "ValidationException", "?"), Reply::Close]
    {
        let readings = refused_beside(did_not.clone()).await;
        let reasons: Vec<_> = readings.iter().take(2).map(reason).collect();
        assert_eq!(reasons, [Some(UnreadReason::BadCredentials); 2], "{did_not:?}");
    }
}

#[tokio::test]
async fn a_token_refused_where_no_opting_in_is_needed_is_bad() {
    let stub = Stub::serve(|ask| (ask.service == "macie2" && ask.region == "eu-west-1").then(refused)).await;
    let access = connect(&stub).await;
    let gathered = read(&access, &[pattern(A, "eu-west-1"), pattern(A, "us-east-1")]).await;
    assert_eq!(reason(&gathered.readings[0]), Some(UnreadReason::BadCredentials));
    assert!(is_on(&gathered.readings[1]));
}
