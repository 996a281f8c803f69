//! The contents of files, fetched one after the other from one `git cat-file --batch`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::RevisionError;
use super::command::command;
use super::repository::Revision;
use super::tree::Entry;

/// A running `git cat-file --batch`.
pub(super) struct Blobs {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Blobs {
    pub(super) fn open(revision: &Revision) -> Result<Self, RevisionError> {
        let mut child = command(&revision.root)
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

    /// The content of an entry; `None` if it has more bytes than that.
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
            [_, "blob", size] => size.parse::<u64>().map_err(|_| failed("it gives no size"))?,
            [_, "missing"] | [] => return Err(RevisionError::Absent(entry.path.clone())),
            _ => return Err(failed("it answers something else than was asked")),
        };
        if size > at_most {
            return Err(failed("a content is larger than the tree says"));
        }
        let mut content = Vec::new();
        // A line feed follows the content.
        let read = (&mut self.answers).take(size + 1).read_to_end(&mut content).map_err(broken)?;
        if read as u64 != size + 1 {
            return Err(failed("it ended in the middle of a content"));
        }
        content.pop();
        Ok(Some(content))
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        // It ends once nothing more can be asked.
        self.questions = None;
        let _ = self.child.wait();
    }
}

fn failed(said: &str) -> RevisionError {
    RevisionError::Failed { what: "cat-file", said: said.to_owned() }
}
