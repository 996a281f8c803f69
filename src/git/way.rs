//! The way to a path, link by link.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// A way through more links than these leads in a circle.
const LINKS_AT_MOST: usize = 40;

/// A step of a way.
pub(super) enum Step {
    /// To the next folder, or to where the path ends.
    Taken,
    /// Not yet taken: a link to there stands in the way.
    Link(PathBuf),
}

/// A way that is gone step by step. Each link is shown before it is followed.
pub(super) struct Way {
    /// Where the way has come to; there is no link in it that was not followed.
    pub(super) at: PathBuf,
    rest: VecDeque<OsString>,
    links: usize,
}

impl Way {
    pub(super) fn of(path: &Path) -> Self {
        let mut way = Self { at: PathBuf::new(), rest: VecDeque::new(), links: 0 };
        way.begin(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        way
    }

    /// The next step, where there is one. The way stays before a link.
    pub(super) fn step(&mut self) -> Option<Step> {
        let part = self.rest.pop_front()?;
        if part == ".." {
            self.at.pop();
            return Some(Step::Taken);
        }
        let next = self.at.join(&part);
        match std::fs::read_link(&next) {
            Ok(target) if self.links < LINKS_AT_MOST => Some(Step::Link(target)),
            _ => {
                self.at = next;
                Some(Step::Taken)
            }
        }
    }

    /// Follows the link before which the way stands.
    pub(super) fn follow(&mut self, target: &Path) {
        self.links += 1;
        self.begin(target);
    }

    fn begin(&mut self, path: &Path) {
        let mut parts = Vec::new();
        for part in path.components() {
            match part {
                Component::Prefix(_) => self.at = PathBuf::from(part.as_os_str()),
                Component::RootDir if self.at.as_os_str().is_empty() || path.is_absolute() => {
                    let prefix = self.at.components().next().filter(|part| matches!(part, Component::Prefix(_)));
                    self.at = prefix.map_or_else(PathBuf::new, |part| PathBuf::from(part.as_os_str()));
                    self.at.push(part.as_os_str());
                }
                Component::RootDir | Component::CurDir => {}
                Component::ParentDir | Component::Normal(_) => parts.push(part.as_os_str().to_owned()),
            }
        }
        parts.into_iter().rev().for_each(|part| self.rest.push_front(part));
    }
}

/// The parts of a path below a folder, as they are written: once the way has come to the folder, no link is followed any more.
pub(super) fn way_below(path: &Path, root: &Path) -> Option<Vec<String>> {
    let mut way = Way::of(path);
    loop {
        if way.at.canonicalize().is_ok_and(|at| at == root) {
            return Some(way.rest.iter().map(|part| part.to_string_lossy().into_owned()).collect());
        }
        if let Step::Link(target) = way.step()? {
            way.follow(&target);
        }
    }
}

/// Whether a way, as it reads, goes above where it began.
pub(super) fn leaves(way: &[String]) -> bool {
    let mut depth = 0_usize;
    way.iter().any(|part| match part.as_str() {
        ".." if depth == 0 => true,
        ".." => {
            depth -= 1;
            false
        }
        _ => {
            depth += 1;
            false
        }
    })
}
