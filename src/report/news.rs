//! The list that messages begin with: what is new, newly unread, changed and resolved since an earlier report. Each format
//! renders it, and nothing in it is escaped for any.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::escape::shortened;
use super::finding::{Finding, findings};
use super::fold::folded;
use super::live_text::LiveText;
use super::messages::{self, pluralize};
use super::model::{ChangeMark, Changes, End, Resolved, View};
use crate::model::{AccountId, Resource, Severity};
use crate::resource::{LastChange, Outcome, settings};

/// The greatest length of a live value or an account's name in a headline.
const WORD_AT_MOST: usize = 40;

/// So many accounts that access was lost to share an entry: expired credentials would otherwise say the same of each.
const SHARED_BY_AT_LEAST: usize = 4;

/// Everything that changed since an earlier report, and in one line what did not.
#[derive(Debug)]
pub(super) struct News<'a> {
    changes: &'a Changes,
    /// By kind, then the most severe first, then by account. Regions of one account with the same news share an entry, and so do
    /// many accounts that access was lost to or came back to.
    entries: Vec<Entry>,
    /// Each waiver that became expiring, expired or unused.
    waivers: Vec<String>,
    /// What is as it was, in one line; `None` if nothing is left.
    rest: Option<String>,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) label: &'static str,
    pub(super) tone: Tone,
    /// Account, Regions, want and is, severity and declaration; or the waiver.
    pub(super) text: String,
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Drift.
    Bad,
    /// Something that is not known, or that somebody should look at.
    Warning,
    /// The end of a problem.
    Good,
}

/// One change, in one or several Regions of an account, or of many.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    kind: Kind,
    severity: Severity,
    accounts: Vec<(AccountId, Option<String>)>,
    regions: Vec<String>,
    /// What is wanted and what is, or what was.
    fact: String,
    /// The live value, or `unread`; empty for what ended.
    word: String,
    /// The file and the line of the declaration.
    origin: Option<(String, u32)>,
    /// When the live values were last changed, as far as the service says so.
    last_changes: Vec<LastChange>,
    /// Since when something is there that changed; of several, the first.
    since: Option<Timestamp>,
}

/// The kind of a change, in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Drift that was not there.
    New,
    /// Something unread that was read, or was not declared.
    NewlyUnread,
    /// A problem that is otherwise than it was.
    Changed,
    /// Drift of an unread target that no waiver covers any more.
    WaiverEnded,
    /// A problem that is not there any more, and whether that was something unread.
    Ended(End, bool),
}

/// What entries have in common whose Regions stand together.
type EntryKey = (Kind, Reverse<Severity>, Option<AccountId>, Resource, String, Option<(String, u32)>);

/// The number of unchanged findings by outcome.
#[derive(Default)]
struct Unchanged {
    drifted: usize,
    waived: usize,
    unread: usize,
    expected: usize,
}

impl<'a> News<'a> {
    /// The news of a report; `None` if it was not compared with an earlier one.
    pub(super) fn from_view(view: &'a View<'_>) -> Option<Self> {
        let changes = view.changes.as_ref().filter(|changes| changes.compared_with.is_some())?;
        let mut entries: BTreeMap<EntryKey, Entry> = BTreeMap::new();
        let mut add = |entry: Entry, resource: Resource| {
            let (severity, origin) = (Reverse(entry.severity), entry.origin.clone());
            let account = entry.accounts.first().map(|(account, _)| *account);
            let key = (entry.kind, severity, account, resource, entry.fact.clone(), origin);
            match entries.get_mut(&key) {
                Some(known) => {
                    known.regions.extend(entry.regions);
                    known.last_changes.extend(entry.last_changes);
                    known.since = known.since.into_iter().chain(entry.since).min();
                }
                None => drop(entries.insert(key, entry)),
            }
        };
        let mut unchanged = Unchanged::default();
        let is_as_before = |finding: &Finding<'_>| finding.mark() == Some(ChangeMark::Persisting);
        let (as_before, news): (Vec<Finding<'_>>, Vec<Finding<'_>>) = findings(view).partition(is_as_before);
        for finding in &as_before {
            unchanged.add(finding);
        }
        for finding in folded(news) {
            if let Some(entry) = Entry::from_finding(&finding) {
                add(entry, finding.target.resource);
            }
        }
        for ended in changes.resolved.iter().chain(changes.carried.iter().filter(|carried| carried.waiver_ended)) {
            add(Entry::from_ended(ended), ended.resource);
        }
        let waivers = view.waivers.iter().filter(|used| used.became.is_some());
        let waivers = waivers.map(|used| messages::waiver_news(used, view.today())).collect();
        let entries = shared(entries.into_values().collect());
        Some(Self { changes, entries, waivers, rest: unchanged.sentence(changes) })
    }

