//! Entries and contents of the tree of a commit, and path resolution in it.
//!
//! Links are followed as the commit holds them, never as they are in the work tree.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::RevisionError;
use super::command::{command, first_error_line, run};

/// Limit of links on a path, against circles; that of the system.
const MAX_LINKS: usize = 40;

/// Limit of a link target: no system allows a longer path.
const MAX_LINK_BYTES: u64 = 4096;

/// A tree entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// The object id of its content.
    pub(super) object: String,
    /// The size of its content, unknown where a partial clone lacks it.
    pub(super) size: Option<u64>,
    /// Its path from the root, with `/` between its parts.
    pub(super) path: String,
}

/// Types of tree entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File,
    Link,
    Submodule,
}

/// Target of a path in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// An entry. A submodule ends the path, since this repository does not hold its content.
    To(Entry),
    /// A path that does not exist, reached through a link or not.
    Nowhere { path: String, by_link: bool },
    /// Outside the tree, through the link at that path.
    Out(String),
}

/// The tree of a commit, read as needed.
pub(super) struct Tree<'revision> {
    /// The root of the work tree.
    root: &'revision Path,
    /// The full id of the commit.
    commit: &'revision str,
    known: BTreeMap<String, Option<Entry>>,
    /// Folders whose whole content is known.
    listed: BTreeSet<String>,
    pub(super) blobs: Blobs,
}

impl<'revision> Tree<'revision> {
    pub(super) fn open(root: &'revision Path, commit: &'revision str) -> Result<Self, RevisionError> {
        let (known, listed) = (BTreeMap::new(), BTreeSet::new());
        Ok(Self { root, commit, known, listed, blobs: Blobs::open(root)? })
    }

    /// Resolves a path from the root. A link in its last part is followed if `to_the_end`.
    pub(super) fn resolve(&mut self, way: &str, to_the_end: bool) -> Result<Target, RevisionError> {
        let parts = |way: &str| -> Vec<String> {
            way.split('/').filter(|part| !matches!(*part, "" | ".")).map(str::to_owned).collect()
        };
        let (mut at, mut rest): (Vec<String>, VecDeque<String>) = (Vec::new(), parts(way).into());
        let mut links = 0;
        while let Some(part) = rest.pop_front() {
            if part == ".." {
                if at.pop().is_none() {
                    return Ok(Target::Out(way.to_owned()));
                }
                continue;
            }
            at.push(part);
            let Some(entry) = self.entry(&at.join("/"))? else { continue };
            match entry.kind {
                Kind::Link if to_the_end || !rest.is_empty() => {
                    links += 1;
                    let target = self.blobs.content(&entry, MAX_LINK_BYTES)?.filter(|_| links <= MAX_LINKS);
                    let Some(target) = target else { return Ok(Target::Nowhere { path: entry.path, by_link: true }) };
                    let target = String::from_utf8_lossy(&target).into_owned();
                    let onwards = parts(&target);
                    at.pop();
                    let rises = onwards.iter().take_while(|part| *part == "..").count();
                    if target.starts_with('/') || rises > at.len() {
                        return Ok(Target::Out(entry.path));
                    }
                    onwards.into_iter().rev().for_each(|part| rest.push_front(part));
                }
                Kind::Submodule => return Ok(Target::To(entry)),
                Kind::File if !rest.is_empty() => return Ok(Target::Nowhere { path: entry.path, by_link: links > 0 }),
                _ => {}
            }
        }
        let path = at.join("/");
        let found = self.entry(&path)?;
        Ok(found.map_or(Target::Nowhere { path, by_link: links > 0 }, Target::To))
    }

    /// The direct children of a folder, by name.
    pub(super) fn children(&mut self, folder: &str) -> Result<Vec<Entry>, RevisionError> {
        if !self.is_listed(folder) {
            let mut arguments = vec!["-r", "-t"];
            arguments.extend((!folder.is_empty()).then_some(["--", folder]).into_iter().flatten());
            self.ask(&arguments)?;
            self.listed.insert(folder.to_owned());
        }
        let beginning = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.known.range(beginning.clone()..).take_while(|(path, _)| path.starts_with(&beginning));
        let is_child = |entry: &&Entry| entry.path.get(beginning.len()..).is_some_and(|name| !name.contains('/'));
        Ok(below.filter_map(|(_, entry)| entry.as_ref()).filter(is_child).cloned().collect())
    }

    /// The entry at a path, without following links.
    fn entry(&mut self, path: &str) -> Result<Option<Entry>, RevisionError> {
        if path.is_empty() {
            let object = self.commit.to_owned();
            return Ok(Some(Entry { kind: Kind::Folder, object, size: None, path: String::new() }));
        }
        if !self.known.contains_key(path) && !self.is_listed(path) {
            self.ask(&["--", path])?;
            self.known.entry(path.to_owned()).or_default();
        }
        Ok(self.known.get(path).cloned().flatten())
    }

