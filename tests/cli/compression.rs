//! Compressed JSON documents: `.gz` by name, read by the first bytes, under any name.

use std::io::{Read as _, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy};

const SIMULATED: [&str; 4] = ["check", "a.yaml", "--simulate", "world.yaml"];

/// One account with drift in one Region of two.
fn program() -> Driftline {
    let world = World::new().account(ACCOUNT, "sessions: {\"*\": {}, eu-west-1: {status: PAUSED}}");
    let declared = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1, eu-west-2], status: ENABLED");
    Driftline::new().policy("a.yaml", policy([declared])).world(&world)
}

fn bytes(program: &Driftline, file: &str) -> Vec<u8> {
    std::fs::read(program.path(file)).expect("a file")
}

fn write(program: &Driftline, file: &str, bytes: &[u8]) {
    std::fs::write(program.path(file), bytes).expect("a file");
}

fn decompressed(bytes: &[u8]) -> String {
    let mut text = String::new();
    MultiGzDecoder::new(bytes).read_to_string(&mut text).expect("gzip");
    text
}

fn compressed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

#[test]
fn json_and_jsonl_are_compressed_by_name_and_hold_the_same_each_time() {
    let program = program();
    let reports = ["--report", "json=r.json", "--report", "json=r.json.gz", "--report", "json=again.GZ"];
    let lines = ["--report", "jsonl=l.jsonl", "--report", "jsonl=l.jsonl.gz"];
    program.run_with(&[&SIMULATED[..], &reports, &lines].concat(), 2);
    for (plain, small) in [("r.json", "r.json.gz"), ("l.jsonl", "l.jsonl.gz")] {
        let bytes = bytes(&program, small);
        // The magic bytes, deflate, no flags: neither a name nor a comment; then a time of 0.
        assert_eq!(bytes.get(..8), Some(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0][..]), "{small}");
        assert!(decompressed(&bytes).as_bytes() == self::bytes(&program, plain), "{small}");
    }
    assert_eq!(bytes(&program, "r.json.gz"), bytes(&program, "again.GZ"), "neither name nor time");
    assert!(program.run_with(&["report", "r.json.gz", "--report", "json"], 2).stdout.starts_with('{'), "no gzip");
}

#[test]
fn no_other_format_is_compressed() {
    let program = program();
    for format in ["text", "csv", "sarif", "html", "markdown", "junit", "prometheus", "ocsf", "asff", "owners", "sns"] {
        let report = format!("{format}=out.gz");
        let ran = program.run_with(&[&SIMULATED[..], &["--report", &report]].concat(), 1);
        ran.says(&format!("{format} is not written compressed, only json and jsonl are"));
        assert!(!program.path("out.gz").exists(), "{format}");
    }
    program.run_with(&["report", "none.json", "--report", "csv=out.csv.GZ"], 1).says("csv is not written compressed");
    let apply = ["apply", "a.yaml", "--simulate", "world.yaml", "--auto-approve"];
    let ran = program.run_with(&[&apply[..], &["--journal", "j.jsonl.gz"]].concat(), 1);
    ran.says("the journal j.jsonl.gz cannot be written: such a file is not written compressed");
    program
        .run_with(&[&apply[..], &["--report", "junit=j.xml.gz"]].concat(), 1)
        .says("junit is not written compressed");
}

#[test]
fn every_saved_document_is_read_whatever_its_name() {
    let program = program();
    program.run_with(&[&SIMULATED[..], &["--report", "json=r.json.gz"]].concat(), 2);
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "s.json.gz"], 0);
    program.run_with(&["plan", "a.yaml", "--simulate", "world.yaml", "--out", "p.json.gz"], 2);
    for (from, to) in [("r.json.gz", "r"), ("s.json.gz", "s.json"), ("p.json.gz", "p.txt")] {
        assert!(bytes(&program, from).starts_with(&[0x1f, 0x8b]), "{from}");
        std::fs::copy(program.path(from), program.path(to)).expect("a copy");
    }
    assert!(program.run_with(&["report", "r"], 2).stdout.contains("eu-west-1"));
    program.run_with(&["check", "a.yaml", "--live", "s.json"], 2);
    program.run_with(&[&SIMULATED[..], &["--only-unread", "r"]].concat(), 2);
    let ran = program.run_with(&["apply", "p.txt", "--simulate", "world.yaml", "--auto-approve", "--dry-run"], 0);
    assert!(ran.stdout.contains("dry run: 1 change could be made"), "{}", ran.stdout);
    // Of two members, as `cat` of two compressed files makes them.
    let json = decompressed(&bytes(&program, "r.json.gz"));
    let (one, other) = json.as_bytes().split_at(json.len() / 2);
    write(&program, "two.gz", &[compressed(one), compressed(other)].concat());
    program.run_with(&["report", "two.gz"], 2);
}

#[test]
fn padding_is_ignored_and_members_without_content_are_limited() {
    let program = program();
    program.run_with(&[&SIMULATED[..], &["--report", "json=r.json.gz"]].concat(), 2);
    let whole = bytes(&program, "r.json.gz");
    write(&program, "padded.gz", &[whole.as_slice(), &[0; 1000]].concat());
    program.run_with(&["report", "padded.gz"], 2);
    write(&program, "more.gz", &[whole.as_slice(), &[0; 1000], b"x"].concat());
    program.run_with(&["report", "more.gz"], 1).says("it is a gzip file that is corrupt");
    write(&program, "empty.gz", &[compressed(b"").repeat(9000), whole].concat());
    let ran = program.run_with(&["report", "empty.gz"], 1);
    ran.says("empty.gz: it is a gzip file of more than 8192 members, the limit for such a file");
}

