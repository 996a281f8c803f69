//! Any answers to the other calls that read: whose credentials these are, the role in another account, which Regions are on,
//! which accounts there are, and how many are members. What may be taken from them is said here a second time.

use std::collections::BTreeSet;

use driftline::aws::{AccountCredentials, AwsSession, CallFailure, RegionState};
use driftline::model::{AccountId, Unread};
use serde_json::Value;

use super::answer::Answer;
use super::aws::{OTHER, SECRET, with_aws};
use super::json::{is_json, value};
use super::told::is_a_readable_line;

/// Stands between two answers in the bytes.
const BETWEEN: u8 = 0xff;

/// More pages than these would have to wait for AWS's limits on how often it is asked.
const PAGES: usize = 8;

/// What is tried of some answers. The first byte says which call they are for.
pub fn try_answers(bytes: &[u8]) {
    let Some((call, rest)) = bytes.split_first() else { return };
    let answers: Vec<Answer> = rest.split(|byte| *byte == BETWEEN).take(PAGES).map(Answer::of).collect();
    match call {
        b'i' => try_identity(&answers),
        b'a' => try_role(&answers),
        b'r' => try_regions(&answers),
        b'o' => try_accounts(&answers),
        b'm' => try_members(&answers),
        other => match other % 4 {
            0 => try_identity(&answers),
            1 => try_role(&answers),
            2 => try_regions(&answers),
            _ => try_members(&answers),
        },
    }
}

/// The caller is who the answer names, or nobody.
fn try_identity(answers: &[Answer]) {
    match with_aws(|aws| aws.connect(answers)) {
        Ok(access) => {
            let named = answers.first().is_some_and(|answer| names(answer, access.caller().account));
            assert!(named, "{:?} of {answers:?}", access.caller());
        }
        Err(error) => {
            assert!(!error.to_string().contains(SECRET));
            assert!(!error.to_string().is_empty() && !error.help().is_empty());
        }
    }
}

/// Credentials are taken for those of an account only if an answer says that they are.
fn try_role(answers: &[Answer]) {
    let account: AccountId = OTHER.parse().expect("an id");
    let asking = async |access: &AwsSession, other: &AccountCredentials| {
        // Else the credentials of an earlier try would do.
        access.drop_credentials(account);
        access.refresh(other).await
    };
    let (opened, given) = with_aws(|aws| aws.ask(answers, async |access| asking(access, &aws.other).await));
    match opened {
        Ok(opened) => {
            assert_eq!(opened.account(), account);
            let proof = answers.get(given - 1).expect("an answer");
            assert!(given <= 2 && answers[..given].iter().all(Answer::is_well), "{answers:?}");
            assert!(names(proof, account), "{answers:?}");
            assert!(text_of(&answers[0]).contains("AccessKeyId"), "{answers:?}");
        }
        Err(Unread { evidence, .. }) => {
            assert!(evidence.code.is_some() || evidence.message.is_some());
            // A body that came with success may hold credentials, and is never told.
            let message = evidence.message.as_deref().unwrap_or_default();
            let came_well = answers.get(given.saturating_sub(1)).is_some_and(Answer::is_well);
            assert!(!came_well || !message.contains("SecretAccessKey"), "{message}");
        }
    }
}

/// A Region has no state but that which an answer gives it.
fn try_regions(answers: &[Answer]) {
    let (listed, given) = with_aws(|aws| aws.ask(answers, async |access| access.regions(&aws.own).await));
    let Some(states) = sound(listed) else { return };
    let Some(pages) = pages(&answers[..given], "NextToken") else { return };
    let entries: Vec<(&str, &str)> = items(&pages, "Regions")
        .filter_map(|entry| Some((entry.get("RegionName")?.as_str()?, entry.get("RegionOptStatus")?.as_str()?)))
        .collect();
    for (region, state) in states.iter() {
        let words: &[&str] = match state {
            RegionState::On => &["ENABLED", "ENABLED_BY_DEFAULT"],
            RegionState::Changing => &["ENABLING", "DISABLING"],
            RegionState::Off => &["DISABLED"],
        };
        let said = |(name, word): &(&str, &str)| *name == region.as_str() && words.contains(word);
        assert!(entries.iter().any(said), "{region} is {state:?} by {pages:?}");
    }
}

