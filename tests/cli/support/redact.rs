//! Takes out what differs from run to run.

use std::path::Path;

/// In a mask, `0` stands for any digit, `x` for any hexadecimal digit, and everything else for itself.
const MASKS: [(&str, &str); 2] =
    [("0000-00-00T00:00:00Z", "[time]"), ("00000000-0000-4000-8000-xxxxxxxxxxxx", "[request id]")];

/// The text without times, digests, request ids, ports, this version, and the folder of the run.
pub(crate) fn redacted(text: &str, folder: &Path) -> String {
    let mut text = text.to_owned();
    for path in [folder.canonicalize().ok(), Some(folder.to_owned())].into_iter().flatten() {
        text = text.replace(&path.display().to_string(), "[folder]");
    }
    text = text.replace(&format!("driftline {}", env!("CARGO_PKG_VERSION")), "driftline [version]");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    text = text.replace(&version, "\"version\": \"[version]\"");
    text = masked(&text, &format!("sha256:{}", "x".repeat(64)), "[digest]");
    for (mask, word) in MASKS {
        text = masked(&text, mask, word);
    }
    without_ports(&text)
}

fn masked(text: &str, mask: &str, word: &str) -> String {
    let fits = |part: &str| {
        part.len() == mask.len()
            && part.bytes().zip(mask.bytes()).all(|(byte, mask)| match mask {
                b'0' => byte.is_ascii_digit(),
                b'x' => byte.is_ascii_hexdigit() || byte == b'x',
                _ => byte == mask,
            })
    };
    let (mut left, mut out) = (text, String::with_capacity(text.len()));
    while let Some(first) = left.chars().next() {
        if left.get(..mask.len()).is_some_and(fits) {
            out.push_str(word);
            left = &left[mask.len()..];
        } else {
            out.push(first);
            left = &left[first.len_utf8()..];
        }
    }
    out
}

fn without_ports(text: &str) -> String {
    const HOST: &str = "127.0.0.1:";
    let mut parts = text.split(HOST);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(HOST);
        out.push_str("[port]");
        out.push_str(part.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    }
    out
}

#[test]
fn what_differs_from_run_to_run_is_taken_out_and_nothing_else() {
    let text = "ü 2027-03-31T01:02:03Z at 127.0.0.1:4566, 2027-03-31, 111122223333, request 00000000-0000-4000-8000-00000000001f";
    assert_eq!(
        redacted(text, Path::new("/nowhere")),
        "ü [time] at 127.0.0.1:[port], 2027-03-31, 111122223333, request [request id]"
    );
}