#[test]
fn a_saved_inventory_may_be_compressed() {
    let world = World::new()
        .account(CALLER, "sessions: {\"*\": {}}")
        .enabled(ACCOUNT)
        .organization(&format!("management: \"{CALLER}\""));
    let program = Driftline::new().policy("a.yaml", policy(["status: ENABLED"])).world(&world);
    program.run_with(&["inventory", "--simulate", "world.yaml", "--out", "accounts.json.gz"], 0);
    assert!(bytes(&program, "accounts.json.gz").starts_with(&[0x1f, 0x8b]));
    std::fs::rename(program.path("accounts.json.gz"), program.path("accounts")).expect("another name");
    let ran = program.run_with(&["targets", "a.yaml", "--inventory", "accounts"], 0);
    assert!(ran.stdout.contains(ACCOUNT), "{}", ran.stdout);
    let whole = bytes(&program, "accounts");
    write(&program, "accounts", &whole[..whole.len() - 4]);
    let ran = program.run_with(&["targets", "a.yaml", "--inventory", "accounts"], 1);
    ran.says("accounts cannot be read: it is a gzip file that is truncated");
}

#[test]
fn the_baseline_is_written_back_as_its_name_says() {
    let program = program();
    let since = |file: &str| program.run_with(&[&SIMULATED[..], &["--since", file]].concat(), 2);
    since("last.json.gz");
    assert!(since("last.json.gz").stdout.contains("0 new, 0 changed, 1 persisting, 0 resolved"));
    let whole = bytes(&program, "last.json.gz");
    assert!(decompressed(&whole).starts_with('{'));
    // The name decides what is written, the content what is read.
    write(&program, "last.json", &whole);
    assert!(since("last.json").stdout.contains("1 persisting"));
    assert!(program.read("last.json").starts_with('{'));
}

#[test]
fn a_damaged_baseline_is_replaced_only_if_it_is_a_truncated_report() {
    let program = program();
    let run = |exit: i32| program.run_with(&[&SIMULATED[..], &["--since", "last.json.gz"]].concat(), exit);
    run(2);
    let whole = bytes(&program, "last.json.gz");
    for end in [whole.len() / 2, whole.len() - 1] {
        write(&program, "last.json.gz", &whole[..end]);
        run(2).says(
            "the previous report in last.json.gz cannot be read, so everything is new: it is a gzip file that is truncated",
        );
    }
    let mut corrupt = whole.clone();
    let checksum = corrupt.len() - 8;
    corrupt[checksum] ^= 1;
    let other = compressed(b"{\"format\": \"driftline.plan\", \"format_version\": 1}");
    let newer = compressed(b"{\"format\": \"driftline.report\", \"format_version\": 2, \"tool\": {}}");
    for damaged in [corrupt, whole[..12].to_vec(), other.clone(), other[..other.len() - 3].to_vec(), newer] {
        write(&program, "last.json.gz", &damaged);
        run(1).says("last.json.gz");
        assert_eq!(bytes(&program, "last.json.gz"), damaged, "it stays");
    }
}

#[test]
fn a_damaged_document_is_an_error_that_names_it() {
    let program = program();
    let at = |name: &'static str| (name, program.path(name));
    program.run_with(&[&SIMULATED[..], &["--report", "json=r.json.gz"]].concat(), 2);
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "s.json.gz"], 0);
    program.run_with(&["plan", "a.yaml", "--simulate", "world.yaml", "--out", "p.json.gz"], 2);
    for (name, path) in ["r.json.gz", "s.json.gz", "p.json.gz"].map(at) {
        damage(&program, name, &path);
    }
    write(&program, "r.json.gz", &compressed(b"\xff"));
    program.run_with(&["report", "r.json.gz"], 1).says("r.json.gz: it is not UTF-8 text");
}

/// Truncates and corrupts a document, and reads it.
fn damage(program: &Driftline, name: &str, path: &Path) {
    let command: &[&str] = match name {
        "r.json.gz" => &["report", "r.json.gz"],
        "s.json.gz" => &["check", "a.yaml", "--live", "s.json.gz"],
        _ => &["apply", "p.json.gz", "--simulate", "world.yaml", "--auto-approve"],
    };
    let whole = std::fs::read(path).expect("a file");
    let mut corrupt = whole.clone();
    corrupt.truncate(whole.len() - 5);
    corrupt.extend([0; 5]);
    for (bytes, what) in [(&whole[..whole.len() - 1], "truncated"), (&corrupt[..], "corrupt")] {
        std::fs::write(path, bytes).expect("a file");
        let ran = program.run_with(command, 1);
        ran.says(name).says(&format!("it is a gzip file that is {what}"));
    }
}

/// The program gets a fifth of the memory that the content would take.
#[cfg(target_os = "linux")]
#[test]
fn what_is_too_large_uncompressed_takes_no_memory() {
    use std::process::Command;

    let program = program();
    // One MiB more than is read, in members of one MiB.
    write(&program, "bomb.json", &compressed(&vec![0; 1 << 20]).repeat(2049));
    let command = program.args(["report", "bomb.json"]);
    let mut limited = Command::new("sh");
    let whole = command.command();
    limited.args(["-c", "ulimit -v 400000 && exec \"$0\" \"$@\""]).arg(whole.get_program()).args(whole.get_args());
    limited.current_dir(command.path("")).env_clear();
    let output = limited.output().expect("sh");
    command.assert_exit(&output, 1).says("bomb.json: it is larger than 2048 MiB when uncompressed");
}
