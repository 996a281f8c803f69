//! The profile key `credential_process`: credentials from the output of a program.

use std::io::IsTerminal as _;
use std::process::{ExitStatus, Stdio};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

use super::environment::Located;

/// Limit of the output, in bytes.
const MOST: u64 = 64 << 10;

/// Limit of quoted standard error, in characters.
const QUOTED: usize = 300;

/// A program that prints credentials. It is killed, with all its children, when nobody waits for it any more.
///
/// Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
#[derive(Debug)]
pub(super) struct CredentialProcess {
    command: Located,
}

/// The output of the program. The SDK ignores the case of its keys; the AWS CLI requires this spelling.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    version: u32,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<String>,
}

impl CredentialProcess {
    pub(super) fn new(command: Located) -> Self {
        Self { command }
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let wrong = |what: String| CredentialsError::provider_error(format!("{}: {what}", self.command.place));
        let mut running =
            Running::start(&self.command.value).map_err(|cause| wrong(format!("it cannot be started: {cause}")))?;
        let (status, printed, said) = running.finish().await.map_err(|cause| wrong(cause.to_string()))?;
        if !status.success() {
            let said: String = String::from_utf8_lossy(&said).trim().chars().take(QUOTED).collect();
            return Err(wrong(format!("the program ended with {status}: {said}")));
        }
        // The output holds secrets: only the position of an error is shown.
        let printed: Printed = serde_json::from_slice(&printed).map_err(|cause| {
            wrong(format!(
                "the program did not print credentials as JSON (line {}, column {})",
                cause.line(),
                cause.column()
            ))
        })?;
        printed.credentials().map_err(|what| wrong(what.to_owned()))
    }
}

impl ProvideCredentials for CredentialProcess {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl Printed {
    fn credentials(self) -> Result<Credentials, &'static str> {
        if self.version != 1 {
            return Err("the program printed credentials of a version other than 1");
        }
        if self.access_key_id.is_empty() || self.secret_access_key.is_empty() {
            return Err("the program printed an empty AccessKeyId or SecretAccessKey");
        }
        let end = self.expiration.filter(|end| !end.trim().is_empty()).map(|end| end.parse::<Timestamp>());
        let end = end.transpose().map_err(|_| "the program printed an Expiration that is no time in ISO 8601")?;
        let token = self.session_token.filter(|token| !token.is_empty());
        Ok(Credentials::new(
            self.access_key_id,
            self.secret_access_key,
            token,
            end.map(SystemTime::try_from)
                .transpose()
                .map_err(|_| "the program printed an Expiration that this machine has no time for")?,
            "CredentialProcess",
        ))
    }
}

/// The running program. It is killed on drop.
struct Running {
    shell: Child,
    /// Whether it has a process group of its own.
    is_group: bool,
}

impl Running {
    fn start(command: &str) -> std::io::Result<Self> {
        let mut shell = shell(command);
        let is_group = !std::io::stdin().is_terminal();
        shell.stdin(Stdio::inherit()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // A program that prompts must stay in the foreground group of the terminal; Ctrl-C reaches the whole group.
        #[cfg(unix)]
        if is_group {
            shell.process_group(0);
        }
        Ok(Self { shell: shell.spawn()?, is_group })
    }

    async fn finish(&mut self) -> std::io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
        let (printed, said) = (self.shell.stdout.take(), self.shell.stderr.take());
        let (printed, said) = tokio::try_join!(read(printed), read(said))?;
        Ok((self.shell.wait().await?, printed, said))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The group has the id of its first process, which is unset once that has been waited for.
        #[cfg(unix)]
        if let Some(id) = self.shell.id().filter(|_| self.is_group)
            && let Some(group) = id.try_into().ok().and_then(rustix::process::Pid::from_raw)
        {
            // It may have exited meanwhile.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

async fn read(from: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let mut limited = from.take(MOST);
        limited.read_to_end(&mut bytes).await?;
        if limited.limit() == 0 {
            return Err(std::io::Error::other("the program printed more than 64 KiB"));
        }
    }
    Ok(bytes)
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd.exe");
    // cmd.exe removes the outer quotes.
    shell.arg("/C").raw_arg(format!("\"{command}\""));
    shell
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}
