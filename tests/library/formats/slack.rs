//! `slack`: a message within what Slack takes, which calls nobody.

use driftline::report::{Format, FormatOptions, Report, View, worst_first};
use serde_json::Value;

use super::fixture::{HOSTILE, clean, drawn, many, nothing_read, report};
use super::laws::stands_for;

fn of(report: &Report, policy_set: &str) -> Value {
    let options = FormatOptions { policy_set: policy_set.to_owned(), ..FormatOptions::default() };
    serde_json::from_str(&drawn(report, Format::Slack, &options)).expect("a payload")
}

/// The texts of the blocks, with their types.
fn texts(payload: &Value) -> Vec<(String, String)> {
    let text = |object: &Value| {
        let field = |name: &str| object[name].as_str().expect("text").to_owned();
        (field("type"), field("text"))
    };
    let of_block = |block: &Value| match block["elements"].as_array() {
        Some(elements) => elements.iter().map(text).collect(),
        None => vec![text(&block["text"])],
    };
    payload["blocks"].as_array().expect("blocks").iter().flat_map(of_block).collect()
}

/// The problems that a payload lists.
fn listed(payload: &Value) -> usize {
    let texts = texts(payload);
    let lines = texts.iter().flat_map(|(_, text)| text.lines()).filter_map(|line| line.strip_prefix("• *"));
    lines.filter_map(|line| line.split_once("* ")).map(|(_, text)| stands_for(text)).sum()
}

fn is_within_limits(payload: &Value) {
    let units = |text: &str| text.encode_utf16().count();
    let blocks = payload["blocks"].as_array().expect("blocks");
    assert!(blocks.len() <= 20);
    assert!(units(blocks[0]["text"]["text"].as_str().expect("a header")) <= 150);
    let texts = texts(payload);
    for (_, text) in &texts {
        assert!(!text.is_empty() && units(text) <= 3_000, "{}", units(text));
    }
    assert!(texts.iter().map(|(_, text)| units(text)).sum::<usize>() < 13_000);
}

#[test]
fn the_payload() {
    insta::assert_snapshot!(drawn(&report(), Format::Slack, &FormatOptions::default()));
}

#[test]
fn what_is_in_sync_is_told_in_brief() {
    insta::assert_snapshot!(drawn(&clean(), Format::Slack, &FormatOptions::default()));
}

#[test]
fn every_problem_is_listed_where_there_is_room() {
    for report in [clean(), many(30)] {
        assert_eq!(listed(&of(&report, "default")), worst_first(&View::from(&report)).len());
    }
    let payload = of(&nothing_read(), "default");
    assert_eq!(listed(&payload), 0, "one cause is stated once");
    assert!(texts(&payload).iter().any(|(_, text)| text.contains("was denied in all 3")), "{payload}");
}

#[test]
fn what_there_is_no_room_for_is_counted() {
    for report in [report(), many(20_000)] {
        let payload = of(&report, "default");
        is_within_limits(&payload);
        let left_out = worst_first(&View::from(&report)).len() - listed(&payload);
        let said = format!("… and {left_out} more problems, none of them more severe, in the full report.");
        assert_eq!(texts(&payload).iter().any(|(_, text)| *text == said), left_out > 0, "{said}");
    }
}

#[test]
fn the_worst_come_first() {
    let payload = of(&report(), "default");
    let lines: Vec<String> =
        texts(&payload).into_iter().flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let severities = lines.iter().filter_map(|line| line.strip_prefix("• *")?.split('*').next());
    let order = ["critical", "high", "medium", "low"];
    let places: Vec<_> = severities.map(|severity| order.iter().position(|known| *known == severity)).collect();
    assert!(places.is_sorted() && places.len() > 5, "{places:?}");
}

#[test]
fn text_of_others_calls_nobody_and_breaks_nothing() {
    let calls = "<!channel> <!here> <@U012AB3CD> <https://x.example|click> & *bold* `code` @team #12";
    let set = format!("{calls}\n{}", HOSTILE.concat());
    for report in [report(), clean(), many(20_000)] {
        let payload = of(&report, &set);
        is_within_limits(&payload);
        let fallback = payload["text"].as_str().expect("a fallback").to_owned();
        assert!(fallback.starts_with("driftline: ") && !fallback.contains(['<', '>', '&', '@']));
        for (kind, text) in texts(&payload) {
            for piece in &HOSTILE[..5] {
                assert!(!text.contains(piece), "{piece:?}");
            }
            assert!(!text.contains(['<', '>']), "{text}");
            let entities = ["&amp;", "&lt;", "&gt;"].iter().map(|entity| text.matches(entity).count()).sum::<usize>();
            assert_eq!(entities, text.matches('&').count(), "an ampersand by itself, or a cut entity: {text}");
            assert!(kind == "mrkdwn" || !text.contains('@'));
        }
        let blocks = payload["blocks"].to_string();
        assert_eq!(blocks.matches("\"mrkdwn\"").count(), blocks.matches("\"verbatim\":true").count());
    }
}

#[test]
fn a_problem_in_brief_fits_in_a_section_even_if_all_of_it_is_escaped() {
    let json = drawn(&many(3), Format::Json, &FormatOptions::default());
    let hostile = "&".repeat(5_000);
    let altered = json
        .replace("policies/a.yaml", &hostile)
        .replace("\"account_name\": null", &format!("\"account_name\": \"{hostile}\""))
        .replace("ThrottlingException", &hostile);
    let view = driftline::report::read_json(&altered).expect("a sound report");
    let mut out = Vec::new();
    let options = FormatOptions { policy_set: hostile, ..FormatOptions::default() };
    driftline::report::write_slack(&view, &options, &mut out).expect("a vector takes everything");
    let payload: Value = serde_json::from_slice(&out).expect("a payload");
    is_within_limits(&payload);
    assert_eq!(listed(&payload), 3);
}