    /// The list. `path` spells the file of a declaration for a format.
    pub(super) fn lines(&self, path: impl Fn(&str) -> String) -> Vec<Line> {
        let entries = self.entries.iter().map(|entry| entry.line(&path));
        let waiver = |text: &String| Line { label: "waiver", tone: Tone::Warning, text: text.clone() };
        entries.chain(self.waivers.iter().map(waiver)).collect()
    }

    /// Whether unchanged findings are listed, too.
    pub(super) fn is_reminder(&self) -> bool {
        self.changes.is_reminder
    }

    /// The counts, and the first change in short: `1 new: payments-prod eu-central-1 PAUSED`.
    pub(super) fn headline(&self) -> String {
        let counts = counts(self.changes);
        if counts.is_empty() {
            return "nothing changed".to_owned();
        }
        let Some(first) = self.entries.first() else { return counts };
        let Some((id, name)) = first.accounts.first() else { return counts };
        let name = name.clone().unwrap_or_else(|| id.to_string());
        let region = first.regions.first().map_or("", String::as_str);
        let mut short = format!("{counts}: {} {region}", shortened(&name, WORD_AT_MOST));
        if !first.word.is_empty() {
            short.push(' ');
            short.push_str(&shortened(&first.word, WORD_AT_MOST));
        }
        let targets = |entry: &Entry| entry.accounts.len() * entry.regions.len();
        let more = self.entries.iter().map(targets).sum::<usize>() - 1;
        if more > 0 { format!("{short} and {more} more") } else { short }
    }

    /// What is as it was, in one line that follows the list; `None` if nothing is left.
    pub(super) fn rest(&self) -> Option<String> {
        let rest = self.rest.as_ref()?;
        let is_alone = self.changes.is_empty();
        Some(if is_alone { rest.clone() } else { format!("and {rest}") })
    }
}

/// The number of changes of each kind, without those that there are none of.
fn counts(changes: &Changes) -> String {
    let (ended, undeclared) = changes.ended();
    let was_unread = |kind: End| {
        let of_kind = |ended: &&Resolved| ended.kind == kind && ended.was_unread();
        changes.resolved.iter().filter(of_kind).count()
    };
    let (readable, not_applicable) = (was_unread(End::ReadableAgain), was_unread(End::NotApplicable));
    let counts = [
        (changes.new - changes.newly_unread, "new"),
        (changes.newly_unread, "newly unread"),
        (changes.changed, "changed"),
        (ended - readable - not_applicable, "resolved"),
        (readable, "readable again"),
        (not_applicable, "not applicable"),
        (undeclared, "not declared any more"),
    ];
    let mut parts: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if changes.waivers > 0 {
        parts.push(format!("{} to look at", pluralize(changes.waivers, "waiver")));
    }
    parts.join(", ")
}

