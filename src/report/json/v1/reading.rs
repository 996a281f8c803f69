//! The reading of a target in the document, in both directions.

use std::borrow::Cow;
use std::sync::Arc;

use super::by_setting::BySetting;
use super::preferences::{self, PreferencesResult};
use super::target::{EvidenceResult, Live, UnreadEvidence};
use crate::aws::parse_denial;
use crate::diagnostic::quote;
use crate::model::{Evidence, Resource, SettingId, Target, Unread, UnreadReason};
use crate::report::json::parse_time;
use crate::report::model::{self, Basis, whole_seconds};
use crate::resource::macie_session::{Frequency, Status};
use crate::resource::session_manager_sessions::Sessions;
use crate::resource::{
    CompactTimestamp, ListedSession, LiveSession, LiveStatus, NotApplicable, NotEnabledEvidence, Reading, SettingKey,
    SettingReading,
};

/// The live state of a reading.
pub(in crate::report) fn live(reading: &Reading) -> Option<Live<'_>> {
    let time = |time: CompactTimestamp| whole_seconds(time.timestamp()).to_string().into();
    match reading {
        Reading::On(session) => Some(Live {
            status: session.status.as_status().as_str().into(),
            finding_publishing_frequency: Some(session.frequency.as_str().into()),
            service_role: session.service_role.as_deref().map(Into::into),
            created_at: session.created_at.map(time),
            updated_at: session.updated_at.map(time),
            note: session.note.as_deref().map(Into::into),
            further: known(session),
        }),
        Reading::Listed(session) => Some(status_alone(session.status.as_status())),
        Reading::NotEnabled(_) => Some(status_alone(Status::NotEnabled)),
        Reading::Preferences(_) | Reading::Sessions(_) | Reading::NotApplicable(_) | Reading::Unread(_) => None,
    }
}

/// The document behind the reading of a target with Session Manager preferences; `None` for any other resource.
pub(in crate::report) fn preferences(resource: Resource, reading: &Reading) -> Option<PreferencesResult<'_>> {
    (resource == Resource::SessionManagerPreferences).then(|| preferences::preferences(reading))
}

/// A status without anything else.
fn status_alone(status: Status) -> Live<'static> {
    Live {
        status: status.as_str().into(),
        finding_publishing_frequency: None,
        service_role: None,
        created_at: None,
        updated_at: None,
        note: None,
        further: BySetting::default(),
    }
}

/// The settings that other calls have read.
fn known(session: &LiveSession) -> BySetting<Cow<'_, str>> {
    let known = session.further.iter().flatten().filter_map(|(setting, reading)| match reading {
        SettingReading::Known(live) => Some((*setting, live.text())),
        SettingReading::NotApplicable | SettingReading::Unread(_) => None,
    });
    BySetting(known.collect())
}

/// Why each further setting is unread that could not be read.
pub(in crate::report) fn unread_settings(reading: &Reading) -> BySetting<UnreadEvidence<'_>> {
    let Reading::On(session) = reading else { return BySetting::default() };
    let unread_ones = session.further.iter().flatten().filter_map(|(setting, reading)| match reading {
        SettingReading::Unread(why) => Some((*setting, unread(why))),
        SettingReading::Known(_) | SettingReading::NotApplicable => None,
    });
    BySetting(unread_ones.collect())
}

/// The reading with the settings that could not be read.
///
/// # Errors
///
/// If the reading cannot have such settings, or has a value of one.
pub(in crate::report) fn with_unread_settings(
    mut reading: Reading,
    unread: &BySetting<UnreadEvidence<'_>>,
) -> Result<Reading, String> {
    let Some((first, _)) = unread.0.first() else { return Ok(reading) };
    let Reading::On(session) = &mut reading else {
        return Err(format!("`unread_settings.{first}`: further settings are read only of a session that is on"));
    };
    if let Some((setting, _)) = unread.0.iter().find(|(setting, _)| session.has_read(*setting)) {
        return Err(format!("`unread_settings.{setting}`: something is known of it, and it is unread"));
    }
    session.add_unread(unread.0.iter().map(|(setting, why)| (*setting, unread_of(why))));
    Ok(reading)
}

