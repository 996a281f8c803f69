//! YAML of templates: block style, and quotes around everything that a reader could take for something else than text.

/// Node of a YAML document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Yaml {
    /// Text, never a number, a date or a word such as `yes`.
    Text(String),
    /// List.
    List(Vec<Yaml>),
    /// Map, in the order of its keys.
    Map(Vec<(String, Yaml)>),
}

/// Words that a reader takes for something else than text. Source: YAML 1.1, "Boolean" and "Null", which CloudFormation reads.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

impl Yaml {
    /// Text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Map with these entries.
    pub(super) fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// The document.
    pub(super) fn document(&self) -> String {
        self.lines(0)
    }

    /// The lines of the node, from this column on.
    fn lines(&self, indent: usize) -> String {
        let margin = " ".repeat(indent);
        if let Some(inline) = self.inline() {
            return format!("{margin}{inline}\n");
        }
        match self {
            Self::Text(_) => String::new(),
            Self::List(items) => {
                // The first line of an item stands behind the hyphen.
                let item = |item: &Self| format!("{margin}- {}", &item.lines(indent + 2)[indent + 2..]);
                items.iter().map(item).collect()
            }
            Self::Map(entries) => {
                let value = |value: &Self| match value.inline() {
                    Some(inline) => format!(" {inline}\n"),
                    None => format!("\n{}", value.lines(indent + 2)),
                };
                let entry = |(key, node): &(String, Self)| format!("{margin}{}:{}", scalar(key), value(node));
                entries.iter().map(entry).collect()
            }
        }
    }

    /// The value behind its key, if it fits there.
    fn inline(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(scalar(text)),
            Self::List(items) if items.is_empty() => Some("[]".to_owned()),
            Self::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
            Self::List(_) | Self::Map(_) => None,
        }
    }
}

/// The text as a scalar: plain if it is a word or a name such as `AWS::IAM::Role`, and otherwise quoted, with every character but the
/// printable ones of ASCII escaped.
fn scalar(text: &str) -> String {
    let is_word = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic()) && part.chars().all(|it| it.is_ascii_alphanumeric())
    };
    if text.split("::").all(is_word) && !WORDS.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    let escaped = text.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        ' '..='~' => letter.to_string(),
        _ => format!("\\U{:08X}", u32::from(letter)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_and_names_stand_without_quotes() {
        for plain in ["Allow", "AWS::IAM::Role", "Fn::Sub"] {
            assert_eq!(scalar(plain), plain);
        }
        for quoted in
            ["2012-10-17", "No", "null", "", "*", "a b", "12", "a:b", "a::", "- a", "#x", "${x}", "sts:AssumeRole"]
        {
            assert_eq!(scalar(quoted), format!("\"{quoted}\""));
        }
        assert_eq!(scalar("a\"\\\n\u{85}ü"), "\"a\\\"\\\\\\U0000000A\\U00000085\\U000000FC\"");
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let texts = |texts: &[&str]| Yaml::List(texts.iter().map(|text| Yaml::text(*text)).collect());
        let tree = Yaml::map([
            ("a: b", texts(&["x\ny: z", "- a", "}", "'", "\u{2028}", "yes"])),
            ("list", Yaml::List(vec![Yaml::map([("k", Yaml::text("v")), ("l", texts(&["1"]))]), texts(&["2", "3"])])),
            ("none", Yaml::List(Vec::new())),
            ("map", Yaml::Map(Vec::new())),
        ]);
        let read: serde_json::Value = serde_yaml::from_str(&tree.document()).expect("YAML");
        let expected = serde_json::json!({
            "a: b": ["x\ny: z", "- a", "}", "'", "\u{2028}", "yes"],
            "list": [{"k": "v", "l": ["1"]}, ["2", "3"]],
            "none": [],
            "map": {},
        });
        assert_eq!(read, expected);
    }
}
