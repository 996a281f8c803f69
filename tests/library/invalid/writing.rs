//! The many ways to write one thing that the languages have: each is taken for what it means, or refused.

use driftline::diagnostic::Code;

use super::fixtures::codes_in;
use super::one_file::{SOUND, assert_earns, assert_valid, explain, validate};

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
        assert!(ran.err.contains("put account ids in quotes"), "{}", ran.err);
    }
    let ran = validate("bare.json", json.replace("\"012345678901\"", "012345678901"));
    assert_earns(&ran, Code::Syntax);
    assert!(ran.err.contains("put account ids in quotes"), "{}", ran.err);
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
