//! Outputs that are written to in place: descriptors, devices and pipes.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{WriteError, WriteErrorKind};

/// An output that is written to in place.
#[derive(Debug)]
pub(super) enum OpenStream {
    /// An open file of this process.
    Descriptor(u32),
    /// An open file of another process. It is appended to, so that nothing of theirs is lost.
    Foreign(PathBuf),
    /// A device or a pipe.
    Device(PathBuf),
}

impl OpenStream {
    /// Checks that it can be written to, without doing so: a pipe without a reader would block.
    pub(super) fn probe(&self) -> Result<(), WriteErrorKind> {
        match self {
            Self::Descriptor(number) => may_write(*number),
            Self::Foreign(path) | Self::Device(path) => Ok(is_writable(path)?),
        }
    }

    /// Writes to it. A reader that closes its pipe is no error.
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

    /// The file behind it, for appending.
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

/// The highest standard stream.
#[cfg(target_os = "linux")]
const STANDARD_ERROR: u32 = 2;

/// Checks that standard output can be written to. Rust ignores writes to a closed one.
pub(crate) fn probe_standard_output() -> Result<(), WriteError> {
    may_write(1).map_err(|cause| WriteError { path: "standard output".to_owned(), cause })
}

/// Checks that the caller has opened a descriptor for writing.
#[cfg(target_os = "linux")]
pub(super) fn may_write(number: u32) -> Result<(), WriteErrorKind> {
    if number > STANDARD_ERROR {
        return handed_on(number);
    }
    writable_stream(number)
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn may_write(number: u32) -> Result<(), WriteErrorKind> {
    if number > 2 { duplicate(number).map(drop) } else { writable_stream(number) }
}

#[cfg(not(unix))]
pub(super) fn may_write(_: u32) -> Result<(), WriteErrorKind> {
    Ok(())
}

/// Checks that a standard stream is open for writing.
#[cfg(unix)]
fn writable_stream(number: u32) -> Result<(), WriteErrorKind> {
    use rustix::fs::{OFlags, fcntl_getfl};
    let flags = match number {
        0 => fcntl_getfl(io::stdin()),
        1 => fcntl_getfl(io::stdout()),
        _ => fcntl_getfl(io::stderr()),
    };
    match flags {
        Ok(flags) if flags & OFlags::RWMODE != OFlags::RDONLY => Ok(()),
        _ => Err(WriteErrorKind::Closed(number)),
    }
}

/// Checks that a descriptor is inherited. All of driftline's own are close-on-exec.
#[cfg(target_os = "linux")]
fn handed_on(number: u32) -> Result<(), WriteErrorKind> {
    use rustix::fs::OFlags;
    let closed = || WriteErrorKind::Closed(number);
    let told = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")).map_err(|_| closed())?;
    let flags = told.lines().find_map(|line| line.strip_prefix("flags:")).ok_or_else(closed)?;
    let flags = OFlags::from_bits_retain(u32::from_str_radix(flags.trim(), 8).map_err(|_| closed())?);
    let is_writable = matches!(flags & OFlags::RWMODE, OFlags::WRONLY | OFlags::RDWR);
    if is_writable && !flags.intersects(OFlags::CLOEXEC | OFlags::PATH) { Ok(()) } else { Err(closed()) }
}

/// The open file behind a descriptor, at its current position. Opening its path again would start at the first byte and
/// overwrite what is there.
#[cfg(target_os = "linux")]
pub(super) fn duplicate(number: u32) -> Result<File, WriteErrorKind> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    may_write(number)?;
    let closed = || WriteErrorKind::Closed(number);
    let target = i32::try_from(number).map_err(|_| closed())?;
    let own = pidfd_open(getpid(), PidfdFlags::empty())
        .and_then(|process| pidfd_getfd(process, target, PidfdGetfdFlags::empty()));
    match own {
        Ok(descriptor) => Ok(descriptor.into()),
        Err(rustix::io::Errno::BADF) => Err(closed()),
        // Unknown to this kernel, or forbidden in this container: appending at least loses nothing.
        Err(_) => Ok(File::options().append(true).open(format!("/proc/self/fd/{number}"))?),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn duplicate(number: u32) -> Result<File, WriteErrorKind> {
    // On other systems, opening the path duplicates the descriptor.
    Ok(OpenOptions::new().append(true).open(format!("/dev/fd/{number}"))?)
}

/// The output stream that is redirected into a file: `> log`. Such a file is appended to, since replacing it would lose
/// what else is written there.
#[cfg(unix)]
pub(super) fn stream_into(file: &Metadata) -> Option<u32> {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    if !file.is_file() {
        return None;
    }
    let streams = [(1, io::stdout().as_fd().try_clone_to_owned()), (2, io::stderr().as_fd().try_clone_to_owned())];
    let into = streams.into_iter().find(|(number, stream)| {
        let behind = stream.as_ref().ok().and_then(|stream| File::from(stream.try_clone().ok()?).metadata().ok());
        let is_same = |behind: Metadata| (behind.dev(), behind.ino()) == (file.dev(), file.ino());
        behind.is_some_and(is_same) && may_write(*number).is_ok()
    });
    into.map(|(number, _)| number)
}

#[cfg(not(unix))]
pub(super) fn stream_into(_: &Metadata) -> Option<u32> {
    None
}