/// The settings that a session does not have.
pub(in crate::report) fn not_applicable_settings(reading: &Reading) -> Vec<SettingKey> {
    let Reading::On(session) = reading else { return Vec::new() };
    let further = session.further.iter().flatten();
    further
        .filter(|(_, reading)| *reading == SettingReading::NotApplicable)
        .map(|(setting, _)| (*setting).into())
        .collect()
}

/// The reading with the settings that the session does not have.
///
/// # Errors
///
/// If the reading cannot have such settings, or holds something else of one.
pub(in crate::report) fn with_not_applicable_settings(
    mut reading: Reading,
    settings: &[SettingKey],
) -> Result<Reading, String> {
    let Some(first) = settings.first() else { return Ok(reading) };
    let Reading::On(session) = &mut reading else {
        let why = "only of a session that is on, single settings do not apply";
        return Err(format!("`not_applicable_settings`: {}: {why}", first.as_str()));
    };
    for key in settings {
        let setting =
            key.resolve(Resource::MacieSession).map_err(|what| format!("`not_applicable_settings`: {what}"))?;
        if session.has(setting) || session.has_read(setting) {
            return Err(format!("`not_applicable_settings`: something else is known of `{setting}`"));
        }
        session.add([(setting, SettingReading::NotApplicable)]);
    }
    Ok(reading)
}

/// Why something is unread.
pub(in crate::report) fn unread(unread: &Unread) -> UnreadEvidence<'_> {
    let (denial, evidence) = (unread.denial.as_deref(), &unread.evidence);
    UnreadEvidence {
        reason: unread.reason,
        code: evidence.code.as_deref().map(Into::into),
        message: evidence.message.as_deref().map(Into::into),
        request_id: evidence.request_id.as_deref().map(Into::into),
        action: denial.and_then(|denial| denial.action.as_deref()).map(Into::into),
        principal: denial.and_then(|denial| denial.principal.as_deref()).map(Into::into),
        layer: denial.and_then(|denial| denial.layer),
        policy_arn: denial.and_then(|denial| denial.policy_arn.as_deref()).map(Into::into),
    }
}

/// The evidence behind a reading.
pub(in crate::report) fn evidence(reading: &Reading) -> Option<EvidenceResult<'_>> {
    let (basis, administrator) = model::basis(reading)?;
    let answer = match reading {
        Reading::NotEnabled(NotEnabledEvidence::Answer(answer)) => Some(answer),
        Reading::Preferences(preferences) => preferences.absence(),
        _ => None,
    };
    let text = |of: fn(&Evidence) -> Option<&str>| answer.and_then(of).map(Into::into);
    Some(EvidenceResult {
        basis,
        code: text(|answer| answer.code.as_deref()),
        message: text(|answer| answer.message.as_deref()),
        request_id: text(|answer| answer.request_id.as_deref()),
        administrator,
    })
}

/// What a file says of the reading of a target.
#[derive(Debug, Clone)]
pub(in crate::report) struct ReadingFields<'a> {
    /// The target.
    pub target: &'a Target,
    /// The live state.
    pub live: Option<&'a Live<'a>>,
    /// The document with its preferences.
    pub preferences: Option<&'a PreferencesResult<'a>>,
    /// The sessions of Session Manager.
    pub sessions: Option<Sessions>,
    /// The evidence behind it.
    pub evidence: Option<&'a EvidenceResult<'a>>,
    /// Why it is unread.
    pub unread: Option<&'a UnreadEvidence<'a>>,
}

