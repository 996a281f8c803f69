//! A simulated AWS on loopback: what STS, Account Management, Organizations and Macie answer over HTTP, from a world file.
//!
//! [`World`] is the file, [`Simulation`] the running server. A client needs nothing but
//! [`Simulation::environment`] to talk to it: every AWS SDK and the AWS CLI do.
//!
//! One URL serves all services and Regions. Which is meant is told by the scope in the `Authorization` header
//! (`Credential=KEY/DATE/REGION/SERVICE/aws4_request`), and the account by the access key. The operation is told by
//! method and path, by a form's `Action`, or by the header `X-Amz-Target`, as the service's protocol has it.
//!
//! Where the simulation departs from AWS, on purpose:
//!
//! - Signatures are not verified, temporary keys do not expire, and a session token beside the caller's own key is
//!   ignored. (AWS refuses all three.)
//! - There is one partition, `aws`, and at most one organization. Its delegated administrators are those of every service.
//! - Units of an organization, and its root, have no tags.
//! - Nothing is eventually consistent: a change shows in the next answer.
//! - The wording of validation errors, and of the refusal of a member's change of its own status, is plausible but not
//!   known to be that of AWS.

mod account;
mod answer;
mod cloud;
mod fault_answer;
mod fault_script;
mod identifier;
mod limits;
mod macie;
mod operation;
mod organizations;
mod principal;
mod regions;
mod request;
mod server;
mod sessions;
mod simulation;
mod stopwatch;
mod sts;
mod tally;
mod world;

pub use simulation::Simulation;
pub use world::{Place, World, WorldError};
