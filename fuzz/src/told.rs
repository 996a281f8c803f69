//! What holds for everything that a reader is told.

use driftline::diagnostic::{Diagnostics, Rendering, SourceId, Sources, Span, render};

/// More than two hundred diagnostics are never drawn, and none of them is long.
const DRAWN_AT_MOST: usize = 1 << 20;

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
    let is_harmful = |letter: char| {
        (letter.is_control() && !matches!(letter, '\n' | '\t'))
            || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!drawn.contains(is_harmful), "{drawn:?}");
}
