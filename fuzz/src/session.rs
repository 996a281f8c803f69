//! Any answer to GetMacieSession. What it may be read as is said here a second time, without the program's own table.

use driftline::model::Evidence;
use driftline::resource::{LiveStatus, NotEnabledEvidence, Reading, Response as Read, macie_session};

use super::answer::Answer;
use super::aws::{SECRET, with_aws};
use super::json::fields;

/// What is tried of one answer.
pub fn try_answer(bytes: &[u8]) {
    let answer = Answer::of(bytes);
    let region = "eu-west-1".parse().expect("a Region");
    let (read, given) = with_aws(|aws| {
        aws.ask(std::slice::from_ref(&answer), async |access| {
            macie_session::interpret(access.macie_session(&aws.own, &region).await)
        })
    });
    assert_eq!(given, 1, "one answer, and nothing is asked for twice");
    assert!(!format!("{read:?}").contains(SECRET));
    match &read {
        Read::Reading(Reading::On(session)) => {
            let status = match session.status {
                LiveStatus::Enabled => "ENABLED",
                LiveStatus::Paused => "PAUSED",
            };
            let said = said_session(&answer);
            assert_eq!(
                said,
                Some((status.to_owned(), session.frequency.as_str().to_owned())),
                "{read:?} of {answer:?}"
            );
        }
        Read::Reading(Reading::NotEnabled(NotEnabledEvidence::Answer(evidence))) => {
            assert!(says_not_enabled(&answer), "{read:?} of {answer:?}");
            says_something(evidence);
        }
        Read::Reading(Reading::Unread(unread)) => {
            says_something(&unread.evidence);
            assert!(!is_plainly_a_session(&answer), "{read:?} of {answer:?}");
        }
        Read::TokenRefused(failure) => assert!(failure.code.is_some() && !is_plainly_a_session(&answer)),
        Read::Reading(_) => panic!("{read:?} of one answer alone"),
    }
}

fn says_something(evidence: &Evidence) {
    assert!(evidence.code.is_some() || evidence.message.as_deref().is_some_and(|message| !message.is_empty()));
}

/// Status and frequency, if the answer came whole, with 200, and says both in JSON and in known words.
fn said_session(answer: &Answer) -> Option<(String, String)> {
    if !answer.is_well() {
        return None;
    }
    let fields = fields(&answer.body)?;
    let word = |key: &str, known: &[&str]| {
        let word = fields.get(key)?.as_str()?;
        known.contains(&word).then(|| word.to_owned())
    };
    let frequency = word("findingPublishingFrequency", &["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"])?;
    Some((word("status", &["ENABLED", "PAUSED"])?, frequency))
}

/// Whether there is nothing in it but what makes a session: what is read as unknown then was given up for no reason.
fn is_plainly_a_session(answer: &Answer) -> bool {
    let alone = fields(&answer.body).is_some_and(|fields| fields.len() == 2);
    // Bytes that no library would take for a header's value spoil the whole answer.
    let plain = answer.headers.len() < 20 && answer.headers.iter().all(|(_, value)| value.is_ascii());
    alone && plain && said_session(answer).is_some()
}

/// Whether the code is that of a missing session; or that of a denial, with a message that says that Macie is off, and none that
/// speaks of authorization.
fn says_not_enabled(answer: &Answer) -> bool {
    if !answer.is_whole || answer.status == 200 {
        return false;
    }
    let fields = fields(&answer.body).unwrap_or_default();
    let text = |key: &str| fields.get(key)?.as_str().map(str::to_owned);
    let given = answer.header("x-amzn-errortype").map(|code| String::from_utf8_lossy(code).into_owned());
    let code = given.or_else(|| text("code")).or_else(|| text("__type")).unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    let code = code.split_once('#').map_or(code, |(_, code)| code);
    let says_so = |message: &String| {
        let message = message.to_lowercase().replace(['\u{2018}', '\u{2019}'], "'");
        let off = ["macie is not enabled", "macie isn't enabled"].iter().any(|words| message.contains(words));
        off && !["authoriz", "authoris"].iter().any(|words| message.contains(words))
    };
    let messages: Vec<String> = ["message", "Message", "errorMessage"].iter().filter_map(|key| text(key)).collect();
    match code {
        "ResourceNotFoundException" => true,
        "AccessDeniedException" => !messages.is_empty() && messages.iter().all(says_so),
        _ => false,
    }
}
