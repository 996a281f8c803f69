//! Files that somebody made to hurt, or that merely look like it: a clear error or the right acceptance, soon.

use std::fmt::Write as _;

use driftline::diagnostic::Code;
use tempfile::TempDir;

use crate::fixtures::{DAY, codes_in};
use crate::program::{Ran, driftline};

/// A folder that is gone after the test.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Writes a file into the folder.
pub(crate) fn write(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// Validates one file of that name and text.
fn validate(name: &str, text: impl AsRef<[u8]>) -> Ran {
    let folder = folder();
    write(&folder, name, text);
    driftline(folder.path(), &["validate", name, DAY])
}

/// Says what is wanted in Frankfurt of an account, by one file of that name and text.
fn explain(account: &str, name: &str, text: impl AsRef<[u8]>) -> Ran {
    let folder = folder();
    write(&folder, name, text);
    driftline(folder.path(), &["explain", &format!("{account}/eu-central-1"), name])
}

/// That the run found mistakes of this code and no other, and said so in a text that a person can read.
pub(crate) fn assert_earns(ran: &Ran, code: Code) {
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_eq!(codes_in(&ran.err).into_iter().collect::<Vec<_>>(), [code], "{}", ran.err);
    assert!(ran.err.len() < 200_000, "{code}: {} bytes on standard error", ran.err.len());
    assert!(ran.out.is_empty(), "{}", ran.out);
}

/// That the run found nothing wrong.
pub(crate) fn assert_valid(ran: &Ran) {
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
}

const SOUND: &str = "version: 1\nmacie_sessions:\n  - accounts: [\"111122223333\"]\n    status: ENABLED\n";

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
    assert!(ran.err.contains("error: 3 mistakes in the files"), "{}", ran.err);
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
        assert!(ran.err.contains(&format!("and {} more; mend these first", count - 200)), "{name}: {end}");
        assert!(end.contains(&format!("error: {count} mistakes in the files")), "{name}: {end}");
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
fn line_ends_and_byte_order_marks_of_any_kind_are_accepted() {
    let toml = "version = 1\n[[macie_sessions]]\naccounts = [\"111122223333\"]\nstatus = \"ENABLED\"\n";
    let json =
        "{\"version\": 1,\n \"macie_sessions\": [{\"accounts\": [\"111122223333\"], \"status\": \"ENABLED\"}]}\n";
    for (language, text) in [("yaml", SOUND), ("toml", toml), ("json", json)] {
        let crlf = text.replace('\n', "\r\n");
        for text in [text, &crlf, &format!("\u{feff}{text}"), &format!("\u{feff}{crlf}"), text.trim_end()] {
            assert_valid(&validate(&format!("policy.{language}"), text));
        }
    }
    // Where lines end in CRLF, the right one is named.
    let ran = validate("policy.yaml", SOUND.replace('\n', "\r\n").replace("ENABLED", "Enabled"));
    assert_earns(&ran, Code::UnknownWord);
    assert!(ran.err.contains("policy.yaml:4:13"), "{}", ran.err);
}

#[test]
fn a_lone_carriage_return_never_hides_a_line() {
    // To YAML it ends a line, to TOML it is a mistake, to JSON it is white space.
    assert_valid(&validate("policy.yaml", SOUND.replace('\n', "\r")));
    let ran = validate("policy.yaml", SOUND.replace('\n', "\r").replace("ENABLED", "Enabled"));
    assert_earns(&ran, Code::UnknownWord);
    let ran = validate("policy.yaml", format!("{SOUND}    # harmless\rzebra: 1\n"));
    assert_earns(&ran, Code::UnknownKey);
    assert_earns(&validate("policy.toml", "version = 1 # harmless\rmacie_sessions = []\n"), Code::Syntax);
    let ran = validate("policy.json", "{\"version\": 1,\r\"macie_sessions\": [],\r\"zebra\": 1}");
    assert_earns(&ran, Code::UnknownKey);
}

#[test]
fn a_key_that_stands_twice_is_found_however_it_is_written() {
    for again in [
        "status: PAUSED",
        "\"status\": PAUSED",
        "'status': PAUSED",
        "\"\\x73tatus\": PAUSED",
        "? status\n    : PAUSED",
        "!!str status: PAUSED",
        "? >-\n      status\n    : PAUSED",
    ] {
        assert_earns(&validate("policy.yaml", format!("{SOUND}    {again}\n")), Code::DuplicateKey);
    }
    // Keys that only the parser takes for different: a number and the text of it are both no key, and the same one.
    let ran = validate("policy.yaml", format!("{SOUND}111122223333: 1\n'111122223333': 1\n"));
    assert_eq!(
        codes_in(&ran.err).into_iter().collect::<Vec<_>>(),
        [Code::DuplicateKey, Code::UnknownKey],
        "{}",
        ran.err
    );
}

#[test]
fn anchors_and_merge_keys_may_be_used() {
    let text = "\
version: 1
macie_sessions:
  - &payments
    name: payments
    accounts: &ids [\"111122223333\", 012345678901]
    regions: [eu-central-1]
    status: &on ENABLED
    severity: high
  - <<: *payments
    name: payments in Ireland
    regions: [eu-west-1]
    status: [*on, PAUSED]
  - accounts: *ids
    regions: [eu-north-1]
    status: *on
";
    assert_valid(&validate("policy.yaml", text));
    let ran = explain("012345678901", "policy.yaml", text);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("ENABLED") && ran.out.contains("high"), "{}", ran.out);
    // A mistake behind an alias is shown where the alias stands.
    let ran = validate("policy.yaml", text.replace("&on ENABLED", "&on Enabled"));
    assert_earns(&ran, Code::UnknownWord);
    assert!(ran.err.contains("policy.yaml:15:13"), "{}", ran.err);
    for text in [format!("{SOUND}    <<: 1\n"), format!("{SOUND}    <<: *nothing\n")] {
        assert_earns(&validate("policy.yaml", text), Code::Syntax);
    }
}

#[test]
fn a_file_is_one_document() {
    assert_valid(&validate("policy.yaml", format!("%YAML 1.2\n---\n{SOUND}...\n")));
    assert_earns(&validate("policy.yaml", format!("{SOUND}---\n{SOUND}")), Code::Syntax);
    // One that is not even YAML, and one that is empty, count too.
    assert_earns(&validate("policy.yaml", format!("{SOUND}---\n[\n")), Code::Syntax);
    assert_earns(&validate("policy.json", "{}{}"), Code::Syntax);
}

#[test]
fn tags_change_nothing_that_matters() {
    assert_valid(&validate("policy.yaml", SOUND.replace("ENABLED", "!!str ENABLED")));
    assert_valid(&validate("policy.yaml", SOUND.replace("\"1111", "!!str \"1111")));
    for tagged in
        ["!!binary RU5BQkxFRA==", "!!python/object:os.system ENABLED", "!include /etc/passwd", "!!set {ENABLED}"]
    {
        let ran = validate("policy.yaml", SOUND.replace("ENABLED", tagged));
        println!("{tagged}\n{}{}", ran.out, ran.err);
        assert!(!ran.err.contains("root:"), "{}", ran.err);
    }
}

#[test]
fn an_empty_file_is_a_mistake() {
    for name in ["empty.yaml", "empty.toml", "empty.json"] {
        for text in ["", "\n", " \n\n", "\u{feff}"] {
            let ran = validate(name, text);
            assert_earns(&ran, Code::MissingKey);
            assert!(ran.err.contains(name), "{name}: {}", ran.err);
        }
    }
}

#[test]
fn an_account_id_keeps_its_leading_zero() {
    let toml = "version = 1\n[[macie_sessions]]\naccounts = [\"012345678901\"]\nstatus = \"ENABLED\"\n";
    let json = "{\"version\": 1, \"macie_sessions\": [{\"accounts\": [\"012345678901\"], \"status\": \"ENABLED\"}]}";
    for (name, text) in [
        ("bare.yaml", SOUND.replace("\"111122223333\"", "012345678901")),
        // Without an 8 or a 9 it could be taken for an octal number.
        ("octal.yaml", SOUND.replace("\"111122223333\"", "012345670123")),
        ("quoted.yaml", SOUND.replace("\"111122223333\"", "'012345678901'")),
        ("quoted.toml", toml.to_owned()),
        ("quoted.json", json.to_owned()),
    ] {
        let account = if name == "octal.yaml" { "012345670123" } else { "012345678901" };
        let ran = explain(account, name, text);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.err);
        assert!(ran.out.contains("status: ENABLED"), "{name}: {}", ran.out);
    }
    for bare in [toml.replace("\"012345678901\"", "012345678901"), toml.replace("\"012345678901\"", "000000000000")] {
        let ran = validate("bare.toml", bare);
        assert_earns(&ran, Code::Syntax);
        assert!(ran.err.contains("put an account id in quotes"), "{}", ran.err);
    }
    let ran = validate("bare.json", json.replace("\"012345678901\"", "012345678901"));
    assert_earns(&ran, Code::Syntax);
    assert!(ran.err.contains("put an account id in quotes"), "{}", ran.err);
    // Other ways to write a number are no account ids, whatever their value.
    for odd in ["0x19DD4E8B95", "111_122_223_333", "1.11122223333e11", "+11122223333", "111122223333.0", "0o1475643512"]
    {
        assert_earns(&validate("odd.yaml", SOUND.replace("\"111122223333\"", odd)), Code::BadAccountId);
    }
}

#[test]
fn a_last_day_may_be_written_in_every_way_that_a_language_has() {
    let waived = |day: &str| format!("{SOUND}waivers:\n  - reason: migration\n    expires: {day}\n");
    for day in ["2027-03-31", "'2027-03-31'", "\"2027-03-31\"", "!!str 2027-03-31", ">-\n      2027-03-31"] {
        assert_valid(&validate("policy.yaml", waived(day)));
    }
    let toml = "version = 1\n[[macie_sessions]]\naccounts = [\"111122223333\"]\nstatus = \"ENABLED\"\n";
    for day in ["2027-03-31", "'2027-03-31'", "\"2027-03-31\""] {
        let waived = format!("{toml}[[waivers]]\nreason = \"migration\"\nexpires = {day}\n");
        assert_valid(&validate("policy.toml", waived));
    }
    let json = "{\"version\": 1, \"macie_sessions\": [{\"accounts\": [\"111122223333\"], \"status\": \"ENABLED\"}], \
                \"waivers\": [{\"reason\": \"migration\", \"expires\": \"2027-03-31\"}]}";
    assert_valid(&validate("policy.json", json));
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