/// Every account of every page, and no other.
fn try_accounts(answers: &[Answer]) {
    let (listed, given) = with_aws(|aws| aws.ask_anew(answers, async |access| access.accounts(&|_| ()).await));
    match listed {
        Ok(accounts) => {
            let Some(pages) = pages(&answers[..given], "NextToken") else { return };
            let listed: Vec<Option<&str>> =
                items(&pages, "Accounts").map(|entry| entry.get("Id").and_then(Value::as_str)).collect();
            let found: Vec<String> = accounts.iter().map(|listed| listed.account.id.to_string()).collect();
            assert_eq!(found.iter().map(|id| Some(id.as_str())).collect::<Vec<_>>(), listed, "{pages:?}");
            assert!(!found.is_empty());
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.help().is_empty()),
    }
}

/// As many members as the pages name.
fn try_members(answers: &[Answer]) {
    let region = "eu-west-1".parse().expect("a Region");
    let (counted, given) = with_aws(|aws| aws.ask(answers, async |access| access.members(&aws.own, &region).await));
    let Some(count) = sound(counted) else { return };
    let Some(pages) = pages(&answers[..given], "nextToken") else { return };
    let ids: BTreeSet<&str> = items(&pages, "members").filter_map(|member| member.get("accountId")?.as_str()).collect();
    assert_eq!(count, ids.len(), "{pages:?}");
}

/// What was taken from the answers; else the failure says why.
fn sound<T>(asked: Result<T, CallFailure>) -> Option<T> {
    match asked {
        Ok(found) => Some(found),
        Err(failure) => {
            assert!(failure.code.is_some() || failure.message.is_some(), "{failure:?}");
            if failure.code.is_none() {
                is_a_readable_line(&driftline::report::terminal(failure.message.as_deref().unwrap_or_default()));
            }
            None
        }
    }
}

/// The pages of a list that was taken for whole: each came with 200 and in JSON, and none but the last names a next one. `None`
/// where one holds numbers so large that only its form can be looked at.
fn pages(answers: &[Answer], next: &str) -> Option<Vec<Value>> {
    assert!(!answers.is_empty());
    let page = |answer: &Answer| {
        assert!(answer.is_well(), "{answer:?}");
        // An empty body is an empty object to the SDK.
        let body = if answer.body.is_empty() { b"{}" } else { answer.body.as_slice() };
        assert!(is_json(body), "{:?}", String::from_utf8_lossy(body));
        value(body)
    };
    let pages: Vec<Value> = answers.iter().map(page).collect::<Option<_>>()?;
    let goes_on = |page: &Value| page.get(next).and_then(Value::as_str).is_some_and(|token| !token.is_empty());
    let (last, before) = pages.split_last().expect("a page");
    assert!(before.iter().all(goes_on) && !goes_on(last), "{pages:?}");
    Some(pages)
}

fn items<'a>(pages: &'a [Value], list: &'a str) -> impl Iterator<Item = &'a Value> {
    pages.iter().filter_map(move |page| page.get(list)?.as_array()).flatten().filter(|item| !item.is_null())
}

/// Whether an answer came well, and has an ARN of the account in it.
fn names(answer: &Answer, account: AccountId) -> bool {
    answer.is_well()
        && text_of(answer).split("arn:").skip(1).any(|arn| arn.split(':').nth(3) == Some(&account.to_string()))
}

/// The text of XML without what makes no difference to a parser: references for characters, comments, sections.
fn text_of(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body).replace("<![CDATA[", "").replace("]]>", "");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let mut plain = String::new();
    let mut rest = out.as_str();
    while let Some((before, after)) = rest.split_once("&#") {
        plain.push_str(before);
        let (digits, after) = after.split_once(';').unwrap_or((after, ""));
        let number = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        };
        plain.extend(number.and_then(char::from_u32));
        rest = after;
    }
    plain.push_str(rest);
    plain
}
