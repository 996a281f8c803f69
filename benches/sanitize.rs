//! What it costs to sanitize a text of 1 MB: it grows with the text, whatever is in it.
//!
//! `cargo bench --bench sanitize`.

use divan::{Bencher, black_box};
use driftline::diagnostic::{sanitize, strip_controls, write_json_line};
use driftline::report::terminal;

const LENGTH: usize = 1_000_000;

/// What is repeated up to 1 MB: words, what CI systems obey, what is replaced, and what looks like a command for long.
const PIECES: [&str; 6] = ["not authorized ", "##vso[", " ::", "\u{202e}", "section_start:", "##aaaaaaaa"];

fn main() {
    divan::main();
}

fn text(piece: &str) -> String {
    piece.repeat(LENGTH / piece.len())
}

#[divan::bench(args = PIECES)]
fn words(bencher: Bencher<'_, '_>, piece: &str) {
    let text = text(piece);
    bencher.bench(|| sanitize(black_box(&text)).len());
}

#[divan::bench(args = PIECES)]
fn line(bencher: Bencher<'_, '_>, piece: &str) {
    let text = text(piece);
    bencher.bench(|| terminal(black_box(&text)).len());
}

#[divan::bench(args = PIECES)]
fn lines(bencher: Bencher<'_, '_>, piece: &str) {
    let text = text(piece);
    bencher.bench(|| strip_controls(black_box(&text)).len());
}

#[divan::bench(args = PIECES)]
fn json(bencher: Bencher<'_, '_>, piece: &str) {
    let text = text(piece);
    bencher.bench(|| {
        let mut out = Vec::with_capacity(2 * LENGTH);
        write_json_line(black_box(text.as_str()), &mut out).map(|()| out.len())
    });
}
