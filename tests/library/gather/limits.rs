//! Limits: concurrency, retries, deadline, interruption. None of them loses a target.

use super::*;

/// Everything is answered but eu-west-1, which hangs.
async fn one_hangs() -> Stub {
    Stub::serve(|ask| (ask.service == "macie2" && ask.region == "eu-west-1").then_some(Reply::Hang)).await
}

#[tokio::test]
async fn an_interruption_keeps_what_was_read_and_drops_the_rest() {
    let stub = one_hangs().await;
    let access = connect(&stub).await;
    let questions = [pattern(A, "eu-west-1"), pattern(A, "us-east-1"), pattern(A, "ap-southeast-3")];
    let (finish, finished) = tokio::sync::oneshot::channel();
    let finish = RefCell::new(Some(finish));
    let progress = |count: usize| {
        if count == 2
            && let Some(finish) = finish.take()
        {
            finish.send(()).expect("somebody listens");
        }
    };
    let stop = async { finished.await.expect("a signal") };
    let gathered =
        Collector::new(&access, &questions, &RegionTable::bundled(), at_once(8), &progress).collect(stop).await;
    assert_eq!(reason(&gathered.readings[0]), Some(UnreadReason::Interrupted));
    assert!(is_on(&gathered.readings[1]));
    assert_eq!(gathered.readings[2], Reading::NotApplicable(NotApplicable::NoMacieInRegion));
}

#[tokio::test]
async fn the_deadline_keeps_what_was_read() {
    let stub = one_hangs().await;
    let access = connect(&stub).await;
    let questions = [pattern(A, "eu-west-1"), pattern(A, "us-east-1")];
    // Once the other target is read the only timers left are the call's own, which are longer, and the deadline; paused
    // time jumps to the nearest.
    let progress = |count: usize| {
        if count == 1 {
            tokio::time::pause();
        }
    };
    let limits = CollectLimits { deadline: Some(Duration::from_secs(9)), ..at_once(8) };
    let stop = std::future::pending();
    let gathered = Collector::new(&access, &questions, &RegionTable::bundled(), limits, &progress).collect(stop).await;
    assert_eq!(reason(&gathered.readings[0]), Some(UnreadReason::Deadline));
    assert!(is_on(&gathered.readings[1]));
}

#[tokio::test]
async fn a_run_that_is_over_before_it_begins_still_answers_every_question() {
    let stub = Stub::serve(|_| None).await;
    let access = connect(&stub).await;
    let questions = [pattern(A, "eu-west-1"), pattern(B, "ap-southeast-3")];
    let stop = std::future::ready(());
    let gathered =
        Collector::new(&access, &questions, &RegionTable::bundled(), at_once(1), &|_| ()).collect(stop).await;
    assert_eq!(reason(&gathered.readings[0]), Some(UnreadReason::Interrupted));
    assert_eq!(gathered.readings[1], Reading::NotApplicable(NotApplicable::NoMacieInRegion));
    assert_eq!(gathered.requests.macie2, 0);
    assert!(read(&access, &[]).await.readings.is_empty());
}

#[tokio::test]
async fn accounts_that_are_slow_to_open_do_not_hold_up_those_that_are_open() {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let stub = Stub::serve(move |ask| {
        let slow = is_assume_role(ask) && assumed_account(ask) != B;
        slow.then(|| Reply::Gated(Arc::clone(&held), Box::new(crate::stub::healthy(ask))))
    })
    .await;
    let access = connect(&stub).await;
    // Accounts 1 and 3 to 9 are slow; the limit is four calls.
    let mut questions = vec![pattern(B, "eu-west-1"), pattern(B, "us-east-1"), pattern(CALLER, "us-east-1")];
    questions.extend([1, 3, 4, 5, 6, 7, 8, 9].map(|id| pattern(&format!("{id:012}"), "eu-west-1")));
    let progress = |count: usize| {
        // B is opened beside a slow account, and its targets are read before any slow account is let through.
        if count == 2 {
            gate.add_permits(8);
        }
    };
    let stop = std::future::pending();
    let gathered =
        Collector::new(&access, &questions, &RegionTable::bundled(), at_once(4), &progress).collect(stop).await;
    assert!(gathered.readings.iter().all(is_on), "{gathered:#?}");
}

