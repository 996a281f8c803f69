//! What is written to and never replaced: descriptors, devices, pipes.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::WriteObstacle;

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
    pub(super) fn probe(&self) -> Result<(), WriteObstacle> {
        match self {
            Self::Descriptor(0..=2) => Ok(()),
            Self::Descriptor(number) => duplicate(*number).map(drop),
            Self::Foreign(path) | Self::Device(path) => Ok(may_write(path)?),
        }
    }

    /// Writes to it.
    pub(super) fn write(&self, draw: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteObstacle> {
        match self {
            Self::Descriptor(1) => Ok(buffered(io::stdout().lock(), draw)?),
            Self::Descriptor(2) => Ok(buffered(io::stderr().lock(), draw)?),
            Self::Descriptor(number) => Ok(buffered(duplicate(*number)?, draw)?),
            Self::Foreign(path) => Ok(buffered(OpenOptions::new().append(true).open(path)?, draw)?),
            Self::Device(path) => Ok(buffered(OpenOptions::new().write(true).open(path)?, draw)?),
        }
    }

    /// The file behind it, to be added to.
    pub(super) fn file(&self) -> Result<File, WriteObstacle> {
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

/// The open file behind a descriptor, with the place in it where the next byte goes: opening its path anew would begin at the
/// first byte, over what is there.
#[cfg(target_os = "linux")]
fn duplicate(number: u32) -> Result<File, WriteObstacle> {
    use rustix::fs::{OFlags, fcntl_getfl};
    use rustix::io::Errno;
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    let closed = || WriteObstacle::Closed(number);
    let target = i32::try_from(number).map_err(|_| closed())?;
    let own = pidfd_open(getpid(), PidfdFlags::empty())
        .and_then(|process| pidfd_getfd(process, target, PidfdGetfdFlags::empty()));
    match own {
        Ok(descriptor) => {
            let mode = fcntl_getfl(&descriptor).map_err(io::Error::from)? & OFlags::RWMODE;
            if mode == OFlags::RDONLY { Err(closed()) } else { Ok(descriptor.into()) }
        }
        Err(Errno::BADF) => Err(closed()),
        // Not known to this kernel, or not allowed in this container: at least nothing that is there is lost.
        Err(_) => Ok(OpenOptions::new().append(true).open(format!("/proc/self/fd/{number}"))?),
    }
}

#[cfg(not(target_os = "linux"))]
fn duplicate(number: u32) -> Result<File, WriteObstacle> {
    // Elsewhere, opening the path is the same as duplicating the descriptor.
    Ok(OpenOptions::new().append(true).open(format!("/dev/fd/{number}"))?)
}

#[cfg(unix)]
fn may_write(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(path, rustix::fs::Access::WRITE_OK)?)
}

#[cfg(not(unix))]
fn may_write(_: &Path) -> io::Result<()> {
    Ok(())
}
