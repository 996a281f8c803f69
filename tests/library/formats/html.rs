//! The page: read as a browser does.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use driftline::report::{Format, FormatOptions, Report, Targets, View, findings};
use driftline::resource::{Outcome, Reading};
use html5gum::{Token, Tokenizer};
use proptest::prelude::proptest;
use sha2::{Digest as _, Sha256};

use super::any::{targets, view};
use super::fixture::{HOSTILE, clean, drawn, many, nothing_read, report};
use super::harmless;

/// A start tag with its attributes.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn has_class(&self, class: &str) -> bool {
        self.get("class").is_some_and(|classes| classes.split(' ').any(|word| word == class))
    }
}

fn page(report: &Report) -> String {
    drawn(report, Format::Html, &FormatOptions::default())
}

/// Every start tag of a page, in its order.
fn tags(page: &str) -> Vec<Tag> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let tag = |token| match token {
        Ok(Token::StartTag(tag)) => {
            let attributes = tag.attributes.iter().map(|(name, value)| (text(name), text(value))).collect();
            Some(Tag { name: text(&tag.name), attributes })
        }
        _ => None,
    };
    Tokenizer::new(page).filter_map(tag).collect()
}

/// The tags that the page is made of: whatever somebody else wrote adds none.
const TAGS: [&str; 45] = [
    "a", "bdi", "body", "caption", "code", "dd", "desc", "details", "div", "dl", "dt", "fieldset", "footer", "h1",
    "h2", "h3", "head", "header", "html", "input", "label", "legend", "li", "main", "meta", "nav", "p", "rect",
    "section", "span", "strong", "style", "summary", "svg", "table", "tbody", "td", "tfoot", "th", "thead", "time",
    "title", "tr", "ul", "wbr",
];

#[track_caller]
fn is_harmless(page: &str) {
    harmless::to_a_terminal(page);
    let mut ids = BTreeSet::new();
    for tag in tags(page) {
        assert!(TAGS.contains(&&*tag.name), "<{}>", tag.name);
        for (name, value) in &tag.attributes {
            assert!(!name.starts_with("on") && name != "style" && name != "src" && name != "srcset", "{name}={value}");
            assert!(name != "href" || value.starts_with('#'), "the page leads to {value}");
            assert!(name != "id" || ids.insert(value.clone()), "two elements are called {value}");
        }
    }
}

#[test]
fn the_page_of_everything() {
    let page = page(&report());
    is_harmless(&page);
    insta::assert_snapshot!(page.replace(include_str!("../../../src/report/formats/html/style.css"), "[style sheet]"));
}

#[test]
fn the_style_sheet_is_allowed_by_its_hash_and_nothing_else_is() {
    let page = page(&report());
    let (_, rest) = page.split_once("<style>").expect("a style sheet");
    let (style, _) = rest.split_once("</style>").expect("its end");
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let wanted = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    let tags = tags(&page);
    let policy =
        tags.iter().position(|tag| tag.get("http-equiv") == Some("Content-Security-Policy")).expect("a policy");
    assert_eq!(tags[policy].get("content"), Some(&*wanted));
    assert!(policy < tags.iter().position(|tag| tag.name == "style").expect("a style sheet"));
    assert!(!style.contains("url(") && !style.contains("@import"), "nothing is fetched");
}

#[test]
fn every_problem_is_a_finding_and_hostile_text_is_text() {
    for report in [report(), clean(), nothing_read()] {
        let page = page(&report);
        is_harmless(&page);
        let rows = tags(&page).iter().filter(|tag| tag.has_class("finding")).count();
        assert_eq!(rows, findings(&View::from(&report)).count());
    }
    let page = page(&report());
    for text in HOSTILE.iter().filter(|text| text.contains('<')) {
        assert!(!page.contains(text), "{text}");
    }
    assert!(page.contains("\\u{202e}"), "what reorders the text is shown");
}

#[test]
fn who_does_not_see_the_page_can_use_it() {
    let page = page(&report());
    let tags = tags(&page);
    assert_eq!(tags.iter().find(|tag| tag.name == "html").and_then(|tag| tag.get("lang")), Some("en"));
    for (name, count) in [("h1", 1), ("main", 1), ("title", 1)] {
        assert!(tags.iter().filter(|tag| tag.name == name).count() >= count, "<{name}>");
    }
    assert!(
        tags.iter().filter(|tag| tag.name == "th").all(|tag| tag.get("scope").is_some()),
        "headers say what they head"
    );
    let scrolls =
        tags.iter().find(|tag| tag.get("tabindex") == Some("0")).expect("what scrolls can be reached by keyboard");
    assert!(scrolls.get("aria-label").is_some() || scrolls.get("aria-labelledby").is_some());
}

