//! What every command gets: the global arguments and the shutdown signal.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum as _};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::environment::{self, COLOR, CONFIG};
use super::error::CliError;
use super::help_headings::GLOBAL;
use super::output::{ColorChoice, DEFAULT_WIDTH, Stream, stderr};
use super::shutdown::{Phase, ShutdownSignal, new_runtime};
use crate::diagnostic::Rendering;
use crate::plan::Plan;
use crate::report::{Detail, Paint, TextOptions, listed, outside_administrator, pluralize, terminal};

/// Redraws of a progress bar per second.
const FRAMES_PER_SECOND: u8 = 10;

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(super) struct GlobalArgs {
    /// Settings file; by default the nearest driftline.toml in the working directory or above it [env: DRIFTLINE_CONFIG]
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL)]
    config: Option<PathBuf>,
    /// Whether that file comes from the environment.
    #[arg(skip)]
    is_config_of_environment: bool,
    /// When to use colour; by default on terminals (see also NO_COLOR and CLICOLOR_FORCE) [env: DRIFTLINE_COLOR]
    #[arg(long, global = true, value_name = "WHEN", help_heading = GLOBAL)]
    color: Option<ColorChoice>,
    /// Print less: no notes, warnings or progress, and of a text report on standard output only a summary
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = GLOBAL)]
    pub(super) quiet: bool,
    /// Print more, such as values and evidence
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub(super) verbose: bool,
}

impl GlobalArgs {
    /// The arguments, and for those that are not given the variables that stand for them.
    ///
    /// # Errors
    ///
    /// If the value of a variable is invalid.
    pub(super) fn or_environment(self) -> Result<Self, CliError> {
        let color = match self.color {
            Some(color) => Some(color),
            None => environment::parse(&COLOR, |text| {
                ColorChoice::from_str(text, false).map_err(|_| "it is neither auto, always nor never")
            })?,
        };
        let is_config_of_environment = self.config.is_none();
        let config = self.config.or_else(|| environment::value(&CONFIG).map(PathBuf::from));
        Ok(Self { config, is_config_of_environment, color, ..self })
    }

    /// When to use colour.
    pub(super) fn color(&self) -> ColorChoice {
        self.color.unwrap_or(ColorChoice::Auto)
    }
}

/// Global arguments and shutdown signal of a run.
pub(super) struct RunContext {
    pub(super) global: GlobalArgs,
    pub(super) shutdown: ShutdownSignal,
    /// Text that waits until it is known whether the run prints anything at all.
    held: RefCell<Option<String>>,
}

impl RunContext {
    /// Context in which text goes to standard error at once.
    pub(super) fn new(global: GlobalArgs, shutdown: ShutdownSignal) -> Self {
        Self { global, shutdown, held: RefCell::new(None) }
    }

    /// Holds back notes and warnings from now on.
    pub(super) fn hold_back(&self) {
        self.held.borrow_mut().get_or_insert_default();
    }

    /// Prints what was held back, and holds back no more.
    pub(super) fn release(&self) {
        if let Some(text) = self.held.take() {
            stderr(&text);
        }
    }

    /// Drops what was held back, and holds back no more.
    pub(super) fn discard(&self) {
        self.held.take();
    }

    /// The settings file that the command line names, or else the environment.
    ///
    /// # Errors
    ///
    /// If the environment names a file that does not exist. One of the command line is reported where it is read.
    pub(super) fn config(&self) -> Result<Option<&Path>, CliError> {
        let config = self.global.config.as_deref();
        match config.filter(|path| self.global.is_config_of_environment && !path.exists()) {
            Some(path) => Err(environment::invalid(&CONFIG, path.as_os_str(), "there is no such file".to_owned())),
            None => Ok(config),
        }
    }

