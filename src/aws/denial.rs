//! Messages of denials: who was denied what, and by which policy.

use crate::model::{Denial, DenyingLayer, kept};

const NOT_AUTHORIZED: &str = "is not authorized to perform";

/// The parts of a message such as "User: arn:… is not authorized to perform: macie2:GetMacieSession on resource: … with
/// an explicit deny in a service control policy: arn:…", or `None` if the message is not of that kind.
///
/// What the message does not say stays empty; what follows the known parts (a console URL, an authorization id) is left
/// alone, for the whole message is kept beside the parts.
///
/// Source: IAM User Guide, "Troubleshoot access denied error messages", and messages seen in public issue reports.
pub fn parse_denial(message: &str) -> Option<Denial> {
    // ASCII lower case keeps every offset.
    let lower = message.to_ascii_lowercase();
    let at = lower.find(NOT_AUTHORIZED)?;
    let principal = message.get(..at)?.trim();
    let principal = principal.rsplit_once("User: ").map_or(principal, |(_, user)| user);
    let after = message.get(at + NOT_AUTHORIZED.len()..)?;
    let action = after.trim_start_matches([':', ' ']).split_whitespace().next();

    let explicit_at = lower.find("explicit deny");
    let reason_at = explicit_at.or_else(|| lower.find("because no "));
    let reason = reason_at.and_then(|from| lower.get(from..));
    Some(Denial {
        principal: owned(principal),
        action: action.map(without_punctuation).and_then(owned),
        layer: reason.and_then(first_layer),
        explicit: explicit_at.is_some(),
        policy_arn: explicit_at.and_then(|from| message.get(from..)).and_then(first_arn),
    })
}

/// The policy type that is named first.
fn first_layer(reason: &str) -> Option<DenyingLayer> {
    DenyingLayer::ALL
        .into_iter()
        .filter_map(|layer| Some((reason.find(&layer.words().to_ascii_lowercase())?, layer)))
        .min()
        .map(|(_, layer)| layer)
}

fn first_arn(reason: &str) -> Option<Box<str>> {
    reason.split_whitespace().find(|word| word.starts_with("arn:")).map(without_punctuation).and_then(owned)
}

fn without_punctuation(word: &str) -> &str {
    word.trim_end_matches(['.', ',', ';', ':', ')'])
}

fn owned(text: &str) -> Option<Box<str>> {
    (!text.is_empty()).then(|| (*kept(text)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "User: arn:aws:sts::111122223333:assumed-role/R/s is not authorized to perform: \
                        macie2:GetMacieSession on resource: arn:aws:macie2:eu-west-2:111122223333:*";

    fn denial(tail: &str) -> Denial {
        parse_denial(&format!("{HEAD} {tail}")).expect("a denial")
    }

    #[test]
    fn every_layer_is_told_whether_it_denies_or_does_not_allow() {
        for layer in DenyingLayer::ALL {
            let implicit = denial(&format!("because no {} allows the macie2:GetMacieSession action", layer.words()));
            assert_eq!((implicit.layer, implicit.explicit, implicit.policy_arn), (Some(layer), false, None));
            assert_eq!(implicit.action.as_deref(), Some("macie2:GetMacieSession"));
            assert_eq!(implicit.principal.as_deref(), Some("arn:aws:sts::111122223333:assumed-role/R/s"));
            let explicit = denial(&format!("with an explicit deny in a {}", layer.words()));
            assert_eq!((explicit.layer, explicit.explicit, explicit.policy_arn), (Some(layer), true, None));
        }
    }

    #[test]
    fn the_policy_is_found_in_both_wordings() {
        let arn = "arn:aws:organizations::999988887777:policy/o-abcdefghij/service_control_policy/p-12345678";
        for tail in [
            format!("with an explicit deny in a service control policy: {arn}"),
            format!("with an explicit deny in a service control policy, with policy ARN: {arn}."),
            format!("with an explicit deny in a service control policy: {arn} https://console.aws.amazon.com/x?arn:b"),
        ] {
            assert_eq!(denial(&tail).policy_arn.as_deref(), Some(arn), "{tail}");
        }
    }

    #[test]
    fn little_is_said_and_little_is_known() {
        let bare = parse_denial("You is not authorized to perform: a:B").expect("a denial");
        assert_eq!((bare.layer, bare.explicit, bare.action.as_deref()), (None, false, Some("a:B")));
        assert_eq!(parse_denial("Macie is not enabled."), None);
        assert_eq!(parse_denial("is not authorized to perform"), Some(Denial::default()));
        assert_eq!(denial("with an explicit deny").layer, None);
    }
}
