//! Files of tokens that the SDK reads to their end, while everything else waits: each must be one that has an end.

use std::path::{Path, PathBuf};

use super::EnvironmentError;
use super::chain::Base;
use super::location::Located;
use super::profiles::{Profiles, from_home};
use super::variables::Variables;
use crate::files::{self, ReadError};

/// More than any token has.
const LARGEST: u64 = 1 << 20;

/// Checks the files that the SDK may read for a token. That one is not there, or may not be read, the SDK tells by itself.
///
/// Source: `web_identity_token.rs`, `ecs.rs` and `sso/cache.rs` of aws-config.
///
/// # Errors
///
/// If one is no regular file, or larger than any token.
pub(super) fn check(variables: &Variables, profiles: &Profiles, base: &Base) -> Result<(), EnvironmentError> {
    let mut files: Vec<(Located, PathBuf, &str)> = Vec::new();
    let mut add = |found: Option<Located>| {
        files.extend(found.map(|found| {
            let path = PathBuf::from(&found.value);
            (found, path, "names")
        }));
    };
    add(variables.located("AWS_WEB_IDENTITY_TOKEN_FILE"));
    if variables.first(&["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]).is_some() {
        add(variables.located("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"));
    }
    match base {
        Base::WebIdentity(file) => add(Some(file.clone())),
        Base::IdentityCenter(profile) => {
            let named = ["sso_session", "sso_start_url"].iter().find_map(|key| profiles.get(profile, key));
            if let Some(named) = named {
                let cached = kept_in(&from_home("~/.aws/sso/cache", variables));
                files.extend(cached.map(|path| (named.clone(), path, "has its token from")));
            }
        }
        Base::Process(_) | Base::Other => {}
    }
    files.iter().try_for_each(|(found, path, how)| match files::read_shared(path, LARGEST) {
        Err(problem @ (ReadError::NotRegular | ReadError::TooLarge(_))) => Err(EnvironmentError::value(
            &found.place,
            format!("{how} {}, which cannot be used: {problem}", path.display()),
            "let it be a regular file that holds a token and nothing else",
        )),
        _ => Ok(()),
    })
}

/// The tokens that the AWS CLI keeps in a folder. Which of them is the one is told by a hash.
fn kept_in(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|ending| ending == "json"))
}
