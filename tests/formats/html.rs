//! The page: read as a browser does.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use driftline::report::{Format, FormatOptions, Report, View, problems};
use html5gum::{Token, Tokenizer};
use proptest::prelude::proptest;
use sha2::{Digest as _, Sha256};

use crate::any::{targets, view};
use crate::fixture::{HOSTILE, clean, drawn, many, nothing_read, report};
use crate::harmless;

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
const TAGS: [&str; 46] = [
    "a", "bdi", "body", "caption", "code", "dd", "desc", "details", "div", "dl", "dt", "fieldset", "footer", "h1",
    "h2", "h3", "h4", "head", "header", "html", "input", "label", "legend", "li", "main", "meta", "nav", "p", "rect",
    "section", "span", "style", "summary", "svg", "table", "tbody", "td", "text", "tfoot", "th", "thead", "time",
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
    insta::assert_snapshot!(page.replace(include_str!("../../src/report/formats/html/style.css"), "[style sheet]"));
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
        let findings = tags(&page).iter().filter(|tag| tag.has_class("finding")).count();
        assert_eq!(findings, problems(&View::from(&report)).count());
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
    let page = page(&many(30_000));
    assert!(page.len() < 10_000_000, "{} bytes", page.len());
    assert!(page.contains("left out so that the page stays below 10 MB"));
    let shown = tags(&page).iter().filter(|tag| tag.has_class("finding")).count();
    assert!(shown > 1_000, "{shown} findings");
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
        let findings = tags(&page).iter().filter(|tag| tag.has_class("finding")).count();
        assert_eq!(findings, problems(&view).count());
    }
}
