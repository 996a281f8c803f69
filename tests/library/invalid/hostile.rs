//! Files that somebody made to hurt, or that merely look like it: a clear error or the right acceptance, soon.

use std::fmt::Write as _;

use driftline::diagnostic::Code;

use super::fixtures::codes_in;
use super::one_file::{SOUND, assert_earns, assert_valid, explain, folder, validate};
use super::program::driftline;

#[test]
fn deep_nesting_is_refused() {
    let (open, close) = ("[".repeat(5000), "]".repeat(5000));
    for (name, text) in [
        ("flow.yaml", format!("version: 1\nmacie_sessions: {open}{close}\n")),
        ("open.yaml", format!("version: 1\nmacie_sessions: {open}")),
        ("tables.yaml", format!("{}1{}\n", "{a: ".repeat(5000), "}".repeat(5000))),
        ("block.yaml", format!("{}1\n", "- ".repeat(5000))),
        ("complex.yaml", format!("{}1\n", "? ".repeat(5000))),
        ("lists.toml", format!("version = 1\nmacie_sessions = {open}{close}\n")),
        ("tables.toml", format!("a = {}1{}\n", "{a=".repeat(5000), "}".repeat(5000))),
        ("keys.toml", format!("{}a = 1\n", "a.".repeat(5000))),
        ("header.toml", format!("[{}a]\nb = 1\n", "a.".repeat(5000))),
        ("lists.json", format!("{{\"version\": 1, \"macie_sessions\": {open}{close}}}\n")),
        ("open.json", open.clone()),
        ("tables.json", format!("{}1{}\n", "{\"a\":".repeat(5000), "}".repeat(5000))),
    ] {
        println!("{name}");
        assert_earns(&validate(name, text), Code::TooComplex);
    }
}

#[test]
fn aliases_that_expand_without_end_are_refused() {
    let mut laughs = String::from("a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(laughs, "a{level}: &a{level} [{below}]");
    }
    assert_earns(&validate("laughs.yaml", laughs), Code::TooComplex);
    // One large value, many times over.
    let blow_up = format!("a: &a [{}]\nb: [{}]\n", "1, ".repeat(10_000), "*a, ".repeat(10_000));
    assert_earns(&validate("quadratic.yaml", blow_up), Code::TooComplex);
    let text = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(1_000_000), "*a, ".repeat(10_000));
    assert_earns(&validate("long.yaml", text), Code::TooComplex);
    assert_earns(&validate("itself.yaml", "a: &a [*a]\n"), Code::Syntax);
}

#[test]
fn a_huge_file_is_refused_without_reading_it() {
    let folder = folder();
    for name in ["huge.yaml", "huge.toml", "huge.json"] {
        let file = std::fs::File::create(folder.path().join(name)).expect("a file");
        file.set_len(1 << 30).expect("a file with a hole in it");
    }
    let ran = driftline(folder.path(), &["validate", "."]);
    assert_earns(&ran, Code::FileTooLarge);
    assert!(ran.err.contains("error: 3 errors in the files"), "{}", ran.err);
}

#[test]
fn garbage_is_refused() {
    // The largest file there may be, of text that looks random and is the same in each run.
    let mut state = 7_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    let printable: String =
        (0..4 << 20).map(|_| char::from(u8::try_from(32 + random() % 95).expect("ASCII"))).collect();
    let lines: String = printable
        .chars()
        .enumerate()
        .map(|(index, character)| if index % 40 == 39 { '\n' } else { character })
        .collect();
    for language in ["yaml", "toml", "json"] {
        for text in [&printable, &lines, &"[".repeat(4 << 20), &"\"".repeat(4 << 20), &"a\n".repeat(2 << 20)] {
            let ran = validate(&format!("garbage.{language}"), text);
            println!("{language} {:?} {:?}", &text[..20], codes_in(&ran.err));
            assert_eq!(ran.code, Some(1), "{language}: {}", ran.err);
            assert!(!codes_in(&ran.err).is_empty(), "{language}: {}", ran.err);
            assert!(ran.err.len() < 1_000_000, "{language}: {} bytes on standard error", ran.err.len());
        }
    }
    let noise: Vec<u8> = (0..4 << 20).map(|_| u8::try_from(random() % 256).expect("a byte")).collect();
    assert_earns(&validate("noise.yaml", noise), Code::NotUtf8);
}

#[test]
fn a_hundred_thousand_mistakes_are_counted_and_not_all_shown() {
    let yaml = format!("version: 1\nmacie_sessions:\n{}", "  - acounts: 1\n    status: ENABLED\n".repeat(100_000));
    let one_line = format!("version: 1\nmacie_sessions: [{}]", "{acounts: 1,status: PAUSED},".repeat(100_000));
    let toml = format!("version = 1\n{}", "[[macie_sessions]]\nacounts=1\nstatus='PAUSED'\n".repeat(80_000));
    let bad_toml = format!("version = 1\n{}", "a = \n".repeat(100_000));
    let items = format!("{SOUND}  - accounts: [{}]\n    status: ENABLED\n", "1, ".repeat(100_000));
    for (name, text, count) in [
        ("block.yaml", yaml, 100_000),
        ("one-line.yaml", one_line, 100_000),
        ("lists.toml", toml, 80_000),
        // After so many, the parser's own are not counted any more.
        ("syntax.toml", bad_toml, 10_000),
        ("items.yaml", items, 100_000),
    ] {
        let ran = validate(name, text);
        assert_eq!(ran.code, Some(1), "{name}");
        assert!(ran.err.len() < 300_000, "{name}: {} bytes on standard error", ran.err.len());
        let end = &ran.err[ran.err.len().saturating_sub(200)..];
        assert!(ran.err.contains(&format!("and {} more; fix these first", count - 200)), "{name}: {end}");
        assert!(end.contains(&format!("error: {count} errors in the files")), "{name}: {end}");
    }
}

