//! An answer over HTTP, made up from bytes.

/// An answer: a line with the status, and `cut` where the connection ends before the last byte; lines of headers; an empty
/// line; the body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) is_whole: bool,
}

/// Headers that say where the body ends: those are for the listener to set.
const FRAMING: [&str; 8] =
    ["connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

impl Answer {
    /// The answer that bytes make up. Any bytes make one up.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let (head, rest) = line(bytes);
        let digits: String = head.iter().map(|byte| char::from(*byte)).take_while(char::is_ascii_digit).collect();
        let status = digits.parse().ok().filter(|status| (100..600).contains(status)).unwrap_or(200);
        let mut answer = Self { status, headers: Vec::new(), body: Vec::new(), is_whole: !head.ends_with(b"cut") };
        let mut rest = rest;
        loop {
            let (header, after) = line(rest);
            rest = after;
            if header.is_empty() {
                break;
            }
            answer.headers.extend(named(header));
        }
        if answer.has_body() {
            answer.body = rest.to_vec();
        }
        answer
    }

    /// Source: RFC 9110, 6.4.1 "Content": these statuses have none.
    fn has_body(&self) -> bool {
        self.status >= 200 && !matches!(self.status, 204 | 205 | 304)
    }

    /// Whether the whole of it came, and with the one status by which AWS answers that all is well.
    pub(crate) fn is_well(&self) -> bool {
        self.is_whole && self.status == 200
    }

    /// The first header of that name.
    pub(crate) fn header(&self, wanted: &str) -> Option<&[u8]> {
        let found = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim_ascii())
    }

    /// The bytes on the wire, and whether the connection is to be closed after them.
    pub(crate) fn to_wire(&self) -> (Vec<u8>, bool) {
        let closes = !self.is_whole || !self.has_body();
        let mut bytes = format!("HTTP/1.1 {} Made Up\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if self.has_body() {
            let promised = self.body.len() + if self.is_whole { 0 } else { 7 };
            bytes.extend(format!("content-length: {promised}\r\n").into_bytes());
        }
        if closes {
            bytes.extend(b"connection: close\r\n");
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        (bytes, closes)
    }
}

/// The first line, without its end, and the rest.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// A header that HTTP can carry and that does not decide how the answer is read.
fn named(header: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = header.iter().position(|byte| *byte == b':')?;
    let (name, value) = (std::str::from_utf8(&header[..colon]).ok()?, &header[colon + 1..]);
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_framing = FRAMING.iter().any(|framing| name.eq_ignore_ascii_case(framing));
    let can_be_carried = value.iter().all(|byte| matches!(*byte, b'\t' | 0x20..=0x7e | 0x80..=0xff));
    (is_name && !is_framing && can_be_carried).then(|| (name.to_owned(), value.trim_ascii().to_vec()))
}
