//! The guards: reasons not to execute a plan, all reported at once. A guard that cannot be evaluated refuses.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::model::{AccountId, Environment};
use crate::plan::{Plan, PlanSource};
use crate::resource::Risk;

/// A reason not to execute a plan, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// The saved plan is not as it was made.
    Altered,
    /// The policies are not those that the plan was made for.
    OtherPolicies,
    /// The plan was made from a part of the configured policies.
    PartialPolicies,
    /// A waiver, a selector item or an `except` item selects no declared target.
    Unmatched,
    /// The credentials are of another account than those that the plan was made with, or it was made of another AWS.
    OtherCaller,
    /// The plan is too old.
    TooOld,
    /// There are more changes than one apply may make.
    MaxChanges,
    /// A larger share of the targets changes than one apply may change.
    MaxShare,
    /// A step pauses a session without its `--allow`.
    Pause,
    /// A step disables a session without its `--allow`.
    Disable,
    /// Nobody has confirmed.
    NotConfirmed,
    /// Nothing could be read, so that the plan says nothing.
    NothingRead,
    /// Some targets are unread that no waiver expects to be, and a complete apply is required: they are left alone, and the others are not.
    Unread,
}

/// The refusal of a guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which guard.
    pub guard: Guard,
    /// What it found.
    pub reason: String,
    /// The fix.
    pub remediation: String,
}

/// The policies as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurrentPolicies {
    /// Their digest.
    Digest(String),
    /// Why they cannot be read.
    Unknown(String),
}

/// Whether a person has confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Confirmed in advance, or nothing is written anyway.
    Given,
    /// A person at a terminal is asked once no other guard refuses.
    WillBeAsked,
    /// Not confirmed, and there is no terminal to ask on.
    Missing,
}

/// What the guards compare a plan with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardContext {
    /// What was altered in the saved plan; `None` if it is as it was made.
    pub altered: Option<String>,
    /// The policies now.
    pub policies: CurrentPolicies,
    /// The account of the credentials now.
    pub caller: AccountId,
    /// The AWS that the calls go to.
    pub source: Environment,
    /// The time now.
    pub now: Timestamp,
    /// The maximum age of a plan.
    pub max_age: Duration,
    /// The maximum number of changes.
    pub max_changes: u64,
    /// The maximum share of targets that change, in percent.
    pub max_share: Option<u64>,
    /// The configured policy files that the plan leaves out now, as shown.
    pub partial_policies: Vec<String>,
    /// The guards that are told by name to let the plan pass.
    pub allowed: Vec<Guard>,
    /// Whether unread targets are refused. Those of a rollback always are: the apply changed them.
    pub require_complete: bool,
    /// Whether a person has confirmed.
    pub confirmation: Confirmation,
}

impl Guard {
    /// Every guard, in the order in which refusals are reported.
    pub const ALL: [Self; 13] = [
        Self::Altered,
        Self::OtherPolicies,
        Self::PartialPolicies,
        Self::Unmatched,
        Self::OtherCaller,
        Self::TooOld,
        Self::MaxChanges,
        Self::MaxShare,
        Self::Pause,
        Self::Disable,
        Self::NotConfirmed,
        Self::NothingRead,
        Self::Unread,
    ];

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Altered => "altered",
            Self::OtherPolicies => "other_policies",
            Self::PartialPolicies => "partial_policies",
            Self::Unmatched => "unmatched",
            Self::OtherCaller => "other_caller",
            Self::TooOld => "too_old",
            Self::MaxChanges => "max_changes",
            Self::MaxShare => "max_share",
            Self::Pause => "pause",
            Self::Disable => "disable",
            Self::NotConfirmed => "not_confirmed",
            Self::NothingRead => "nothing_read",
            Self::Unread => "unread",
        }
    }

    /// Whether its refusal stops the whole apply.
    pub fn stops_everything(self) -> bool {
        self != Self::Unread
    }
}