    /// What names the settings file.
    pub(super) fn config_origin(&self) -> &'static str {
        if self.global.is_config_of_environment { CONFIG.name } else { "--config" }
    }

    /// Whether standard output gets colour.
    pub(super) fn paint(&self) -> Paint {
        Stream::Output.paint(self.global.color())
    }

    /// Look of diagnostics on standard error.
    pub(super) fn rendering(&self) -> Rendering {
        rendering(self.global.color())
    }

    /// Look of a text report. A file, which is no stream, gets neither colour nor the width of a terminal, and is whole even if
    /// `--quiet` shortens what is printed.
    pub(super) fn text_options(&self, stream: Option<Stream>) -> TextOptions {
        TextOptions {
            width: stream.map_or(DEFAULT_WIDTH, Stream::width),
            paint: stream.map_or(Paint::Plain, |stream| stream.paint(self.global.color())),
            detail: match stream {
                Some(_) if self.global.quiet => Detail::Quiet,
                _ if self.global.verbose => Detail::Verbose,
                _ => Detail::Normal,
            },
            administrator: None,
            links: stream.and_then(|stream| stream.links(self.global.color())),
        }
    }

    /// Prints text on standard error, unless `--quiet`.
    pub(super) fn print_unless_quiet(&self, text: &str) {
        match &mut *self.held.borrow_mut() {
            _ if self.global.quiet => {}
            Some(held) => held.push_str(text),
            None => stderr(text),
        }
    }

    /// Prints a note on standard error, unless `--quiet`.
    pub(super) fn note(&self, text: &str) {
        self.print_unless_quiet(&format!("note: {}\n", terminal(text)));
    }

    /// Warns of the configured policy files that a plan leaves out, if it leaves out any.
    pub(super) fn warn_of_partial_policies(&self, left_out: &[String]) {
        if !left_out.is_empty() {
            let warning = format!(
                "the plan leaves out {} of the configured policies: {}",
                pluralize(left_out.len(), "file"),
                listed(left_out, 5)
            );
            self.print_unless_quiet(&format!(
                "warning: {}\n  fix: name no policies, so that all of them count; `driftline plan --only ACCOUNT/REGION` plans a part \
                 of the targets\n",
                terminal(&warning)
            ));
        }
    }

    /// Warns of steps that enable Macie outside of the administrator of other accounts.
    pub(super) fn warn_of_unnamed_administrator(&self, plan: &Plan) {
        if let Some((warning, fix)) = outside_administrator(plan) {
            self.print_unless_quiet(&format!("warning: {warning}\n  fix: {fix}\n"));
        }
    }

    /// Notes that a file cannot be locked.
    pub(super) fn note_no_locks(&self, path: &Path) {
        let path = path.display();
        self.note(&format!("the file system of {path} has no locks, so nothing prevents another run at the same time"));
    }

    /// Runtime on the current thread, for work that listens to the shutdown signal.
    pub(super) fn runtime(&self) -> Result<Runtime, CliError> {
        Ok(Runtime { tokio: new_runtime()?, shutdown: self.shutdown.clone() })
    }

    /// Progress bar that counts read targets.
    pub(super) fn reading_bar(&self, targets: usize) -> ProgressBar {
        self.progress_bar(Some(targets), "reading {bar:30} {pos}/{len} targets, {eta} left")
    }

    /// Progress bar that counts applied steps.
    pub(super) fn applying_bar(&self, steps: usize) -> ProgressBar {
        self.progress_bar(Some(steps), "applying {bar:30} {pos}/{len} steps, {elapsed}")
    }

    /// Progress spinner that counts listed accounts.
    pub(super) fn listing_bar(&self) -> ProgressBar {
        self.progress_bar(None, "{spinner} listing the organization: {pos} accounts, {elapsed}")
    }

    /// Progress bar on standard error. It is hidden where nobody watches, and shows itself only if the run takes a while.
    fn progress_bar(&self, length: Option<usize>, template: &str) -> ProgressBar {
        let is_watched = Stream::Error.is_terminal() && !self.global.quiet && std::env::var_os("CI").is_none();
        let target = if is_watched {
            ProgressDrawTarget::stderr_with_hz(FRAMES_PER_SECOND)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(length.map(|length| length as u64), target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

/// Look of diagnostics on standard error.
pub(super) fn rendering(color: ColorChoice) -> Rendering {
    Rendering { colour: Stream::Error.paint(color) == Paint::Ansi, width: Stream::Error.width().min(100) }
}

/// Runtime of the commands that call AWS.
pub(super) struct Runtime {
    tokio: tokio::runtime::Runtime,
    shutdown: ShutdownSignal,
}

impl Runtime {
    /// Runs work that is followed by more. From now on the first signal lets the run report what it has read.
    pub(super) fn block_on_first<T>(&self, work: impl Future<Output = T>) -> T {
        self.shutdown.enter(Phase::Reporting);
        self.tokio.block_on(work)
    }

    /// Runs the last work. Pending look-ups of host names are not waited for.
    pub(super) fn block_on<T>(self, work: impl Future<Output = T>) -> T {
        let done = self.block_on_first(work);
        self.tokio.shutdown_background();
        done
    }
}
