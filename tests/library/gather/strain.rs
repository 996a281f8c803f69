//! Strain: what is throttled, silent or expired gets less of the run, and spoils nothing else.

use std::sync::atomic::AtomicUsize;

use super::*;

fn everywhere(account: &str, table: &RegionTable) -> Vec<ReadRequest> {
    table.macie_regions().map(|region| pattern(account, region.as_str())).collect()
}

#[tokio::test]
async fn an_account_that_is_throttled_is_asked_less_at_once() {
    let (gate, arrived) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (held, seen) = (Arc::clone(&gate), Arc::clone(&arrived));
    let stub = Stub::serve(move |ask| {
        (ask.service == "macie2").then(|| {
            // The first four are held until all of them are there, so that they are under way at once.
            if seen.fetch_add(1, Ordering::Relaxed) == 3 {
                held.add_permits(4);
            }
            let throttled = Reply::error(429, "ThrottlingException", "Rate exceeded");
            match seen.load(Ordering::Relaxed) {
                ..=4 => Reply::Gated(Arc::clone(&held), Box::new(throttled)),
                _ => throttled,
            }
        })
    })
    .await;
    let access = connect(&stub).await;
    let table = RegionTable::bundled();
    let questions = everywhere(A, &table);
    let gathered =
        Collector::new(&access, &questions, &table, at_once(4), &|_| ()).collect(std::future::pending()).await;
    assert!(gathered.readings.iter().all(|reading| reason(reading) == Some(UnreadReason::Throttled)));
    let at_once: Vec<usize> = stub.asked("macie2").iter().map(|ask| ask.at_once).collect();
    assert_eq!(at_once.iter().max(), Some(&4), "{at_once:?}");
    assert!(at_once.iter().skip(12).all(|calls| *calls == 1), "{at_once:?}");
}

#[tokio::test]
async fn a_region_that_never_answers_holds_up_no_other() {
    let stub = Stub::serve(|ask| (ask.service == "macie2" && ask.region == "eu-west-1").then_some(Reply::Hang)).await;
    let access = connect(&stub).await;
    let table = RegionTable::bundled();
    let questions: Vec<_> = (1..=40).flat_map(|id| everywhere(&format!("{id:012}"), &table)).collect();
    let others = questions.len() - 40;
    // The run ends as soon as all other Regions are read. A call that hangs ends after ten seconds: were all the room taken by
    // such calls, the deadline would come first.
    let (finish, finished) = tokio::sync::oneshot::channel();
    let finish = RefCell::new(Some(finish));
    let progress = |count: usize| {
        if count == others
            && let Some(finish) = finish.take()
        {
            finish.send(()).expect("somebody listens");
        }
    };
    let stop = async { finished.await.expect("a signal") };
    let limits = CollectLimits { deadline: Some(Duration::from_secs(9)), ..at_once(8) };
    let gathered = Collector::new(&access, &questions, &table, limits, &progress).collect(stop).await;
    for (question, reading) in questions.iter().zip(&gathered.readings) {
        if question.target.region.as_str() == "eu-west-1" {
            assert_eq!(reason(reading), Some(UnreadReason::Interrupted), "{reading:?}");
        } else {
            assert!(is_on(reading), "{:?}: {reading:?}", question.target);
        }
    }
}

/// Account A's first credentials have expired, whatever their date says; `all` of them, or only those.
async fn expired(all: bool) -> Stub {
    let opened = Arc::new(AtomicUsize::new(0));
    Stub::serve(move |ask| {
        if is_assume_role(ask) {
            opened.fetch_add(1, Ordering::Relaxed);
        }
        let is_old = all || opened.load(Ordering::Relaxed) < 2;
        (ask.service == "macie2" && is_old).then(|| {
            Reply::error(403, "ExpiredTokenException", "The security token included in the request is expired")
        })
    })
    .await
}

#[tokio::test]
async fn credentials_that_expire_before_their_time_are_got_anew_once() {
    let stub = expired(false).await;
    let access = connect(&stub).await;
    let questions = everywhere(A, &RegionTable::bundled());
    let gathered = read(&access, &questions).await;
    assert!(gathered.readings.iter().all(is_on), "{gathered:#?}");
    assert_eq!(stub.asked("sts").iter().filter(|ask| is_assume_role(ask)).count(), 2);
}

#[tokio::test]
async fn credentials_that_are_always_expired_are_told_and_not_got_again_and_again() {
    let stub = expired(true).await;
    let access = connect(&stub).await;
    let questions = everywhere(A, &RegionTable::bundled());
    let gathered = read(&access, &questions).await;
    assert!(gathered.readings.iter().all(|reading| reason(reading) == Some(UnreadReason::BadCredentials)));
    assert_eq!(stub.asked("sts").iter().filter(|ask| is_assume_role(ask)).count(), 2);
    let asked = stub.asked("macie2").len();
    assert!(asked <= 2 * questions.len(), "{asked} calls for {} targets", questions.len());
}

#[tokio::test]
async fn what_was_under_way_when_no_new_credentials_could_be_had_is_not_lost() {
    let gate = Arc::new(Semaphore::new(0));
    let (held, opened) = (Arc::clone(&gate), AtomicUsize::new(0));
    let stub = Stub::serve(move |ask| {
        if is_assume_role(ask) {
            let again = opened.fetch_add(1, Ordering::Relaxed) > 0;
            return again.then(|| Reply::sts_error(403, "AccessDenied", "not any more"));
        }
        let expired =
            Reply::error(403, "ExpiredTokenException", "The security token included in the request is expired");
        match (ask.service.as_str(), ask.region.as_str()) {
            ("macie2", "eu-west-1") => Some(Reply::Gated(Arc::clone(&held), Box::new(expired))),
            ("macie2", _) => Some(expired),
            _ => None,
        }
    })
    .await;
    let access = connect(&stub).await;
    let table = RegionTable::bundled();
    let questions = everywhere(A, &table);
    // The answer that is held back comes once all others are unread for want of credentials.
    let progress = |count: usize| {
        if count + 1 == questions.len() {
            gate.add_permits(1);
        }
    };
    // All are under way at once, so that the one is among them.
    let gathered =
        Collector::new(&access, &questions, &table, at_once(64), &progress).collect(std::future::pending()).await;
    for reading in &gathered.readings {
        assert_eq!(reason(reading), Some(UnreadReason::RoleNotAssumable), "{reading:?}");
    }
}