/// Every guard that refuses, in the order of [`Guard::ALL`].
pub fn check_guards(plan: &Plan, given: &GuardContext) -> Vec<Refusal> {
    let ask = |guard: Guard| {
        let found = match guard {
            Guard::Altered => altered(given),
            Guard::OtherPolicies => other_policies(plan, given),
            Guard::PartialPolicies => partial_policies(&given.partial_policies),
            Guard::Unmatched => unmatched(plan),
            Guard::OtherCaller => other_caller(plan, given),
            Guard::TooOld => too_old(plan, given),
            Guard::MaxChanges => max_changes(plan, given),
            Guard::MaxShare => max_share(plan, given),
            Guard::Pause => risk(plan, Risk::Disruptive),
            Guard::Disable => risk(plan, Risk::Destructive),
            Guard::NotConfirmed => not_confirmed(plan, given),
            Guard::NothingRead => nothing_read(plan),
            Guard::Unread => unread(plan, given),
        };
        found.map(|(reason, remediation)| Refusal { guard, reason, remediation })
    };
    Guard::ALL.into_iter().filter(|guard| !given.allowed.contains(guard)).filter_map(ask).collect()
}

/// The reason of a refusal, and the fix.
type Found = Option<(String, String)>;

fn altered(given: &GuardContext) -> Found {
    let what = given.altered.as_ref()?;
    Some((
        format!("the plan was altered after it was made: {what}"),
        "make a new plan and have that reviewed: `driftline plan --out FILE`".to_owned(),
    ))
}

fn other_policies(plan: &Plan, given: &GuardContext) -> Found {
    let PlanSource::Policies { digest, paths, .. } = &plan.facts.basis else { return None };
    let paths = paths.join(" ");
    let reason = match &given.policies {
        CurrentPolicies::Digest(now) if now == digest => return None,
        CurrentPolicies::Digest(_) => format!("the policies ({paths}) are not those that the plan was made for"),
        CurrentPolicies::Unknown(why) => {
            format!("the policies ({paths}) that the plan was made for cannot be compared with it: {why}")
        }
    };
    Some((reason, "plan again with the policies of today, or apply where those of the plan lie".to_owned()))
}

fn partial_policies(left_out: &[String]) -> Found {
    if left_out.is_empty() {
        return None;
    }
    let (files, noun) = (first_few(left_out), if left_out.len() == 1 { "file" } else { "files" });
    Some((
        format!(
            "{} {noun} of the configured policies left out ({files}): their declarations and waivers do not count in this plan",
            left_out.len()
        ),
        "plan from all policies, for some targets alone with `driftline plan --only ACCOUNT/REGION`; if the part is \
         meant: --allow partial-policies"
            .to_owned(),
    ))
}

fn unmatched(plan: &Plan) -> Found {
    let found = &plan.facts.unmatched;
    if found.is_empty() || plan.steps.is_empty() {
        return None;
    }
    let each: Vec<String> = found.iter().map(|item| format!("{}: {}", item.origin, item.message)).collect();
    Some((
        format!("waivers or selectors of the policies match nothing: {}", first_few(&each)),
        "correct them (`driftline validate` shows each in place) and plan again; if that is meant: --allow unmatched"
            .to_owned(),
    ))
}

