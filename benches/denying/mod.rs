//! A Macie on loopback that denies every second question, with a message of 4 KB.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};

/// What the denials say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Messages {
    /// All the same.
    Equal,
    /// Each something else.
    Different,
}

impl Messages {
    /// What a word asks for.
    pub(crate) fn of(word: &str) -> Option<Self> {
        match word {
            "equal" => Some(Self::Equal),
            "different" => Some(Self::Different),
            _ => None,
        }
    }
}

/// Starts it, and gives its URL.
pub(crate) fn start(messages: Messages) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            std::thread::spawn(move || serve(connection, messages));
        }
    });
    url
}

/// Answers what comes over a connection. A question about a session has no body.
fn serve(connection: TcpStream, messages: Messages) {
    static QUESTIONS: AtomicU64 = AtomicU64::new(0);
    let mut writer = connection.try_clone().expect("a second handle");
    let mut lines = BufReader::new(connection).lines();
    loop {
        let mut head = lines.by_ref().map_while(Result::ok);
        if head.next().is_none() {
            return;
        }
        head.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
        let number = QUESTIONS.fetch_add(1, Ordering::Relaxed);
        if writer.write_all(answer(number, messages).as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(number: u64, messages: Messages) -> String {
    let told = if messages == Messages::Equal { 0 } else { number };
    let (status, error, body) = if number.is_multiple_of(2) {
        ("200 OK", "", "{\"status\":\"ENABLED\",\"findingPublishingFrequency\":\"FIFTEEN_MINUTES\"}".to_owned())
    } else {
        let words = format!("odd words no. {told:012}, ").repeat(4_096 / 28);
        ("403 Forbidden", "x-amzn-errortype: AccessDeniedException\r\n", format!("{{\"message\":\"{words}\"}}"))
    };
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-amzn-requestid: 00000000-0000-0000-0000-{number:012}\r\n\
         {error}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}
