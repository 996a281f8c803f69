//! Whose credentials ask what, and what is never asked.

use super::*;

#[tokio::test]
async fn a_role_is_assumed_once_per_account_and_never_for_the_callers_own() {
    let stub = Stub::serve(|_| None).await;
    let access = connect(&stub).await;
    assert_eq!(access.caller().account.to_string(), CALLER);
    assert_eq!(&*access.caller().partition, "aws");
    let places = ["eu-west-1", "us-east-1", "us-west-2"];
    let questions: Vec<_> =
        [CALLER, A, B].iter().flat_map(|account| places.map(|region| pattern(account, region))).collect();
    let gathered = read(&access, &questions).await;

    assert!(gathered.readings.iter().all(is_on), "{gathered:#?}");
    let assumed: Vec<_> = stub.asked("sts").iter().filter(|ask| is_assume_role(ask)).map(assumed_account).collect();
    assert_eq!(assumed.len(), 2);
    assert_eq!(BTreeSet::from_iter(assumed), BTreeSet::from([A.to_owned(), B.to_owned()]));
    let asked: BTreeSet<_> = stub.asked("macie2").into_iter().map(|ask| (ask.account, ask.region)).collect();
    let wanted = questions.iter().map(|q| (q.target.account.to_string(), q.target.region.to_string())).collect();
    assert_eq!(asked, wanted, "each target is asked with its own account's credentials, in its own Region");
    let counts = gathered.requests;
    assert_eq!((counts.macie2, counts.sts, counts.account, counts.retried), (9, 3, 0, 0));
    assert_eq!((counts.throttled, counts.access_denied), (0, 0));
    assert!(stub.asked("macie2").iter().all(|ask| ask.agent.contains("app/driftline")));
}

#[tokio::test]
async fn the_role_is_asked_for_with_session_name_and_external_id() {
    let stub = Stub::serve(|_| None).await;
    let mut options = options(&stub);
    options.role = Some("audit/Read".parse().expect("a role"));
    options.external_id = Some("of-us:42".parse().expect("an external id"));
    let access = AwsSession::connect(options).await.expect("a way to the stub");
    access.credentials_for(A.parse().expect("an id")).await.expect("an open account");
    let assume = stub.asked("sts").pop().expect("a request");
    for part in [
        "RoleArn=arn%3Aaws%3Aiam%3A%3A000000000001%3Arole%2Faudit%2FRead",
        "RoleSessionName=driftline",
        "ExternalId=of-us%3A42",
    ] {
        assert!(assume.body.contains(part), "{part} in {}", assume.body);
    }
}

#[tokio::test]
async fn credentials_of_another_account_ask_macie_nothing() {
    let stub = Stub::serve(|ask| {
        let other = "arn:aws:sts::000000000009:assumed-role/Read/driftline";
        match (is_assume_role(ask), assumed_account(ask).as_str()) {
            (true, A) => Some(assumed("000000000009", Some(other), "2099-01-01T00:00:00Z")),
            // Whose these are has to be asked for: STS says 000000000008.
            (true, B) => Some(assumed("000000000008", None, "2099-01-01T00:00:00Z")),
            _ => None,
        }
    })
    .await;
    let access = connect(&stub).await;
    let gathered = read(&access, &[pattern(A, "eu-west-1"), pattern(B, "eu-west-1")]).await;
    assert_eq!(gathered.readings.iter().map(reason).collect::<Vec<_>>(), [Some(UnreadReason::WrongAccount); 2]);
    assert!(message(&gathered.readings[0]).contains("000000000009"), "{gathered:?}");
    assert!(message(&gathered.readings[1]).contains("000000000008"), "{gathered:?}");
    assert!(stub.asked("macie2").is_empty());
}

#[tokio::test]
async fn proof_of_identity_is_asked_for_where_assume_role_gives_none() {
    let stub =
        Stub::serve(|ask| is_assume_role(ask).then(|| assumed(A, Some("nonsense"), "2099-01-01T00:00:00Z"))).await;
    let access = connect(&stub).await;
    let gathered = read(&access, &[pattern(A, "eu-west-1")]).await;
    assert!(is_on(&gathered.readings[0]), "{gathered:?}");
    assert_eq!(gathered.requests.sts, 3);
}

#[tokio::test]
async fn without_a_role_only_the_callers_own_account_is_asked() {
    let stub = Stub::serve(|_| None).await;
    let mut options = options(&stub);
    options.role = None;
    let access = AwsSession::connect(options).await.expect("a way to the stub");
    let gathered = read(&access, &[pattern(A, "eu-west-1"), pattern(CALLER, "eu-west-1")]).await;
    assert_eq!(reason(&gathered.readings[0]), Some(UnreadReason::WrongAccount));
    let text = message(&gathered.readings[0]);
    assert!(text.contains(CALLER) && text.contains("[aws] role_name"), "{text}");
    assert!(is_on(&gathered.readings[1]));
    assert_eq!((gathered.requests.sts, gathered.requests.macie2), (1, 1));
}

