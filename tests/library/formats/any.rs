//! Any report: whatever others write in it, whatever came of it.

use std::borrow::Cow;

use driftline::drift::Ledger;
use driftline::model::{AccountId, Evidence, Origin, Resource, SettingId, Severity, Unread, UnreadReason};
use driftline::report::{SettingRow, Target, Targets, View, WaiverFacts};
use driftline::resource::{NotApplicable, Outcome, Reading, settings};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;

/// A setting but for its key: outcome, severity, what others write.
type Told = (Outcome, Severity, String);

/// Text that some consumer might obey, or any other.
fn text() -> impl Strategy<Value = String> {
    let pieces = vec(select(&super::fixture::HOSTILE[..]), 0..4).prop_map(|pieces| pieces.concat());
    let obeyed = select(
        &[
            "\r\n",
            "<!channel>",
            "\"",
            "\\",
            "|",
            "-",
            "  @x",
            "\u{fffe}",
            "＝1",
            "x",
            "##teamcity[x",
            "section_start:1:x",
            "\u{200b}",
            "\u{9b}",
        ][..],
    );
    (pieces, obeyed, any::<String>()).prop_map(|(pieces, obeyed, rest)| format!("{obeyed}{pieces}{rest}"))
}

fn setting_parts() -> impl Strategy<Value = Told> {
    let read = select(&[Outcome::InSync, Outcome::Drifted, Outcome::Waived, Outcome::NotApplicable][..]);
    (read, select(&Severity::ALL[..]), text())
}

fn setting(setting: SettingId, (outcome, severity, text): Told) -> SettingRow<'static> {
    let origin = Origin { file: "policies/a.yaml".to_owned(), line: 3, column: 5, declaration: Some(text.clone()) };
    let waiver = WaiverFacts {
        resource: Resource::default(),
        origin: Cow::Owned(origin.clone()),
        reason: text.clone().into(),
        owner: Some(text.clone().into()),
        expires: jiff::civil::date(2030, 1, 1),
        while_live: Vec::new(),
        while_live_by_setting: None,
        unread_reasons: None,
    };
    SettingRow {
        setting,
        desired: vec!["ENABLED".into(), text.clone().into()],
        live: matches!(outcome, Outcome::InSync | Outcome::Drifted | Outcome::Waived).then(|| text.into()),
        sessions: None,
        outcome,
        severity,
        origin: Cow::Owned(origin),
        overridden: Vec::new(),
        waiver: (outcome == Outcome::Waived).then_some(waiver),
        lapsed_waivers: Vec::new(),
        expected: None,
        unread: None,
        since: None,
        mark: None,
        review: None,
        base_desired: Vec::new(),
    }
}

/// A target: unread if it says why, else what its settings say, the worst first.
fn target(
    account: AccountId,
    region: &str,
    (told, unread, name): (Vec<Told>, Option<(UnreadReason, String)>, Option<String>),
) -> Target<'static> {
    let is_unread = unread.is_some();
    let told = told.into_iter().map(|told| if is_unread { (Outcome::Unread, told.1, told.2) } else { told });
    let settings: Vec<SettingRow<'_>> = settings().iter().zip(told).map(|(key, told)| setting(key, told)).collect();
    let worst = [Outcome::Unread, Outcome::Drifted, Outcome::Waived, Outcome::InSync, Outcome::NotApplicable];
    let is_there = |outcome: &Outcome| settings.iter().any(|setting| setting.outcome == *outcome);
    Target {
        resource: Resource::MacieSession,
        account,
        account_name: name.map(Into::into),
        account_state: None,
        region: region.parse().expect("a Region"),
        outcome: worst.into_iter().find(is_there).unwrap_or(Outcome::InSync),
        reading: Cow::Owned(unread.map_or(Reading::NotApplicable(NotApplicable::RegionOff), |(reason, text)| {
            let text = || Some(text.as_str().into());
            let evidence = Evidence { code: text(), message: text(), request_id: text() };
            Reading::Unread(Unread { reason, denial: None, evidence })
        })),
        sessions: None,
        read_at: None,
        settings,
        since: None,
        mark: None,
        expected: None,
        review: None,
    }
}

/// The targets of a report, sorted.
pub(crate) fn targets() -> impl Strategy<Value = Vec<Target<'static>>> {
    let place = (0_u64..5, select(&["eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1"][..]));
    let unread = option::weighted(0.3, (select(&UnreadReason::ALL[..]), text()));
    btree_map(place, (vec(setting_parts(), 1..=2), unread, option::of(text())), 0..40).prop_map(|found| {
        let of = |((account, region), what): ((u64, &str), _)| {
            target(format!("{account:012}").parse().expect("an id"), region, what)
        };
        found.into_iter().map(of).collect()
    })
}

/// A report of these targets, otherwise as another one.
pub(crate) fn view<'a>(targets: &[Target<'static>], like: View<'a>) -> View<'a> {
    let ledger: Ledger = targets.iter().map(|target| target.outcome).collect();
    View { verdict: ledger.verdict(), ledger, targets: Targets::Saved(targets.to_vec()), ..like }
}