/// The first few of a list, and how many more there are.
fn first_few(list: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = list.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match list.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn other_caller(plan: &Plan, given: &GuardContext) -> Found {
    let maker = plan.facts.maker.account;
    let remediation = "apply with credentials of the account that made the plan, or plan again".to_owned();
    if plan.facts.source != given.source {
        let reason = match plan.facts.source {
            Environment::Aws => "the plan was made of AWS, and this apply would go to a simulated one",
            Environment::Simulation => "the plan was made of a simulated AWS, and this apply would go to another one",
        };
        return Some((reason.to_owned(), "plan again, of the AWS that is to be changed".to_owned()));
    }
    let now = given.caller;
    (now != maker).then(|| {
        (format!("the credentials are of account {now}, and the plan was made with those of {maker}"), remediation)
    })
}

fn too_old(plan: &Plan, given: &GuardContext) -> Found {
    let age = given.now.duration_since(plan.facts.created_at);
    let most = SignedDuration::try_from(given.max_age).unwrap_or(SignedDuration::MAX);
    let remediation = "plan again, or raise --max-age".to_owned();
    if age > most {
        let (age, made) = (SignedDuration::from_secs(age.as_secs()), plan.facts.created_at);
        return Some((format!("the plan was made {age:#} ago, at {made}, and may be {most:#} old"), remediation));
    }
    // Clocks differ slightly. The age of a plan from the future is unknown.
    (age < SignedDuration::from_mins(-5)).then(|| {
        let made = plan.facts.created_at;
        (
            format!("the plan says that it was made at {made}, which is yet to come"),
            "check this machine's clock".to_owned(),
        )
    })
}

fn max_changes(plan: &Plan, given: &GuardContext) -> Found {
    let (count, most) = (plan.steps.len() as u64, given.max_changes);
    (count > most).then(|| {
        (
            format!("the plan has {count} changes, and one apply may make {most}"),
            "raise --max-changes, or `[apply] max_changes` in driftline.toml; or plan fewer targets: `driftline plan --only \
             ACCOUNT/REGION`"
                .to_owned(),
        )
    })
}

/// A rollback plan knows only the targets that the apply changed, so that their share says nothing.
fn max_share(plan: &Plan, given: &GuardContext) -> Found {
    let most = given.max_share.filter(|_| matches!(plan.facts.basis, PlanSource::Policies { .. }))?;
    let (changed, declared) = (plan.summary().targets as u64, plan.declared_total as u64);
    (changed.saturating_mul(100) > declared.saturating_mul(most)).then(|| {
        (
            format!(
                "the plan changes {changed} of {declared} targets, and one apply may change {most} percent of them"
            ),
            "raise --max-share, or `[apply] max_share` in driftline.toml; or plan fewer targets: `driftline plan --only \
             ACCOUNT/REGION`"
                .to_owned(),
        )
    })
}

fn risk(plan: &Plan, risk: Risk) -> Found {
    let steps: Vec<String> = plan.with_risk(risk).map(|step| step.number.to_string()).collect();
    if steps.is_empty() {
        return None;
    }
    let (verb, lost, word) = match risk {
        Risk::Destructive => ("disables Macie, which deletes everything that it holds there", "disable", "disable"),
        Risk::Disruptive | Risk::Safe => {
            ("pauses Macie, which cancels every classification job there for good", "pause", "pause")
        }
    };
    let noun = if steps.len() == 1 { "step" } else { "steps" };
    let each = if steps.len() == 1 { "" } else { "each " };
    Some((
        format!("{noun} {} {each}{verb}", steps.join(", ")),
        format!(
            "if that is meant, allow it by name: --allow {word}; else change the policy so that nothing asks to {lost}"
        ),
    ))
}

fn not_confirmed(plan: &Plan, given: &GuardContext) -> Found {
    (given.confirmation == Confirmation::Missing && !plan.steps.is_empty()).then(|| {
        (
            "nobody has confirmed, and there is no terminal to ask at".to_owned(),
            "once the plan has been reviewed: --auto-approve".to_owned(),
        )
    })
}

fn nothing_read(plan: &Plan) -> Found {
    plan.is_blind().then(|| {
        (
            format!("0 of {} declared targets could be read, so nothing was compared", plan.declared),
            MAKE_READABLE.to_owned(),
        )
    })
}

/// The fix where targets are unread.
const MAKE_READABLE: &str = "make the targets readable (the plan says what is in the way), then plan and apply again";

fn unread(plan: &Plan, given: &GuardContext) -> Found {
    let is_rollback = matches!(plan.facts.basis, PlanSource::Journal { .. });
    if !given.require_complete && !is_rollback {
        return None;
    }
    // What the apply has changed is to come back, whoever expects it to be unread.
    let counting = plan.not_planned.iter().filter(|target| is_rollback || target.expected.is_none());
    let (partly, whole): (Vec<_>, Vec<_>) = counting.partition(|target| target.partly);
    let noun = |count: usize| if count == 1 { "1 target".to_owned() } else { format!("{count} targets") };
    let verb = if whole.len() == 1 { "is" } else { "are" };
    let whole = (whole.len(), format!("could not be read and {verb} left alone"));
    let counts = [whole, (partly.len(), "could be read only in part".to_owned())];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = counts.map(|(count, what)| format!("{} {what}", noun(count))).collect();
    (!told.is_empty()).then(|| (told.join("; "), MAKE_READABLE.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::test_fixtures::{account, plan, step};
    use crate::resource::Operation::{DisableMacie, UpdateMacieSession};
    use crate::resource::macie_session::Status;

    fn pause_and_disable() -> Plan {
        plan(vec![
            step(1, (1, 1), UpdateMacieSession, (Status::Enabled, Status::Paused), &[]),
            step(2, (2, 2), DisableMacie, (Status::Enabled, Status::NotEnabled), &[]),
        ])
    }

    /// Nothing in the way.
    fn clear() -> GuardContext {
        GuardContext {
            altered: None,
            policies: CurrentPolicies::Digest("sha256:1".to_owned()),
            caller: account(9),
            source: Environment::Aws,
            now: "2027-03-31T13:00:00Z".parse().expect("a time"),
            max_age: Duration::from_hours(24),
            max_changes: 2,
            max_share: Some(100),
            partial_policies: Vec::new(),
            allowed: vec![Guard::Pause, Guard::Disable],
            require_complete: false,
            confirmation: Confirmation::Given,
        }
    }

    fn refusing(plan: &Plan, given: &GuardContext) -> Vec<Guard> {
        check_guards(plan, given).into_iter().map(|refusal| refusal.guard).collect()
    }

    #[test]
    fn where_nothing_is_in_the_way_no_guard_refuses() {
        assert_eq!(refusing(&pause_and_disable(), &clear()), []);
        assert_eq!(refusing(&pause_and_disable(), &GuardContext { max_share: None, ..clear() }), []);
        let asked = GuardContext { confirmation: Confirmation::WillBeAsked, ..clear() };
        assert_eq!(refusing(&pause_and_disable(), &asked), []);
    }

    #[test]
    fn each_guard_refuses_for_its_own_reason_and_no_other_does() {
        let at = |time: &str| GuardContext { now: time.parse().expect("a time"), ..clear() };
        for (given, guard) in [
            (GuardContext { altered: Some("a".to_owned()), ..clear() }, Guard::Altered),
            (
                GuardContext { policies: CurrentPolicies::Digest("sha256:2".to_owned()), ..clear() },
                Guard::OtherPolicies,
            ),
            (GuardContext { policies: CurrentPolicies::Unknown("gone".to_owned()), ..clear() }, Guard::OtherPolicies),
            (GuardContext { caller: account(8), ..clear() }, Guard::OtherCaller),
            (GuardContext { source: Environment::Simulation, ..clear() }, Guard::OtherCaller),
            (at("2027-04-01T12:00:01Z"), Guard::TooOld),
            (at("2027-03-31T11:54:59Z"), Guard::TooOld),
            (GuardContext { max_changes: 1, ..clear() }, Guard::MaxChanges),
            (GuardContext { max_share: Some(99), ..clear() }, Guard::MaxShare),
            (GuardContext { allowed: vec![Guard::Disable], ..clear() }, Guard::Pause),
            (GuardContext { allowed: vec![Guard::Pause], ..clear() }, Guard::Disable),
            (GuardContext { partial_policies: vec!["b.yaml".to_owned()], ..clear() }, Guard::PartialPolicies),
            (GuardContext { confirmation: Confirmation::Missing, ..clear() }, Guard::NotConfirmed),
        ] {
            assert_eq!(refusing(&pause_and_disable(), &given), [guard], "{given:?}");
        }
        assert_eq!(refusing(&pause_and_disable(), &at("2027-04-01T12:00:00Z")), [], "as old as it may be");
        assert_eq!(refusing(&pause_and_disable(), &at("2027-03-31T11:55:00Z")), [], "clocks differ by a little");
    }

    #[test]
    fn a_plan_back_is_held_against_no_policies() {
        let mut back = pause_and_disable();
        back.facts.basis = PlanSource::Journal { file: "j.jsonl".to_owned() };
        let given = GuardContext { policies: CurrentPolicies::Unknown("there are none".to_owned()), ..clear() };
        assert_eq!(refusing(&back, &given), []);
    }
}