#[tokio::test]
async fn one_throttled_account_leaves_the_others_untouched() {
    let stub = Stub::serve(|ask| {
        let throttled = ask.service == "macie2" && ask.account == A;
        throttled.then(|| Reply::Answer { status: 429, headers: vec![], body: String::new() })
    })
    .await;
    let mut options = options(&stub);
    options.attempts = NonZeroU32::MIN.saturating_add(1);
    let access = AwsSession::connect(options).await.expect("a way to the stub");
    let table = RegionTable::bundled();
    let places: Vec<_> =
        table.macie_regions().filter(|region| !table.is_opt_in(region)).map(ToString::to_string).collect();
    let questions: Vec<_> =
        [A, B].iter().flat_map(|account| places.iter().map(|region| pattern(account, region))).collect();
    let order = RefCell::new(Vec::new());
    let gathered = Collector::new(&access, &questions, &table, at_once(8), &|count| {
        order.borrow_mut().push(count);
    })
    .collect(std::future::pending())
    .await;
    for (question, reading) in questions.iter().zip(&gathered.readings) {
        if question.target.account.to_string() == A {
            assert_eq!(reason(reading), Some(UnreadReason::Throttled));
        } else {
            assert!(is_on(reading), "{reading:?}");
        }
    }
    let counts = gathered.requests;
    assert_eq!((counts.macie2, counts.retried, counts.throttled), (51, 17, 34), "a bare 429 is retried");
    assert_eq!(order.borrow().last(), Some(&34));
}

#[tokio::test]
async fn throttled_accounts_use_up_nobody_elses_retries() {
    // The SDK's own budget is one per Region: 60 throttled accounts would leave nothing of it for the last one, which needs
    // a single retry.
    let (throttled, last) = (60_u64, "000000000061");
    let first = AtomicBool::new(true);
    let stub = Stub::serve(move |ask| {
        let slow = ask.service == "macie2" && (ask.account != last || first.swap(false, Ordering::Relaxed));
        slow.then(|| Reply::Answer {
            status: 429,
            headers: vec![("x-amz-retry-after".to_owned(), "1".to_owned())],
            body: String::new(),
        })
    })
    .await;
    let access = AwsSession::connect(options(&stub)).await.expect("a way to the stub");
    let questions: Vec<_> = (1..=throttled + 1).map(|id| pattern(&format!("{id:012}"), "eu-west-1")).collect();
    let gathered = read(&access, &questions).await;
    let (reading, throttled_readings) = gathered.readings.split_last().expect("readings");
    assert!(throttled_readings.iter().all(|reading| reason(reading) == Some(UnreadReason::Throttled)));
    assert!(is_on(reading), "{reading:?}");
    assert_eq!(gathered.requests.retried, throttled * 3 + 1, "every retry was made");
}

#[tokio::test]
async fn a_retry_that_succeeds_is_a_reading_and_is_counted() {
    let first = AtomicBool::new(true);
    let stub = Stub::serve(move |ask| {
        let once = ask.service == "macie2" && first.swap(false, Ordering::Relaxed);
        once.then(|| Reply::error(429, "TooManyRequestsException", "Too Many Requests"))
    })
    .await;
    let access = AwsSession::connect(options(&stub)).await.expect("a way to the stub");
    let gathered = read(&access, &[pattern(CALLER, "eu-west-1")]).await;
    assert!(is_on(&gathered.readings[0]), "{gathered:?}");
    let counts = gathered.requests;
    assert_eq!((counts.macie2, counts.retried, counts.throttled, counts.access_denied), (2, 1, 1, 0));
}

#[tokio::test]
async fn not_enabled_counts_among_the_denials_that_cloudtrail_records() {
    let stub = Stub::serve(|ask| {
        (ask.service == "macie2").then(|| Reply::error(403, "AccessDeniedException", "Macie is not enabled"))
    })
    .await;
    let access = connect(&stub).await;
    let gathered = read(&access, &[pattern(CALLER, "eu-west-1"), pattern(CALLER, "us-east-1")]).await;
    assert_eq!(gathered.requests.access_denied, 2);
    assert!(
        gathered.readings.iter().all(|reading| matches!(reading, Reading::NotEnabled(NotEnabledEvidence::Answer(_))))
    );
}

#[tokio::test]
async fn calls_are_bounded_spread_and_each_question_is_answered_once_whatever_the_order() {
    let table = RegionTable::bundled();
    let questions: Vec<_> = (1..=20)
        .flat_map(|id| table.macie_regions().map(move |region| pattern(&format!("{id:012}"), region.as_str())))
        .collect();
    for calls in [1, 3, 64] {
        let stub = Stub::serve(|_| None).await;
        let access = connect(&stub).await;
        let gathered =
            Collector::new(&access, &questions, &table, at_once(calls), &|_| ()).collect(std::future::pending()).await;
        assert_eq!(gathered.readings.len(), questions.len());
        assert!(gathered.readings.iter().all(is_on));
        let mut asked: BTreeMap<_, usize> = BTreeMap::new();
        let log = stub.asked("macie2");
        for ask in &log {
            *asked.entry((ask.account.clone(), ask.region.clone())).or_default() += 1;
        }
        assert_eq!(asked.len(), questions.len());
        assert!(asked.values().all(|count| *count == 1));
        let first: BTreeSet<_> = log.iter().take(10).map(|ask| ask.region.clone()).collect();
        assert!(stub.busiest() <= calls && (calls < 4 || stub.busiest() > 1), "{} at once", stub.busiest());
        assert!(first.len() >= 5, "the first calls go to several Regions: {first:?}");
    }
}