    fn is_listed(&self, path: &str) -> bool {
        let is_above =
            |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.listed.iter().any(|folder| folder.is_empty() || is_above(folder))
    }

    fn ask(&mut self, what: &[&str]) -> Result<(), RevisionError> {
        let arguments = ["ls-tree", "-l", "-z", "--full-tree"].into_iter();
        let (options, paths) = what.split_at(what.iter().position(|part| *part == "--").unwrap_or(what.len()));
        let arguments = arguments.chain(options.iter().copied()).chain([self.commit]);
        let output = run(self.root, arguments.chain(paths.iter().copied()))?;
        let failed = |said| RevisionError::Failed { what: "ls-tree", said };
        if !output.status.success() {
            return Err(failed(first_error_line(&output)));
        }
        for line in output.stdout.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let line = String::from_utf8_lossy(line);
            let entry = entry(&line).ok_or_else(|| failed(format!("unexpected output \"{line}\"")))?;
            self.known.insert(entry.path.clone(), Some(entry));
        }
        Ok(())
    }
}

/// Parses a line of `git ls-tree -l -z`: mode, type, object and size, a tab, the path.
fn entry(line: &str) -> Option<Entry> {
    let (facts, path) = line.split_once('\t')?;
    let mut facts = facts.split_ascii_whitespace();
    let (mode, _, object, size) = (facts.next()?, facts.next()?, facts.next()?, facts.next()?);
    let kind = match mode {
        "040000" => Kind::Folder,
        "120000" => Kind::Link,
        "160000" => Kind::Submodule,
        mode if mode.starts_with("100") => Kind::File,
        _ => return None,
    };
    Some(Entry { kind, object: object.to_owned(), size: size.parse().ok(), path: path.to_owned() })
}

/// A running `git cat-file --batch`, which serves one content after the other.
pub(super) struct Blobs {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Blobs {
    pub(super) fn open(root: &Path) -> Result<Self, RevisionError> {
        let mut child = command(root)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(RevisionError::NoGit)?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take());
        let answers = answers.ok_or_else(|| failed("it has no output"))?;
        Ok(Self { child, questions, answers: BufReader::new(answers) })
    }

    /// The content of an entry; `None` if it exceeds the limit.
    pub(super) fn content(&mut self, entry: &Entry, at_most: u64) -> Result<Option<Vec<u8>>, RevisionError> {
        if entry.size.is_some_and(|size| size > at_most) {
            return Ok(None);
        }
        let broken = |error: std::io::Error| failed(&error.to_string());
        let questions = self.questions.as_mut().ok_or_else(|| failed("it has no input"))?;
        writeln!(questions, "{}", entry.object).and_then(|()| questions.flush()).map_err(broken)?;
        let mut header = String::new();
        self.answers.read_line(&mut header).map_err(broken)?;
        // "OBJECT blob SIZE", or "OBJECT missing".
        let size = match header.split_ascii_whitespace().collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse::<u64>().map_err(|_| failed("it reports no size"))?,
            [_, "missing"] | [] => return Err(RevisionError::Absent(entry.path.clone())),
            _ => return Err(failed("its answer does not match the request")),
        };
        if size > at_most {
            return Err(failed("an object is larger than its tree entry states"));
        }
        let mut content = Vec::new();
        // A line feed follows the content.
        let read = (&mut self.answers).take(size + 1).read_to_end(&mut content).map_err(broken)?;
        if read as u64 != size + 1 {
            return Err(failed("it ended in the middle of an object"));
        }
        content.pop();
        Ok(Some(content))
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        // The process ends when its input is closed.
        self.questions = None;
        let _ = self.child.wait();
    }
}

fn failed(said: &str) -> RevisionError {
    RevisionError::Failed { what: "cat-file", said: said.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_understood() {
        let object = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
        let found = entry(&format!("100644 blob {object}      12\tpolicies/a b\tc.yaml")).expect("an entry");
        assert_eq!((found.kind, found.size, found.path.as_str()), (Kind::File, Some(12), "policies/a b\tc.yaml"));
        assert_eq!(
            entry(&format!("160000 commit {object}       -\tsub")).map(|entry| entry.kind),
            Some(Kind::Submodule)
        );
        assert_eq!(entry(&format!("120000 blob {object}       6\tlink")).map(|entry| entry.kind), Some(Kind::Link));
        assert_eq!(entry("100644 blob"), None);
    }
}
