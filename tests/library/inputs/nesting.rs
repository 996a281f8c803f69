//! Nesting, as deep as a front end follows it, fits a stack that is small.

use driftline::document::Syntax;

use super::document::try_text;

/// Half of what a thread has, without optimisation; more than what the first thread of a program has on any system, with it. The rest is for
/// what the thread keeps for itself.
const STACK: usize = (1 << 20) + (1 << 16);

#[test]
fn nesting_fits_a_small_stack() {
    for (language, deepest) in [(Syntax::Yaml, 200), (Syntax::Toml, 200), (Syntax::Json, 200)] {
        let tries = move || {
            for depth in 1..deepest {
                let (open, close) = ("[".repeat(depth), "]".repeat(depth));
                let (tables, ends) = ("{\"a\": ".repeat(depth), "}".repeat(depth));
                let key = if language == Syntax::Toml { "a = " } else { "" };
                try_text(language, format!("{key}{open}1{close}").as_bytes());
                try_text(language, format!("{key}{open}").as_bytes());
                try_text(
                    language,
                    format!("{}1{ends}", tables.replace(": ", if key.is_empty() { ": " } else { " = " })).as_bytes(),
                );
            }
        };
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(tries).expect("a thread");
        assert!(thread.join().is_ok(), "{language:?}");
    }
}
