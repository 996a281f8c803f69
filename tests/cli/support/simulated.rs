//! A simulated AWS for programs that find it by their environment, as they would find the real one.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use driftline_simulator::Simulation;

use super::{Driftline, World};

/// Starts a simulated AWS in this process.
pub(crate) fn simulation(world: &World) -> Simulation {
    let world = driftline_simulator::World::parse(&world.to_string(), "world.yaml").expect("a world");
    Simulation::start(world, 0).expect("a simulation")
}

/// `driftline simulate`, running, with the variables that it printed.
pub(crate) struct Simulated {
    child: Option<Child>,
    pub(crate) variables: Vec<(String, String)>,
}

impl Simulated {
    pub(crate) fn start(world: &World) -> Self {
        Self::run(&Driftline::new().world(world).args(["simulate", "world.yaml"]))
    }

    /// `driftline simulate --generate`.
    pub(crate) fn generated(recipe: &str) -> Self {
        Self::run(&Driftline::new().args(["simulate", "--generate", recipe]))
    }

    fn run(program: &Driftline) -> Self {
        let mut command = program.command();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines().take(5);
        let variable = |line: String| {
            let (name, value) = line.strip_prefix("export ").expect("a variable").split_once('=').expect("a value");
            (name.to_owned(), value.to_owned())
        };
        let variables = lines.map(|line| variable(line.expect("a line"))).collect();
        Self { child: Some(child), variables }
    }

    /// The process, for whoever wants to end it in a way of their own.
    #[cfg(unix)]
    pub(crate) fn into_child(mut self) -> Child {
        self.child.take().expect("a process")
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Driftline {
    /// Sets the variables of a simulated AWS.
    pub(crate) fn variables<N: AsRef<str>>(self, variables: &[(N, String)]) -> Self {
        variables.iter().fold(self, |program, (name, value)| program.env(name.as_ref(), value))
    }
}
