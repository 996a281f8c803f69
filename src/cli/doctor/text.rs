//! A diagnosis as text.

use std::io::{self, Write};

use super::diagnosis::{CheckState, Diagnosis, DoctorCheck, Health};
use crate::cli::offline_output::{plain, write_paragraph};
use crate::report::{Detail, Paint, TextOptions, pluralize, terminal};

/// Maximum of checks in a row that are listed if they have the same kind and state.
const ALIKE_AT_MOST: usize = 10;

/// Writes the checks by section, and the verdict.
pub(super) fn write_text(diagnosis: &Diagnosis, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if options.detail > Detail::Quiet {
        for section in diagnosis.checks().chunk_by(|one, next| one.id.heading() == next.id.heading()) {
            let heading = section.first().map_or("", |check| check.id.heading());
            writeln!(out, "{}", options.paint.strong(heading))?;
            for same in section.chunk_by(belong_together) {
                write_same(same, options, out)?;
            }
            writeln!(out)?;
        }
    }
    let (health, paint) = (diagnosis.health(), options.paint);
    let colour = |text: &str| match health {
        Health::Ok => paint.good(text),
        Health::Incomplete => paint.warn(text),
        Health::NoResult => paint.bad(text),
    };
    write_paragraph("", &verdict(diagnosis), options.width, colour, out)
}

/// Whether two checks belong together: of one kind and state, or skipped for the same reason.
fn belong_together(one: &DoctorCheck, next: &DoctorCheck) -> bool {
    if one.state == CheckState::Skipped && next.state == CheckState::Skipped {
        return one.detail == next.detail && one.fix == next.fix;
    }
    one.id == next.id && one.state == next.state
}

/// Checks of one kind, or skipped ones that share a line.
fn write_same(checks: &[DoctorCheck], options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    match checks {
        [first, .., last] if first.id != last.id => {
            let subjects: Vec<&str> = checks.iter().map(|check| check.subject.as_str()).collect();
            write_check(&subjects.join(", "), first, options, out)
        }
        _ => write_alike(checks, options, out),
    }
}

/// Checks of one kind and state; of many failures, the first ones.
fn write_alike(checks: &[DoctorCheck], options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let is_cut = options.detail < Detail::Verbose && checks.iter().all(|check| check.state != CheckState::Ok);
    let shown = if is_cut { ALIKE_AT_MOST } else { usize::MAX };
    for check in checks.iter().take(shown) {
        write_check(&check.subject, check, options, out)?;
    }
    match checks.len().saturating_sub(shown) {
        0 => Ok(()),
        more => write_paragraph("    ", &format!("and {more} more: see --verbose"), options.width, plain, out),
    }
}

fn write_check(subject: &str, check: &DoctorCheck, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    let mark = mark(check.state, paint);
    let text = format!("{}: {}", terminal(subject), terminal(&check.detail));
    let colour = |line: &str| match check.state {
        CheckState::Skipped => paint.faint(line),
        CheckState::Ok | CheckState::Warning | CheckState::Error => line.to_owned(),
    };
    // The mark has a colour of its own, which takes no columns.
    let mut lines = Vec::new();
    write_paragraph("    ", &text, options.width, colour, &mut lines)?;
    let lines = String::from_utf8_lossy(&lines);
    write!(out, "  {mark} {}", lines.strip_prefix("    ").unwrap_or(&lines))?;
    match &check.fix {
        Some(fix) => write_paragraph("      fix: ", &terminal(fix), options.width, plain, out),
        None => Ok(()),
    }
}

fn mark(state: CheckState, paint: Paint) -> String {
    match state {
        CheckState::Ok => paint.good("✓"),
        CheckState::Warning => paint.warn("!"),
        CheckState::Error => paint.bad("✗"),
        CheckState::Skipped => paint.faint("-"),
    }
}

fn verdict(diagnosis: &Diagnosis) -> String {
    let counts = diagnosis.counts();
    let meaning = match diagnosis.health() {
        Health::Ok => "ready: a check can read all that was tried",
        Health::Incomplete => "incomplete: a check would leave something unread, or something could not be verified",
        Health::NoResult => "not ready: a check would have no result",
    };
    format!(
        "{meaning}; {}, {}, {} ok, {} skipped",
        pluralize(counts.error, "error"),
        pluralize(counts.warning, "warning"),
        counts.ok,
        counts.skipped
    )
}

#[cfg(test)]
mod tests {
    use super::super::diagnosis::CheckId;
    use super::*;

    fn text(width: usize, paint: Paint, detail: Detail) -> String {
        let skipped = |id, subject: &str| DoctorCheck::skipped(id, subject, "there is no connection to AWS");
        let mut checks = vec![
            DoctorCheck::ok(CheckId::Settings, "settings file", "driftline.toml"),
            DoctorCheck::error(
                CheckId::Caller,
                "caller",
                "no AWS credentials: a long story of each provider of the chain, and \u{1b}[2J",
            )
            .fix("set AWS_PROFILE, or log in with the command that the documentation of your company names"),
            skipped(CheckId::Administrator, "administrator"),
            skipped(CheckId::Action, "actions"),
        ];
        let role = |number: usize| DoctorCheck::error(CheckId::Role, format!("account {number}"), "refused");
        checks.extend((0..12).map(role));
        let options = TextOptions { width, paint, detail, administrator: None, links: None };
        let mut out = Vec::new();
        write_text(&Diagnosis::new(checks, None), options, &mut out).expect("text");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn lines_fit_the_terminal_and_hang_below_their_text() {
        for width in [60, 160] {
            let text = text(width, Paint::Plain, Detail::Normal);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
            assert!(!text.contains('\u{1b}'), "{text}");
        }
        let narrow = text(60, Paint::Plain, Detail::Normal);
        let story = "  ✗ caller: no AWS credentials: a long story of each\n    provider of the chain, and";
        let fix = "\n      fix: set AWS_PROFILE, or log in with the command that\n           the documentation of your company names\n";
        assert!(narrow.contains(story) && narrow.contains(fix), "{narrow}");
        assert!(
            narrow.contains("\n  - administrator, actions: skipped: there is no connection\n    to AWS\n"),
            "{narrow}"
        );
    }

    #[test]
    fn colour_changes_no_text_and_detail_does() {
        let coloured = text(60, Paint::Ansi, Detail::Normal);
        assert!(coloured.contains("\u{1b}[31m") || coloured.contains("\u{1b}[1m"), "{coloured:?}");
        assert_eq!(text(160, Paint::Plain, Detail::Quiet).lines().count(), 1);
        assert!(text(60, Paint::Plain, Detail::Verbose).contains("account 11: refused"));
        assert!(text(60, Paint::Plain, Detail::Normal).contains("and 2 more: see --verbose"));
    }
}
