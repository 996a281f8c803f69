//! Whatever goes wrong on the way: a run ends, tells each target once, never tells of one what is not true, asks no oftener than
//! it may, and changes nothing.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use driftline::aws::{AccessOptions, AwsSession, Source, Timeouts};
use driftline::collect::{AdministratorReader, CollectLimits, Collected, Collector, Fallback, ReadRequest};
use driftline::model::{AccountId, Region, RegionTable, Target, UnreadReason};
use driftline::resource::{NotApplicable, NotEnabledEvidence, Reading};
use driftline_simulator::{Simulation, World};
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::estate::{ACCOUNTS, Estate, Place, REGIONS, Truth, estate};
use super::script::{Kinds, Script, script};

/// Far beyond the end of any run here: one that lasts as long does not end.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a run has in its hands.
#[derive(Debug, Clone, Copy)]
struct Means {
    attempts: u32,
    concurrency: usize,
    /// Who is asked beside Macie's administrator, if that is asked.
    through: Option<Fallback>,
    timeouts: Timeouts,
    deadline: Option<Duration>,
}

fn means(attempt: Duration, operation: Duration, deadline: Option<Duration>) -> impl Strategy<Value = Means> {
    let through = prop_oneof![3 => Just(None), 4 => Just(Some(Fallback::Accounts)), 1 => Just(Some(Fallback::None))];
    let timeouts = Timeouts { connect: attempt, attempt, operation };
    (2_u32..=3, select(vec![1, 2, 8, 64]), through).prop_map(move |(attempts, concurrency, through)| Means {
        attempts,
        concurrency,
        through,
        timeouts,
        deadline,
    })
}

/// The result of something that has to end.
pub(crate) fn ending<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let (tell, told) = channel();
    std::thread::spawn(move || tell.send(run()));
    match told.recv_timeout(PATIENCE) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("the run does not end"),
        Err(RecvTimeoutError::Disconnected) => panic!("the run panicked"),
    }
}

pub(crate) fn simulation(estate: &Estate, script: &Script) -> Simulation {
    let text = format!("{}{}", estate.world(), script.world());
    let world = World::parse(&text, "world.yaml").unwrap_or_else(|mistake| panic!("{mistake}\n{text}"));
    Simulation::start(world, 0).expect("a simulation")
}

fn id(account: usize) -> AccountId {
    ACCOUNTS[account].parse().expect("an id")
}

fn question(estate: &Estate, (account, region): Place) -> ReadRequest {
    let target = Target::macie_session(id(account), REGIONS[region].parse::<Region>().expect("a Region"));
    let asked = &estate.accounts[account];
    ReadRequest {
        target,
        region_named: asked.named[region],
        member_list_suffices: asked.status_only[region],
        declared: None,
    }
}

/// Reads every target; `None` if there is no way to AWS.
fn read(simulation: &Simulation, estate: &Estate, means: Means) -> Option<Collected> {
    let mut options = AccessOptions::new(Source::Fixed {
        endpoint_url: simulation.endpoint_url().to_owned(),
        access_key_id: simulation.access_key_id().to_owned(),
        secret_access_key: simulation.secret_access_key().to_owned(),
        region: simulation.region().parse().expect("a Region"),
    });
    options.role = Some("DriftlineRead".parse().expect("a role"));
    options.attempts = NonZeroU32::new(means.attempts).expect("some");
    options.timeouts = means.timeouts;
    let questions: Vec<ReadRequest> = estate.targets().into_iter().map(|place| question(estate, place)).collect();
    let administrator = id(estate.administrator());
    ending(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let access = AwsSession::connect(options).await.ok()?;
            let concurrency = NonZeroUsize::new(means.concurrency).expect("some");
            let limits = CollectLimits { concurrency, deadline: means.deadline, keeps_open: false };
            let (table, stop) = (RegionTable::bundled(), std::future::pending());
            Some(match means.through {
                None => Collector::new(&access, &questions, &table, limits, &|_| ()).collect(stop).await,
                Some(beside) => {
                    let through = AdministratorReader { administrator, fallback: beside };
                    Collector::new(&access, &questions, &table, limits, &|_| ())
                        .collect_through_administrator(through, stop)
                        .await
                }
            })
        })
    })
}