#[test]
fn large_honest_policies_are_accepted() {
    let ids = |count: u32, separator: &str| {
        (0..count)
            .map(|id| format!("\"{:012}\"", 100_000_000_000_u64 + u64::from(id)))
            .collect::<Vec<_>>()
            .join(separator)
    };
    let list = ids(50_000, "\n      - ");
    let block = format!("version: 1\nmacie_sessions:\n  - accounts:\n      - {list}\n    status: ENABLED\n");
    let flow = format!("version: 1\nmacie_sessions:\n  - accounts: [{}]\n    status: ENABLED\n", ids(100_000, ", "));
    let toml = format!("version = 1\n[[macie_sessions]]\naccounts = [{}]\nstatus = 'ENABLED'\n", ids(50_000, ", "));
    let json = format!(
        "{{\"version\": 1, \"macie_sessions\": [{{\"accounts\": [{}], \"status\": \"ENABLED\"}}]}}",
        ids(50_000, ", ")
    );
    // One list of ids, referred to from hundreds of places.
    let regions = ["eu-central-1", "eu-west-1", "eu-west-2", "us-east-1"]
        .map(|region| format!("  - accounts: *ids\n    regions: [{region}]\n    status: ENABLED\n").repeat(50));
    let first = format!("  - accounts: &ids [{}]\n    regions: [\"*\"]\n    status: ENABLED\n", ids(1000, ", "));
    let aliases = format!("version: 1\nmacie_sessions:\n{first}{}", regions.concat());
    for (name, text) in [
        ("block.yaml", &block),
        ("flow.yaml", &flow),
        ("aliases.yaml", &aliases),
        ("flow.toml", &toml),
        ("flow.json", &json),
    ] {
        assert_valid(&validate(name, text));
    }
}

#[test]
fn what_is_not_text_is_refused() {
    assert_earns(&validate("latin-1.yaml", b"version: 1\nname: Z\xfcrich\n"), Code::NotUtf8);
    assert_earns(&validate("utf-16.yaml", b"\xff\xfev\0e\0r\0s\0i\0o\0n\0:\0 \x001\0"), Code::NotUtf8);
    for name in ["nul.yaml", "nul.toml", "nul.json"] {
        let ran = validate(name, format!("\0{SOUND}\0"));
        assert_earns(&ran, Code::Syntax);
    }
    let ran = validate("nul-inside.yaml", SOUND.replace("ENABLED", "\"ENA\\0BLED\""));
    assert_earns(&ran, Code::UnknownWord);
}

#[test]
fn nothing_in_a_file_can_steer_the_terminal() {
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{7f}";
    let escaped = r"\e[2J\u009b31m\u202e\u2066\u200f\u061c\u2028\u007f\r\n";
    let toml_escaped = r"\u001b[2J\u009b31m\u202e\u2066\u200f\u061c\u2028\u007f\r\n";
    let declaration = |evil: &str| {
        format!(
            "version: 1\nmacie_sessions:\n  - accounts: [\"{evil}\"]\n    \"{evil}\": 1\n    name: \"{evil}\"\n    \
             regions: [\"{evil}\", \"{evil}*\"]\n    status: \"{evil}\"\n"
        )
    };
    let toml = |evil: &str| {
        format!(
            "version = 1\n[[macie_sessions]]\naccounts = [\"{evil}\"]\n\"{evil}\" = 1\nname = \"{evil}\"\nstatus = \"{evil}\"\n"
        )
    };
    let json = |evil: &str| {
        format!(
            "{{\"version\": 1, \"macie_sessions\": [{{\"accounts\": [\"{evil}\"], \"{evil}\": 1, \"status\": \"{evil}\"}}]}}"
        )
    };
    for (name, text) in [
        ("raw.yaml", declaration(evil)),
        ("escaped.yaml", declaration(escaped)),
        ("plain.yaml", SOUND.replace("ENABLED", &format!("x{evil}"))),
        ("raw.toml", toml(evil)),
        ("escaped.toml", toml(toml_escaped)),
        ("raw.json", json(evil)),
        ("escaped.json", json(&toml_escaped.replace("\\u001b", "\\u001B"))),
    ] {
        // The runner itself looks for raw control characters.
        assert_eq!(validate(name, text).code, Some(1), "{name}");
    }
    // A name with marks in it is valid, and shown without their power.
    let named = SOUND.replace("status", "name: \"pay\u{202e}ments\"\n    status");
    assert_eq!(explain("111122223333", "named.yaml", named).code, Some(0));
    assert_eq!(driftline(folder().path(), &["validate", "no\u{1b}[2J\u{202e}.yaml"]).code, Some(1));
}

#[test]
fn time_does_not_grow_with_the_square_of_a_file() {
    // Many declarations over the same accounts, each more specific than none: the worst case of a resolution.
    let mut text = String::from("version: 1\nmacie_sessions:\n");
    for id in 0..5000 {
        let _ = writeln!(text, "  - accounts: [\"{:012}\"]\n    status: ENABLED", 100_000_000_000_u64 + id);
    }
    assert_valid(&validate("policy.yaml", text));
}