impl ReadingFields<'_> {
    /// The reading. What no reading can have led to is an error.
    ///
    /// # Errors
    ///
    /// What does not fit.
    pub(in crate::report) fn reading(self) -> Result<Reading, String> {
        let Self { target, live, evidence, unread, .. } = self;
        evidence.map_or(Ok(()), alone)?;
        if live.is_some() && target.resource != Resource::MacieSession {
            return Err(format!("`live`: that is for the resource {}", Resource::MacieSession));
        }
        let preferences = self.preferences.filter(|preferences| !preferences.is_empty());
        if preferences.is_some() && target.resource != Resource::SessionManagerPreferences {
            return Err(format!("`preferences`: that is for the resource {}", Resource::SessionManagerPreferences));
        }
        if self.sessions.is_some() && target.resource != Resource::SessionManagerSessions {
            return Err(format!("`sessions`: that is for the resource {}", Resource::SessionManagerSessions));
        }
        if (live.is_some() || preferences.is_some() || self.sessions.is_some()) && unread.is_some() {
            return Err("something is known of it, and it is unread".to_owned());
        }
        if let Some(sessions) = self.sessions {
            let known = Reading::Sessions(sessions.into());
            return evidence.map_or(Ok(known), |_| Err("`evidence`: sessions have none".to_owned()));
        }
        match (live, preferences, unread) {
            (Some(live), ..) => on_or_off(live, evidence),
            (None, Some(preferences), _) => preferences::reading(target, preferences, answer(evidence)?),
            (None, None, Some(_)) if evidence.is_some() => {
                Err("it is unread, and `evidence` says how it is known".to_owned())
            }
            (None, None, Some(unread)) => Ok(Reading::Unread(unread_of(unread))),
            (None, None, None) => not_applicable(evidence),
        }
    }
}

/// The answer that there is no document, which is the only evidence behind preferences.
fn answer(evidence: Option<&EvidenceResult<'_>>) -> Result<Option<Evidence>, String> {
    let Some(found) = evidence else { return Ok(None) };
    if found.basis != Basis::Answer {
        return Err("`evidence`: preferences are known from an answer alone".to_owned());
    }
    let (code, message, request_id) = (found.code.as_ref(), found.message.as_ref(), found.request_id.as_ref());
    Ok(Some(kept_evidence(code, message, request_id)))
}

fn not_applicable(evidence: Option<&EvidenceResult<'_>>) -> Result<Reading, String> {
    let why = match evidence.map(|evidence| (evidence.basis, evidence.administrator)) {
        Some((Basis::NoMacieInRegion, _)) => NotApplicable::NoMacieInRegion,
        Some((Basis::RegionOff, _)) => NotApplicable::RegionOff,
        Some((Basis::RegionOffInferred, _)) => NotApplicable::RegionOffInferred,
        Some((Basis::RegionOffListed, Some(administrator))) => NotApplicable::RegionOffListed(administrator),
        _ => return Err("it does not say why it does not apply".to_owned()),
    };
    Ok(Reading::NotApplicable(why))
}

/// Only what AWS answered has words of AWS, and only what a list says has an administrator.
fn alone(evidence: &EvidenceResult<'_>) -> Result<(), String> {
    let is_answer = evidence.basis == Basis::Answer;
    let is_listed = matches!(evidence.basis, Basis::Listed | Basis::RegionOffListed);
    let has_words = evidence.code.is_some() || evidence.message.is_some() || evidence.request_id.is_some();
    if (has_words && !is_answer) || evidence.administrator.is_some() != is_listed {
        return Err("`evidence`: its fields do not fit its `basis`".to_owned());
    }
    Ok(())
}

/// Of a session that is off there is nothing but its status, and nothing else stands in a list of members.
fn status_only(live: &Live<'_>) -> Result<(), String> {
    let rest = [
        ("finding_publishing_frequency", live.finding_publishing_frequency.is_some()),
        ("service_role", live.service_role.is_some()),
        ("created_at", live.created_at.is_some()),
        ("updated_at", live.updated_at.is_some()),
        ("note", live.note.is_some()),
    ];
    match rest.into_iter().find(|(_, is_there)| *is_there) {
        Some((field, _)) => Err(format!("`live.{field}`: of this session only the status can be known")),
        None => Ok(()),
    }
}

