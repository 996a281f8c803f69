//! What is written to and never replaced: descriptors, devices, pipes.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::descriptor::{duplicate, may_write};
use super::error::WriteErrorKind;

/// Something that is written to as it is.
#[derive(Debug)]
pub(super) enum OpenStream {
    /// What this process has open.
    Descriptor(u32),
    /// What another process has open. It is added to: what is there is not ours.
    Foreign(PathBuf),
    /// A device or a pipe.
    Device(PathBuf),
}

impl OpenStream {
    /// Whether it can be written to, without doing so: a pipe that nobody reads would block.
    pub(super) fn probe(&self) -> Result<(), WriteErrorKind> {
        match self {
            Self::Descriptor(number) => may_write(*number),
            Self::Foreign(path) | Self::Device(path) => Ok(is_writable(path)?),
        }
    }

    /// Writes to it. That the reader of a pipe has closed it is no failure: it had enough.
    pub(super) fn write(&self, draw: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteErrorKind> {
        let written = match self {
            Self::Descriptor(1) => buffered(io::stdout().lock(), draw),
            Self::Descriptor(2) => buffered(io::stderr().lock(), draw),
            other => buffered(other.file()?, draw),
        };
        match written {
            Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(cause.into()),
            _ => Ok(()),
        }
    }

    /// The file behind it, to be added to.
    pub(super) fn file(&self) -> Result<File, WriteErrorKind> {
        match self {
            Self::Descriptor(number) => duplicate(*number),
            Self::Foreign(path) => Ok(OpenOptions::new().append(true).open(path)?),
            Self::Device(path) => Ok(OpenOptions::new().write(true).open(path)?),
        }
    }
}

fn buffered(out: impl Write, draw: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(64 * 1024, out);
    draw(&mut out)?;
    out.flush()
}

#[cfg(unix)]
fn is_writable(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(path, rustix::fs::Access::WRITE_OK)?)
}

#[cfg(not(unix))]
fn is_writable(_: &Path) -> io::Result<()> {
    Ok(())
}
