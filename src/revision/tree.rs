//! The entries of a commit's tree.

use super::RevisionError;
use super::git::{run, said};
use super::repository::Revision;

/// An entry that is no folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// The id of its content.
    pub(super) object: String,
    /// The size of its content; unknown where the clone does not hold it.
    pub(super) size: Option<u64>,
    /// Its path from the root, with `/` between its parts.
    pub(super) path: String,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    Submodule,
}

impl Revision {
    /// The entries at a path and below it; none if there was nothing.
    pub(super) fn entries(&self, below: &str) -> Result<Vec<Entry>, RevisionError> {
        let mut arguments = vec!["ls-tree", "-r", "-l", "-z", "--full-tree", self.commit.as_str()];
        if !below.is_empty() {
            arguments.extend(["--", below]);
        }
        let output = run(&self.root, arguments)?;
        let failed = |said| RevisionError::Failed { what: "ls-tree", said };
        if !output.status.success() {
            return Err(failed(said(&output)));
        }
        let lines = output.stdout.split(|byte| *byte == 0).filter(|line| !line.is_empty());
        lines
            .map(|line| {
                let line = String::from_utf8_lossy(line);
                entry(&line).ok_or_else(|| failed(format!("\"{line}\" is not understood")))
            })
            .collect()
    }
}

/// An entry as `git ls-tree -l -z` writes it: mode, type, object and size, a tab, the path.
fn entry(line: &str) -> Option<Entry> {
    let (facts, path) = line.split_once('\t')?;
    let mut facts = facts.split_ascii_whitespace();
    let (mode, _, object, size) = (facts.next()?, facts.next()?, facts.next()?, facts.next()?);
    let kind = match mode {
        "120000" => Kind::Link,
        "160000" => Kind::Submodule,
        mode if mode.starts_with("100") => Kind::File,
        _ => return None,
    };
    Some(Entry { kind, object: object.to_owned(), size: size.parse().ok(), path: path.to_owned() })
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