fn on_or_off(live: &Live<'_>, evidence: Option<&EvidenceResult<'_>>) -> Result<Reading, String> {
    let status = match &*live.status {
        "ENABLED" => LiveStatus::Enabled,
        "PAUSED" => LiveStatus::Paused,
        "NOT_ENABLED" => return status_only(live).and_then(|()| off(evidence)),
        other => return Err(format!("its live status is the unknown word \"{}\"", quote(other))),
    };
    if let Some(evidence) = evidence {
        status_only(live)?;
        return match (evidence.basis, evidence.administrator) {
            (Basis::Listed, Some(administrator)) => Ok(Reading::Listed(ListedSession { status, administrator })),
            _ => Err("it does not say who lists its status".to_owned()),
        };
    }
    let word = live.finding_publishing_frequency.as_deref().unwrap_or_default();
    let frequency =
        Frequency::from_word(word).ok_or_else(|| format!("its frequency is the unknown word \"{}\"", quote(word)))?;
    Ok(Reading::On(LiveSession {
        status,
        frequency,
        service_role: live.service_role.as_deref().map(Into::into),
        created_at: moment("created_at", live.created_at.as_deref())?,
        updated_at: moment("updated_at", live.updated_at.as_deref())?,
        note: live.note.as_deref().map(Into::into),
        further: further(live)?,
    }))
}

/// Settings with what is known of each.
type SettingReadings = Box<[(SettingId, SettingReading)]>;

/// The settings that other calls had read.
fn further(live: &Live<'_>) -> Result<Option<SettingReadings>, String> {
    let known = live.further.0.iter().map(|(setting, word)| {
        let value =
            setting.parse(word).ok_or_else(|| format!("`live`: \"{}\" is no value of {setting}", quote(word)))?;
        Ok((*setting, SettingReading::Known(value.into())))
    });
    let known: Vec<_> = known.collect::<Result<_, String>>()?;
    Ok((!known.is_empty()).then(|| known.into()))
}

/// A time that is shown, never compared. One before Macie's day is none that is kept, and no fault.
fn moment(field: &str, text: Option<&str>) -> Result<Option<CompactTimestamp>, String> {
    let Some(text) = text else { return Ok(None) };
    parse_time(text).map(CompactTimestamp::from_timestamp).map_err(|what| format!("`live.{field}`: {what}"))
}

fn off(evidence: Option<&EvidenceResult<'_>>) -> Result<Reading, String> {
    let basis = match evidence {
        Some(known) => match (known.basis, known.administrator) {
            (Basis::Answer, _) => NotEnabledEvidence::Answer(kept_evidence(
                known.code.as_ref(),
                known.message.as_ref(),
                known.request_id.as_ref(),
            )),
            (Basis::RegionOff, _) => NotEnabledEvidence::RegionOff,
            (Basis::RegionOffListed, Some(administrator)) => NotEnabledEvidence::RegionOffListed(administrator),
            (Basis::NoMacieInRegion, _) => NotEnabledEvidence::NoMacieInRegion,
            _ => return Err("it is not enabled, and how that is known makes no sense".to_owned()),
        },
        None => return Err("it is not enabled, and does not say how that is known".to_owned()),
    };
    Ok(Reading::NotEnabled(basis))
}

fn unread_of(unread: &UnreadEvidence<'_>) -> Unread {
    Unread {
        reason: unread.reason,
        denial: unread
            .message
            .as_deref()
            .filter(|_| matches!(unread.reason, UnreadReason::Denied | UnreadReason::RoleNotAssumable))
            .and_then(parse_denial)
            .map(Arc::new),
        evidence: kept_evidence(unread.code.as_ref(), unread.message.as_ref(), unread.request_id.as_ref()),
    }
}

fn kept_evidence(
    code: Option<&Cow<'_, str>>,
    message: Option<&Cow<'_, str>>,
    request_id: Option<&Cow<'_, str>>,
) -> Evidence {
    Evidence::new(code.map(AsRef::as_ref), message.map(AsRef::as_ref), request_id.map(AsRef::as_ref))
}