#[test]
fn a_page_of_very_many_problems_says_what_it_leaves_out() {
    let report = many(30_000);
    let page = page(&report);
    assert!(page.len() < 10_000_000, "{} bytes", page.len());
    assert!(page.contains("left out so that the page stays below 10 MB"));
    let tags = tags(&page);
    let shown = tags.iter().filter(|tag| tag.has_class("finding")).count();
    assert!(shown > 1_000, "{shown} findings");
    let more = |what: &str| {
        let (before, _) = page.split_once(&format!(" more {what}, left out")).expect("what is left out is counted");
        before.rsplit(' ').next().and_then(|count| count.parse::<usize>().ok()).expect("a number")
    };
    assert_eq!(shown + more("settings") + more("unread targets"), findings(&View::from(&report)).count());
    leads_somewhere(&tags);
}

#[test]
fn a_page_stays_below_10_mb_whatever_there_is_too_much_of() {
    let report = report();
    let json = drawn(&report, Format::Json, &FormatOptions::default());
    let mut view = driftline::report::read_json(&json).expect("a report");
    let Targets::Saved(saved) = &view.targets else { panic!("the report was saved") };
    let of = |outcome| saved.iter().find(|target| target.outcome == outcome).expect("a target").clone();
    let kinds = [of(Outcome::Drifted), of(Outcome::Unread), of(Outcome::Waived)];
    let targets = (0..60_000_u64).map(|nth| {
        let mut target = kinds[usize::try_from(nth % 3).expect("a place")].clone();
        target.account = format!("{nth:012}").parse().expect("an id");
        target.account_name = Some("&".repeat(200).into());
        // A hundred and fifty Regions, which no AWS has.
        let word = if nth % 150 < 75 { "west" } else { "east" };
        target.region = format!("eu-{word}-{}", nth % 75).parse().expect("a Region");
        if let Reading::Unread(unread) = target.reading.to_mut() {
            unread.evidence.message = Some("<".repeat(5_000).into());
        }
        target
    });
    let targets = targets.collect();
    view.waivers = view.waivers.iter().cycle().take(20_000).cloned().collect();
    view.unreached = view.unreached.iter().cycle().take(20_000).cloned().collect();
    view.run.policy_files = (0..20_000).map(|nth| format!("{}{nth}.yaml", "<".repeat(50))).collect();
    view.targets = Targets::Saved(targets);
    view.ledger = view.targets.iter().map(|target| target.outcome).collect();
    let mut page = Vec::new();
    driftline::report::write_html(&view, &FormatOptions::default(), &mut page).expect("a vector takes everything");
    assert!(page.len() < 10_000_000, "{} bytes", page.len());
    assert!(page.len() > 5_000_000, "{} bytes: there is room for more", page.len());
    let page = String::from_utf8(page).expect("UTF-8");
    for what in ["settings", "unread targets", "accounts", "Regions", "waivers", "policy files"] {
        assert!(page.contains(&format!(" more {what}, left out")), "{what}");
    }
}

#[test]
fn what_leads_to_a_place_leads_to_one_that_is_there() {
    for report in [report(), clean(), nothing_read()] {
        leads_somewhere(&tags(&page(&report)));
    }
}

/// That every link and every name of an element finds it.
#[track_caller]
fn leads_somewhere(tags: &[Tag]) {
    let ids: BTreeSet<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
    for tag in tags {
        let link = tag.get("href").and_then(|link| link.strip_prefix('#'));
        for id in link.into_iter().chain(tag.get("aria-labelledby").into_iter().flat_map(|ids| ids.split(' '))) {
            assert!(ids.contains(id), "<{}> leads to {id}", tag.name);
        }
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn text_that_others_write_stays_text(targets in targets()) {
        let report = clean();
        let view = view(&targets, View::from(&report));
        let mut page = Vec::new();
        driftline::report::write_html(&view, &FormatOptions::default(), &mut page).expect("a vector takes everything");
        let page = String::from_utf8(page).expect("UTF-8");
        is_harmless(&page);
        let rows = tags(&page).iter().filter(|tag| tag.has_class("finding")).count();
        assert_eq!(rows, findings(&view).count());
    }
}
