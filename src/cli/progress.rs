//! The progress bar: on a terminal, and only if the run takes a while.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::arguments::Common;
use super::terminal::Stream;

/// How often the bar is drawn at most, per second.
const FRAMES_PER_SECOND: u8 = 10;

/// A bar on standard error that counts targets; hidden where nobody watches.
pub(super) fn bar(targets: usize, common: &Common) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(targets as u64), target(common));
    ticking(bar, "reading {bar:30} {pos}/{len} targets, {eta} left")
}

/// A bar on standard error that counts steps; hidden where nobody watches.
pub(super) fn steps(count: usize, common: &Common) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(count as u64), target(common));
    ticking(bar, "applying {bar:30} {pos}/{len} steps, {elapsed}")
}

/// Shows that the organization is being listed; hidden where nobody watches.
pub(super) fn listing(common: &Common) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target(common));
    ticking(bar, "{spinner} listing the organization: {pos} accounts, {elapsed}")
}

fn target(common: &Common) -> ProgressDrawTarget {
    let watched = Stream::Error.is_terminal() && !common.quiet && std::env::var_os("CI").is_none();
    if watched { ProgressDrawTarget::stderr_with_hz(FRAMES_PER_SECOND) } else { ProgressDrawTarget::hidden() }
}

fn ticking(bar: ProgressBar, template: &str) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