/// Whether a reading says of a target what is true, or that nothing is known.
fn is_true(estate: &Estate, script: &Script, means: Means, place: Place, reading: &Reading) -> bool {
    let truth = estate.truth(place);
    let ReadRequest { region_named, member_list_suffices: list_suffices, .. } = question(estate, place);
    let is_listed = means.through.is_some() && estate.is_listed(place);
    let by_administrator = |by: &AccountId| is_listed && *by == id(estate.administrator());
    match reading {
        Reading::On(session) => truth == Truth::On((session.status.as_status().as_str(), session.frequency.as_str())),
        Reading::Listed(session) => {
            let status = session.status.as_status().as_str();
            let is_so = matches!(truth, Truth::On((live, _)) if live == status);
            is_so && list_suffices && by_administrator(&session.administrator)
        }
        Reading::NotEnabled(NotEnabledEvidence::Answer(_)) => truth == Truth::NotEnabled,
        Reading::NotEnabled(NotEnabledEvidence::RegionOff) => truth == Truth::RegionOff && region_named,
        Reading::NotEnabled(NotEnabledEvidence::RegionOffListed(by)) => {
            truth == Truth::RegionOff && region_named && by_administrator(by)
        }
        Reading::NotEnabled(NotEnabledEvidence::NoMacieInRegion) => truth == Truth::NoMacie && region_named,
        Reading::NotApplicable(NotApplicable::NoMacieInRegion) => truth == Truth::NoMacie && !region_named,
        Reading::NotApplicable(NotApplicable::RegionOff) => truth == Truth::RegionOff && !region_named,
        Reading::NotApplicable(NotApplicable::RegionOffListed(by)) => {
            truth == Truth::RegionOff && !region_named && by_administrator(by)
        }
        // The report says that this is inferred: an opt-in Region that refuses a good token cannot be told from one that is off.
        Reading::NotApplicable(NotApplicable::RegionOffInferred) => {
            let seems_so = REGIONS[place.1] == "me-south-1" || REGIONS[place.1] == "af-south-1";
            !region_named && (truth == Truth::RegionOff || (seems_so && script.may_refuse_token(place)))
        }
        // That of another resource.
        Reading::Preferences(_) | Reading::Sessions(_) => false,
        Reading::Unread(unread) => {
            let is_ours = unread.evidence.message.as_deref().is_some_and(|said| said.contains("a fault in driftline"));
            // Nothing changes and nobody lies, so nobody contradicts anybody; and nobody interrupts.
            let is_odd = matches!(unread.reason, UnreadReason::Contradicted | UnreadReason::Interrupted);
            let is_unheard = unread.reason == UnreadReason::NotListed && means.through != Some(Fallback::None);
            // What a Region without Macie is needs no call.
            !is_ours && !is_odd && !is_unheard && truth != Truth::NoMacie
        }
    }
}