#[tokio::test]
async fn an_account_that_does_not_open_is_unread_in_every_region_for_a_reason() {
    let text = "User: arn:aws:iam::999988887777:user/auditor is not authorized to perform: sts:AssumeRole on resource: \
                arn:aws:iam::000000000001:role/Read";
    let answers: [(Reply, UnreadReason); 8] = [
        (Reply::sts_error(403, "AccessDenied", text), UnreadReason::RoleNotAssumable),
        (Reply::sts_error(403, "RegionDisabledException", "STS is not activated"), UnreadReason::RoleNotAssumable),
        (Reply::sts_error(403, "ExpiredToken", "expired"), UnreadReason::BadCredentials),
        (Reply::sts_error(403, "InvalidClientTokenId", "invalid"), UnreadReason::BadCredentials),
        (Reply::sts_error(400, "Throttling", "Rate exceeded"), UnreadReason::Throttled),
        (Reply::sts_error(500, "InternalFailure", "sorry"), UnreadReason::Unreachable),
        (Reply::Close, UnreadReason::Unreachable),
        (Reply::json(200, "<html>Log in, hush</html>"), UnreadReason::Unintelligible),
    ];
    for (reply, expected) in answers {
        let shown = format!("{reply:?}");
        let stub = Stub::serve(move |ask| is_assume_role(ask).then(|| reply.clone())).await;
        let access = connect(&stub).await;
        let gathered = read(&access, &[pattern(A, "eu-west-1"), named(A, "us-east-1")]).await;
        assert_eq!(gathered.readings.iter().map(reason).collect::<Vec<_>>(), [Some(expected); 2], "{shown}");
        assert!(stub.asked("macie2").is_empty());
        assert!(!message(&gathered.readings[0]).contains("hush"), "a body that came with success is not quoted");
        if let Reading::Unread(unread) = &gathered.readings[0]
            && shown.contains("AccessDenied")
        {
            let denial = unread.denial.as_deref().expect("who was denied what");
            assert_eq!(denial.action.as_deref(), Some("sts:AssumeRole"));
            assert_eq!(unread.evidence.message.as_deref(), Some(text));
            assert_eq!(gathered.requests.access_denied, 1);
        }
    }
}

#[tokio::test]
async fn credentials_are_renewed_before_they_end() {
    // Half an hour each; the stub lets the time pass between two answers.
    let end = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_mins(30)).expect("a time").to_string();
    let stub = Stub::serve(move |ask| {
        let user = format!("arn:aws:sts::{}:assumed-role/Read/driftline", assumed_account(ask));
        is_assume_role(ask).then(|| assumed(&assumed_account(ask), Some(&user), &end))
    })
    .await;
    let mut options = options(&stub);
    options.timeouts.attempt = Duration::from_hours(2);
    options.timeouts.operation = Duration::from_hours(2);
    let access = AwsSession::connect(options).await.expect("a way to the stub");
    let account = access.credentials_for(A.parse().expect("an id")).await.expect("an open account");
    assert!(!account.wants_refresh());
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(26)).await;
    assert!(account.wants_refresh());
    tokio::time::resume();
    assert!(!access.refresh(&account).await.expect("a renewed account").wants_refresh());
    assert_eq!(stub.asked("sts").iter().filter(|ask| is_assume_role(ask)).count(), 2);
}

#[tokio::test]
async fn a_long_run_goes_on_with_new_credentials() {
    // 20 seconds of life each, renewed after 15, and the first answer takes those 15 in the run's own time.
    let stub = Stub::serve(move |ask| {
        let user = format!("arn:aws:sts::{}:assumed-role/Read/driftline", assumed_account(ask));
        let end = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(20)).expect("a time").to_string();
        is_assume_role(ask).then(|| assumed(&assumed_account(ask), Some(&user), &end))
    })
    .await;
    let access = connect(&stub).await;
    let questions = [pattern(A, "eu-west-1"), pattern(A, "us-east-1"), pattern(A, "us-west-2")];
    let passed = AtomicBool::new(false);
    let progress = |count: usize| {
        if count == 1 && !passed.swap(true, Ordering::Relaxed) {
            tokio::time::pause();
            // Nothing is in flight here, so nobody's timer runs out.
            futures_util::FutureExt::now_or_never(tokio::time::advance(Duration::from_secs(16)));
            tokio::time::resume();
        }
    };
    let stop = std::future::pending();
    let gathered =
        Collector::new(&access, &questions, &RegionTable::bundled(), at_once(1), &progress).collect(stop).await;
    assert!(gathered.readings.iter().all(is_on), "{gathered:?}");
    assert_eq!(stub.asked("sts").iter().filter(|ask| is_assume_role(ask)).count(), 2);
}

#[tokio::test]
async fn a_run_that_cannot_start_says_why() {
    let cases: [(Reply, &str); 4] = [
        (
            Reply::sts_error(403, "InvalidClientTokenId", "The security token is invalid."),
            "refuses the credentials: InvalidClientTokenId",
        ),
        (Reply::sts_error(403, "ExpiredToken", "The token has expired."), "refuses the credentials: ExpiredToken"),
        (Reply::Close, "cannot be reached"),
        (Reply::json(200, "<html>Log in</html>"), "cannot be understood"),
    ];
    for (reply, expected) in cases {
        let stub = Stub::serve(move |_| Some(reply.clone())).await;
        let mut options = options(&stub);
        options.attempts = NonZeroU32::MIN;
        let mistake = AwsSession::connect(options).await.expect_err("no way to AWS");
        assert!(mistake.to_string().contains(expected), "{mistake}");
        assert!(!mistake.help().is_empty() && !matches!(mistake, ConnectError::NoCredentials { .. }));
    }
}
