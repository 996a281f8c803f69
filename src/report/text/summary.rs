//! What stands above and below the accounts.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::TextOptions;
use super::layout::{labelled, wrapped};
use crate::drift::Verdict;
use crate::model::Source;
use crate::report::{View, counted, terminal};
use crate::session::Outcome;

pub(super) fn heading(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let (mut accounts, mut last) = (0, None);
    for target in report.targets.iter() {
        if last.replace(target.account) != Some(target.account) {
            accounts += 1;
        }
    }
    let source = match report.run.source {
        Source::Aws => "live from AWS",
        Source::Simulation => "live from a simulated AWS",
    };
    let day = report.run.as_of.as_ref().map_or_else(String::new, |day| format!("; waivers as on {day}"));
    let text = format!(
        "{}, {}, {}; {source}{day}. Drift is shown as wanted → live.",
        counted(report.run.policy_files.len(), "policy file"),
        counted(accounts, "account"),
        counted(report.targets.len(), "target"),
    );
    for line in wrapped(&text, options.width) {
        writeln!(out, "{}", options.paint.faint(&line))?;
    }
    writeln!(out)
}

/// More accounts than these are counted, not named.
const NAMED_AT_MOST: usize = 5;

/// The accounts of which nothing is wanted: an audit should say that it did not look there.
pub(super) fn unreached(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut accounts: Vec<String> = report
        .unreached
        .iter()
        .map(|account| match account.account_name.as_deref() {
            Some(name) => format!("{} ({})", account.account, terminal(name)),
            None => account.account.to_string(),
        })
        .collect();
    let text = match accounts.len() {
        0 => return Ok(()),
        1 => format!("no declaration reaches 1 account of the inventory: {}", accounts.concat()),
        count => {
            let rest = count.saturating_sub(NAMED_AT_MOST);
            accounts.truncate(NAMED_AT_MOST);
            let more =
                if rest > 0 { format!(" and {rest} more (`driftline targets` lists them)") } else { String::new() };
            format!("no declaration reaches {count} accounts of the inventory: {}{more}", accounts.join(", "))
        }
    };
    labelled("Unasked", &text, options, |part| options.paint.unsure(part), out)
}

pub(super) fn ledger(report: &View<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let ledger = report.ledger;
    let parts: Vec<String> = Outcome::ALL
        .iter()
        .map(|outcome| format!("{} {}", ledger.count(*outcome), outcome.as_str().replace('_', " ")))
        .collect();
    let noun = if ledger.declared == 1 { "target" } else { "targets" };
    labelled("Ledger", &format!("{} {noun} = {}", ledger.declared, parts.join(" + ")), options, str::to_owned, out)?;
    let requests = &report.requests;
    let mut calls =
        format!("{} to Macie, {} to STS, {} to Account Management", requests.macie2, requests.sts, requests.account);
    if requests.organizations > 0 {
        let _ = write!(calls, ", {} to Organizations", requests.organizations);
    }
    if requests.retried > 0 {
        let _ = write!(calls, "; {} of them retries", requests.retried);
    }
    if requests.access_denied > 0 {
        let _ = write!(calls, "; {} denied, which CloudTrail records as such", requests.access_denied);
    }
    labelled("Requests", &calls, options, |part| options.paint.faint(part), out)?;
    let (drifted, unread) = (ledger.drifted, ledger.unread);
    let verdict = match report.verdict {
        Verdict::InSync if ledger.waived > 0 => "in sync, but for drift that is waived; everything was read".to_owned(),
        Verdict::InSync => "in sync; everything was read".to_owned(),
        Verdict::Drift => format!("drift: {}; everything was read", differ(drifted)),
        Verdict::Incomplete => format!("incomplete: {}; no drift in the rest", not_read(unread)),
        Verdict::DriftAndIncomplete => format!("drift and incomplete: {}, {}", differ(drifted), not_read(unread)),
    };
    let paint = |part: &str| match report.verdict {
        Verdict::InSync => options.paint.good(part),
        Verdict::Drift | Verdict::DriftAndIncomplete => options.paint.bad(part),
        Verdict::Incomplete => options.paint.unsure(part),
    };
    labelled("Verdict", &terminal(&verdict), options, paint, out)
}

fn differ(count: usize) -> String {
    if count == 1 { "1 target is not as wanted".to_owned() } else { format!("{count} targets are not as wanted") }
}

fn not_read(count: usize) -> String {
    if count == 1 { "1 target could not be read".to_owned() } else { format!("{count} targets could not be read") }
}
