//! What holds for everything that a reader is told.

use driftline::diagnostic::{Diagnostics, Rendering, SourceId, Sources, Span, render};

/// More than two hundred diagnostics are never drawn, and none of them is long.
const DRAWN_AT_MOST: usize = 1 << 20;

/// More characters than these in one line nobody reads.
const READ_AT_MOST: usize = 500;

/// That a place lies in its file and cuts no character.
pub(crate) fn is_sound(span: Span, source: SourceId, sources: &Sources) {
    let text = sources.get(source).text();
    let (start, end) = (span.start as usize, span.end as usize);
    assert_eq!(span.source, source, "{span:?} is of another file");
    assert!(start <= end && end <= text.len(), "{span:?} is outside of {} bytes", text.len());
    assert!(text.is_char_boundary(start) && text.is_char_boundary(end), "{span:?} cuts a character");
}

/// That every place is sound, and that a person could read the whole.
pub(crate) fn can_be_read(diagnostics: &Diagnostics, sources: &Sources) {
    for diagnostic in diagnostics.sorted(sources) {
        for label in &diagnostic.labels {
            is_sound(label.span, label.span.source, sources);
        }
        assert!(!diagnostic.message.is_empty() && !diagnostic.message.contains(['\n', '\r']), "{diagnostic:?}");
    }
    let drawn = render(diagnostics, sources, Rendering { colour: false, width: 80 });
    assert_eq!(drawn.is_empty(), diagnostics.is_empty());
    assert!(drawn.len() < DRAWN_AT_MOST, "{} bytes for {} diagnostics", drawn.len(), diagnostics.len());
    steers_no_terminal(&drawn);
}

/// That an error is one line that moves nothing.
pub(crate) fn is_a_line(error: &str) {
    assert!(!error.trim().is_empty());
    assert!(!error.contains(['\n', '\t']), "{error:?}");
    steers_no_terminal(error);
}

/// That an error is one line that somebody would read to its end.
pub(crate) fn is_a_readable_line(error: &str) {
    is_a_line(error);
    let length = error.chars().count();
    assert!(length <= READ_AT_MOST, "{length} characters: {error:?}");
}

/// That a text moves no terminal and reorders nothing.
pub(crate) fn steers_no_terminal(text: &str) {
    let is_harmful = |letter: char| {
        (letter.is_control() && !matches!(letter, '\n' | '\t'))
            || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(is_harmful), "{text:?}");
}
