//! Whose credentials these are.

use crate::model::AccountId;

/// The identity behind the credentials that a run starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The ARN of the user or of the role's session.
    pub arn: Box<str>,
    /// The partition, as it stands in ARNs: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: Box<str>,
}

impl Caller {
    /// The caller that an ARN of STS or IAM names, such as `arn:aws:sts::111122223333:assumed-role/Name/session`.
    ///
    /// Source: IAM User Guide, "IAM and AWS STS quotas": names, paths and sessions are of visible ASCII characters alone.
    pub fn from_arn(arn: &str) -> Option<Self> {
        if !arn.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let mut parts = arn.splitn(6, ':');
        let (word, partition, _service, _region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let account = parts.next()?.parse().ok()?;
        parts.next()?;
        (word == "arn").then(|| Self { account, arn: arn.into(), partition: partition.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_account_and_partition() {
        let caller = Caller::from_arn("arn:aws-cn:sts::011122223333:assumed-role/A/b").expect("a caller");
        assert_eq!((caller.account.to_string().as_str(), &*caller.partition), ("011122223333", "aws-cn"));
        for bad in
            ["", "arn:aws:sts::1:x", "arn:aws:s3:::bucket", "111122223333", "arn:aws:sts::111122223333:a/\u{1b}[2J"]
        {
            assert_eq!(Caller::from_arn(bad), None, "{bad}");
        }
    }
}
