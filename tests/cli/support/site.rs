//! A simulated AWS that lasts from one run to the next, with policies about it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use driftline_simulator::Simulation;

use super::{Driftline, Ran, World, policy, simulation};

/// The roles that are assumed, each for its own purpose.
const SETTINGS: &str = "[aws]\nrole_name = \"DriftlineRead\"\napply_role_name = \"DriftlineApply\"\n";

/// A simulated AWS, and a folder with policies and settings in which programs run against it.
pub(crate) struct Site {
    pub(crate) simulation: Simulation,
    pub(crate) program: Driftline,
}

impl Site {
    /// With these declarations in `a.yaml`.
    pub(crate) fn new<D: AsRef<str>>(world: &World, declarations: impl IntoIterator<Item = D>) -> Self {
        Self::of(simulation(world), declarations)
    }

    /// With a simulated AWS that runs already.
    pub(crate) fn of<D: AsRef<str>>(simulation: Simulation, declarations: impl IntoIterator<Item = D>) -> Self {
        let program = Driftline::new().policy("a.yaml", policy(declarations)).settings(SETTINGS);
        let program = program.variables(&simulation.environment());
        Self { simulation, program }
    }

    /// With more in `driftline.toml`.
    pub(crate) fn settings(mut self, more: &str) -> Self {
        self.program = self.program.settings(&format!("{SETTINGS}{more}"));
        self
    }

    /// With a file, or another one in its place.
    pub(crate) fn file(mut self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.program = self.program.file(path, text);
        self
    }

    /// Runs the program, which must end with this exit code.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str], exit: i32) -> Ran {
        self.program.run_with(arguments, exit)
    }

    /// Plans, into `plan.json`.
    #[track_caller]
    pub(crate) fn plan(&self) -> Ran {
        self.run(&["plan", "a.yaml", "--out", "plan.json"], 2)
    }

    /// Applies `a.yaml` without a question, with the journal `j.jsonl`.
    #[track_caller]
    pub(crate) fn apply(&self, more: &[&str], exit: i32) -> Ran {
        self.run(&[&["apply", "a.yaml", "--auto-approve", "--journal", "j.jsonl"], more].concat(), exit)
    }

    /// That nothing is left to find, nor to do.
    #[track_caller]
    pub(crate) fn is_in_sync(&self) {
        let before = self.simulation.written();
        self.run(&["check", "a.yaml"], 0);
        let again = ["apply", "a.yaml", "--auto-approve", "--journal", "again.jsonl", "--report", "json"];
        assert_eq!(self.run(&again, 0).json()["totals"]["steps"], 0);
        assert_eq!(self.simulation.written(), before);
    }

    /// The truth about a session: `ENABLED, ONE_HOUR`, or `off`.
    pub(crate) fn session(&self, account: &str, region: &str) -> String {
        let session = self.simulation.session(account.parse().expect("an id"), region.parse().expect("a Region"));
        session.map_or_else(
            || "off".to_owned(),
            |(status, frequency)| format!("{}, {}", status.as_str(), frequency.as_str()),
        )
    }

    /// The same run through another program, which starts it in its own way.
    #[cfg(unix)]
    pub(crate) fn through(&self, way: &[&str], arguments: &[&str]) -> Command {
        let inner = self.program.command();
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).arg(inner.get_program()).args(inner.get_args()).args(arguments).env_clear();
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(inner.get_current_dir().expect("a folder")).stdin(Stdio::null());
        command
    }

    /// Begins a run, for whoever wants to do something to the process.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Child {
        let mut command = self.program.command();
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
    }

    /// Waits until something is so, which takes no longer than a minute.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&Simulation) -> bool) {
        let patience = Instant::now() + Duration::from_mins(1);
        while !is_so(&self.simulation) {
            assert!(Instant::now() < patience, "{what} never came: {:?}", self.simulation.calls());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The same, but that the process may end before.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn until_or(&self, what: &str, child: &mut Child, is_so: impl Fn(&Simulation) -> bool) {
        let child = std::cell::RefCell::new(child);
        let has_ended = || matches!(child.borrow_mut().try_wait(), Ok(Some(_)));
        self.until(what, |simulation| is_so(simulation) || has_ended());
    }
}
