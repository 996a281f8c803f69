//! The deadline, which holds for every command that asks AWS.

use crate::support::{CALLER, Driftline, Site, World, simulation};

#[test]
fn a_listing_has_a_deadline() {
    let world = World::new()
        .organization(&format!("management: \"{CALLER}\""))
        .faulty("operations: [\"organizations:ListAccounts\"], fault: hang");
    let simulation = simulation(&world);
    let inventory = |settings: &str, more: &[&str]| {
        let program = Driftline::new().settings(settings).variables(&simulation.environment());
        program.args(["inventory", "--out", "accounts.json"]).args(more).run(1)
    };
    let words = "error: the deadline passed before the accounts of the organization were known";
    inventory("", &["--deadline", "1s"]).says(words);
    inventory("[limits]\ndeadline = \"1s\"\n", &[]).says(words);
    inventory("[inventory]\naccounts = \"accounts.json\"\n", &["--deadline", "1s"]).says(words);
}

#[test]
fn every_command_that_asks_aws_keeps_its_deadline() {
    let world = World::new().enabled(CALLER);
    let site = Site::new(&world, [format!("accounts: [\"{CALLER}\"], regions: [us-east-1], status: PAUSED")]);
    site.plan();
    site.apply(&["--allow", "pause"], 0);
    // Nobody answers, on a connection that stands.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", mute.local_addr().expect("an address"));
    let later = ["--deadline", "1s"];
    for (arguments, exit) in [
        (&["check", "a.yaml"][..], 4),
        (&["plan", "a.yaml"], 1),
        (&["apply", "a.yaml", "--auto-approve", "--journal", "k.jsonl"], 1),
        (&["apply", "plan.json", "--auto-approve", "--journal", "l.jsonl"], 1),
        (&["snapshot", "a.yaml", "--out", "s.json"], 1),
        (&["inventory"], 1),
        (&["rollback", "j.jsonl", "--auto-approve"], 1),
    ] {
        let began = std::time::Instant::now();
        let mut command = site.program.command();
        let output =
            command.env("AWS_ENDPOINT_URL", &url).args(arguments).args(later).output().expect("the program runs");
        let ran = site.program.assert_exit(&output, exit);
        assert!(began.elapsed().as_secs() < 8, "{arguments:?} took {:?}", began.elapsed());
        if exit == 1 {
            ran.says("the deadline passed before");
        }
    }
}
