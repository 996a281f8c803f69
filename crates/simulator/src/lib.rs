//! A simulated AWS on loopback: what STS, Account Management, Organizations, Macie and Systems Manager answer over HTTP, from a
//! world file.
//!
//! A [`World`] comes from a file or from a [`Recipe`]; a [`Simulation`] is the running server. The variables of
//! [`Simulation::environment`] are enough for any AWS SDK and the AWS CLI to call it.
//!
//! One URL serves all services and Regions. The scope in the `Authorization` header
//! (`Credential=KEY/DATE/REGION/SERVICE/aws4_request`) names service and Region; the access key names the account. Method
//! and path, a form's `Action`, or the header `X-Amz-Target` name the operation, depending on the service's protocol.
//!
//! Intended differences from AWS:
//!
//! - Signatures are not verified beyond their moment, and a session token beside the caller's own key is ignored. (AWS
//!   refuses both.) Temporary credentials of another simulation are taken for one's own.
//! - There is one partition, `aws`, and at most one organization. Its delegated administrators are those of every service.
//! - Units of an organization, and its root, have no tags.
//! - Only Macie's sessions and members, and the versions of documents, are eventually consistent, and those as the world's
//!   `visibility` says: by the number of reads, never by time.
//! - Members cannot be invited or removed, the delegation cannot be changed, and classification jobs cannot be created: all
//!   of them come from the world. Jobs neither begin nor end by themselves, and are found by
//!   status alone.
//! - Documents of Systems Manager are Session documents, and sessions of Session Manager come from the world and are never
//!   started or terminated by a request.
//! - What a role may do goes by actions only, without resources or conditions. Macie's service-linked role is one for all
//!   Regions, and stays; CreateMember creates it whatever the administrator may do.
//! - The wording of validation errors, and of most refusals that Macie's rules for administrators and members earn, is
//!   plausible but not known to be that of AWS.

mod account_id;
mod account_management;
mod clock;
mod macie;
mod operation;
mod organizations;
mod principal;
mod region;
mod request;
mod request_log;
mod response;
mod simulated_aws;
mod simulation;
mod ssm;
mod sts;
mod world;
mod world_file;

pub use account_id::{AccountId, InvalidAccountId};
pub use region::{InvalidRegion, Region};
pub use simulation::Simulation;
pub use world::World;
pub use world::recipe::{Recipe, RecipeError};
pub use world::session::{Frequency, SessionStatus};
pub use world_file::values::{Place, WorldError};