/// How often each operation may be called at most.
///
/// A call is tried `attempts` times. A target is asked about once, and again only with newer credentials: an account gets them
/// once because AWS calls those at hand expired, and else because they are about to end. So it is opened once and so many times
/// more, and after each opening STS may be asked whose the credentials are. Which Regions are on is asked once, at the first
/// opening, and fits into one page. Macie's administrator is opened for its list, where it is asked once for each Region, all
/// members being in one page, and for each target that the list may contradict, of which it is asked once.
pub(crate) fn most_calls(
    estate: &Estate,
    script: &Script,
    attempts: u32,
    is_through: bool,
    run: Duration,
) -> BTreeMap<&'static str, u64> {
    let count = |number: usize| u64::try_from(number).expect("a small number");
    let (accounts, targets) = (count(estate.accounts.len()), count(estate.targets().len()));
    let leases = 2 + script.renewals(run);
    let (lists, doubts) = if is_through { (count(REGIONS.len()), targets) } else { (0, 0) };
    let openings = accounts * leases + if is_through { 1 + script.renewals(run) + doubts } else { 0 };
    [
        ("sts:GetCallerIdentity", 1 + openings),
        ("sts:AssumeRole", openings),
        ("account:ListRegions", accounts + u64::from(is_through)),
        ("macie2:ListMembers", lists),
        ("macie2:GetMember", doubts),
        ("macie2:GetMacieSession", targets * leases),
    ]
    .into_iter()
    .map(|(operation, calls)| (operation, calls * u64::from(attempts)))
    .collect()
}

/// That nothing was written, and nothing asked too often.
pub(crate) fn leaves_no_trace(
    simulation: &Simulation,
    most: &BTreeMap<&'static str, u64>,
) -> Result<(), TestCaseError> {
    prop_assert!(!simulation.was_written_to(), "reading has written");
    for (operation, calls) in simulation.calls() {
        let most = most.get(operation.as_str()).copied().unwrap_or_default();
        prop_assert!(calls <= most, "{operation} was called {calls} times, and may be {most} times");
    }
    Ok(())
}

fn tells_the_truth(estate: &Estate, script: &Script, means: Means) -> Result<Option<Vec<Reading>>, TestCaseError> {
    let simulation = simulation(estate, script);
    let gathering = read(&simulation, estate, means);
    // The question whose the credentials are comes before the run, and takes no part in its deadline.
    let run = means.deadline.unwrap_or(PATIENCE);
    leaves_no_trace(&simulation, &most_calls(estate, script, means.attempts, means.through.is_some(), run))?;
    let Some(Collected { readings, .. }) = gathering else { return Ok(None) };
    let targets = estate.targets();
    prop_assert_eq!(readings.len(), targets.len());
    for (place, reading) in targets.into_iter().zip(&readings) {
        let (account, region) = (ACCOUNTS[place.0], REGIONS[place.1]);
        let truth = estate.truth(place);
        let is_true = is_true(estate, script, means, place, reading);
        prop_assert!(
            is_true,
            "{} in {}: {:?}\n{:?}\n{}{}",
            account,
            region,
            truth,
            reading,
            estate.world(),
            script.world()
        );
    }
    Ok(Some(readings))
}

const SHORT: (Duration, Duration) = (Duration::from_millis(80), Duration::from_millis(400));
/// Long enough for whoever answers at once, on a machine that has much else to do.
const LONG: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(2));

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn no_fault_makes_a_reading_wrong_or_a_run_endless(
        estate in estate(),
        script in script(Kinds::All),
        means in means(SHORT.0, SHORT.1, Some(Duration::from_secs(1))),
    ) {
        tells_the_truth(&estate, &script, means)?;
    }
}

proptest! {
    #![proptest_config(cases(10))]

    #[test]
    fn an_account_is_read_whatever_befalls_the_others(
        estate in estate(),
        script in script(Kinds::All),
        healthy in any::<prop::sample::Index>(),
        means in means(LONG.0, LONG.1, None),
    ) {
        let healthy = healthy.index(estate.accounts.len());
        let (estate, script) = (estate.with_healthy(healthy), script.sparing(healthy));
        let through = means.through.filter(|beside| *beside == Fallback::Accounts);
        let readings = tells_the_truth(&estate, &script, Means { through, ..means })?.expect("a way to AWS");
        for (place, reading) in estate.targets().into_iter().zip(&readings) {
            let is_known = !matches!(reading, Reading::Unread(_));
            prop_assert!(place.0 != healthy || is_known, "{:?}\n{:?}\n{}{}", place, reading, estate.world(), script.world());
        }
    }
}