/// The entries, with one for many accounts that lost access, or can be read again, in the same way and the same Regions.
fn shared(entries: Vec<Entry>) -> Vec<Entry> {
    let mut groups: Vec<Vec<Entry>> = Vec::new();
    let mut places = BTreeMap::new();
    for entry in entries {
        let is_access = matches!(entry.kind, Kind::NewlyUnread | Kind::Ended(_, true));
        let account = entry.accounts.first().filter(|_| !is_access).cloned();
        let same =
            (entry.kind, entry.severity, account, entry.fact.clone(), entry.origin.clone(), entry.regions.clone());
        let place = *places.entry(same).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups.into_iter().flat_map(share).collect()
}

/// One entry for many accounts.
fn share(mut group: Vec<Entry>) -> Vec<Entry> {
    if group.len() >= SHARED_BY_AT_LEAST {
        let accounts: Vec<_> = group.iter().flat_map(|entry| entry.accounts.clone()).collect();
        group.truncate(1);
        for entry in &mut group {
            entry.accounts.clone_from(&accounts);
        }
    }
    group
}

impl Entry {
    /// The entry of a finding; `None` if the finding is as it was.
    fn from_finding(finding: &Finding<'_>) -> Option<Self> {
        let unread = finding.unread();
        let kind = match finding.mark() {
            Some(ChangeMark::Persisting) => return None,
            Some(ChangeMark::Changed) => Kind::Changed,
            Some(ChangeMark::New) | None if unread.is_some() => Kind::NewlyUnread,
            Some(ChangeMark::New) | None => Kind::New,
        };
        let target = &finding.target;
        let live = finding.shown_live();
        Some(Self {
            kind,
            severity: finding.severity(),
            accounts: vec![(target.account, target.account_name.as_deref().map(str::to_owned))],
            regions: vec![target.region.to_string()],
            fact: finding.fact(),
            word: if unread.is_some() { "unread".to_owned() } else { live.to_string() },
            origin: finding.origin().map(|origin| (origin.file.clone(), origin.line)),
            last_changes: finding.last_change().into_iter().collect(),
            since: finding.since().filter(|_| kind == Kind::Changed),
        })
    }

    fn from_ended(ended: &Resolved) -> Self {
        let (kind, more, word) = match (ended.waiver_ended, ended.was.split_once(' ')) {
            (true, Some((_, live))) => (Kind::WaiverEnded, "; no waiver covers it any more", live_text(ended, live)),
            _ => (Kind::Ended(ended.kind, ended.was_unread()), "", LiveText::clause("")),
        };
        Self {
            kind,
            severity: Severity::Low,
            accounts: vec![(ended.account, ended.account_name.clone())],
            regions: vec![ended.region.to_string()],
            fact: format!("{} (was {}, since {}{more})", ended.resource.label(&ended.setting), was(ended), ended.since),
            word: word.to_string(),
            origin: None,
            last_changes: Vec::new(),
            since: None,
        }
    }

    fn line(&self, path: impl Fn(&str) -> String) -> Line {
        let (label, tone) = match self.kind {
            Kind::New => ("new", Tone::Bad),
            Kind::NewlyUnread => ("newly unread", Tone::Warning),
            Kind::Changed | Kind::WaiverEnded => ("changed", Tone::Bad),
            Kind::Ended(end @ (End::DriftEnded | End::ReadableAgain), _) => (end.as_str(), Tone::Good),
            // Nobody knows whether it ever applied.
            Kind::Ended(End::NotApplicable, true) => ("does not apply", Tone::Good),
            Kind::Ended(end, _) => (end.as_str(), Tone::Warning),
        };
        let id = |(account, name): &(AccountId, Option<String>)| messages::named_account(*account, name.as_deref());
        let ids: Vec<String> = self.accounts.iter().map(id).collect();
        let about = match (&self.origin, self.kind) {
            (_, Kind::Ended(..) | Kind::WaiverEnded) => String::new(),
            (Some((file, line)), _) => format!(" ({}, {}:{line})", self.severity, path(file)),
            (None, _) => format!(" ({})", self.severity),
        };
        let changed = LastChange::span(&self.last_changes).map(|span| format!(", changed {span}")).unwrap_or_default();
        let since = self.since.map_or_else(String::new, |since| format!(", there since {since}"));
        let regions = self.regions.join(", ");
        Line { label, tone, text: format!("{} {regions} {}{about}{changed}{since}", ids.join(", "), self.fact) }
    }
}

/// What was live, in words.
fn live_text<'a>(ended: &Resolved, live: &'a str) -> LiveText<'a> {
    let setting = settings().find(ended.resource, &ended.setting);
    setting.map_or_else(|| LiveText::value(live), |setting| LiveText::new(setting, live))
}

/// What a finding was that ended: `drifted PAUSED`, `drifted, violated by 1 of 2 sessions`.
fn was(ended: &Resolved) -> String {
    match ended.was.split_once(' ').map(|(outcome, live)| (outcome, live_text(ended, live))) {
        Some((outcome, live)) if live.as_clause().is_some() => format!("{outcome}, {live}"),
        Some((outcome, live)) => format!("{outcome} {live}"),
        None => ended.was.clone(),
    }
}

impl Unchanged {
    fn add(&mut self, finding: &Finding<'_>) {
        *match finding.outcome() {
            Outcome::Waived => &mut self.waived,
            Outcome::Unread if finding.is_expected() => &mut self.expected,
            Outcome::Unread => &mut self.unread,
            _ => &mut self.drifted,
        } += 1;
    }

    /// `88 as before: 35 drifted, 2 waived, 51 unread`.
    fn sentence(&self, changes: &Changes) -> Option<String> {
        let parts: Vec<String> = [
            (self.drifted, "drifted"),
            (self.waived, "waived"),
            (self.unread, "unread"),
            (self.expected, "unread as expected"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
        let all = self.drifted + self.waived + self.unread + self.expected;
        let mut sentences = Vec::new();
        if all > 0 {
            sentences.push(format!("{all} as before: {}", parts.join(", ")));
        }
        match changes.carried_drift().count() - changes.ended_waivers() {
            0 => {}
            hidden => sentences.push(messages::carried_drift(hidden)),
        }
        (!sentences.is_empty()).then(|| sentences.join("; "))
    }
}
