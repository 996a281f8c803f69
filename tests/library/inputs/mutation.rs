//! Inputs made from others by chance.

/// What stands in policy files, and what has a meaning of its own in one of the languages.
const WORDS: [&str; 64] = [
    "version: 1\n",
    "version = 1\n",
    "macie_sessions",
    "waivers",
    "accounts",
    "organizational_units",
    "tags",
    "regions",
    "except",
    "status",
    "finding_publishing_frequency",
    "severity",
    "settings",
    "while_live",
    "reason",
    "expires",
    "2027-03-31",
    "012345678901",
    "111122223333",
    "\"payments-*\"",
    "ENABLED",
    "ONE_HOUR",
    "eu-central-1",
    "[[macie_sessions]]\n",
    "&a ",
    "*a",
    "<<: ",
    "? ",
    "- ",
    ": ",
    "!!str ",
    "|\n",
    ">-\n",
    "---\n",
    "{",
    "}",
    "[",
    "]",
    "\u{feff}",
    "é\u{202e}\u{1b}",
    "null",
    "\"",
    "\\u001b",
    "\\ud800",
    "18446744073709551615",
    "-1",
    "1e999",
    "\"format_version\": 1",
    "\"outcome\": \"drifted\"",
    "2027-03-31T12:00:00Z",
    "9999-12-31T23:59:59Z",
    "concurrency = 0\n",
    "deadline = \"25h\"\n",
    "role_arn = \"arn:aws:iam::{account}:role/A\"\n",
    "AccessDeniedException",
    "ResourceNotFoundException",
    "Macie is not enabled",
    "is not authorized to perform",
    "\"nextToken\": \"1\"",
    "x-amzn-errortype: ",
    "<Arn>arn:aws:iam::111122223333:user/a</Arn>",
    "<!--",
    "\n\n",
    "200 cut\n",
];

/// A source of chance, the same in each run.
pub(crate) struct Mutation(u64);

impl Mutation {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`, by xorshift.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }

    /// One of the seeds, changed in a few places.
    pub(crate) fn of(&mut self, seeds: &[&[u8]]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].to_vec();
        for _ in 0..=self.below(4) {
            let place = self.below(bytes.len() + 1);
            let length = self.below(16).min(bytes.len() - place);
            let kind = self.below(6);
            match kind {
                // Something else in its place.
                0 if length > 0 => bytes[place] = u8::try_from(self.below(256)).expect("a byte"),
                // A part less, or once more.
                1 => drop(bytes.drain(place..place + length)),
                2 => {
                    let part = bytes[place..place + length].to_vec();
                    let times = self.below(20);
                    bytes.splice(place..place, part.repeat(times));
                }
                // Cut off.
                3 if self.below(4) == 0 => bytes.truncate(place),
                // A part of another one.
                4 => {
                    let other = seeds[self.below(seeds.len())];
                    let from = self.below(other.len() + 1);
                    let until = (from + self.below(200)).min(other.len());
                    bytes.splice(place..place, other[from..until].iter().copied());
                }
                _ => {
                    let word = WORDS[self.below(WORDS.len())];
                    bytes.splice(place..place + length.min(4), word.bytes());
                }
            }
        }
        bytes
    }
}
