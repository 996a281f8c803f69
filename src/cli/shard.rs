//! Shard of the accounts that this machine checks: from the command line, or from the scheduler that started the process.

use std::ffi::OsString;

use clap::Args;

use crate::model::{InvalidShard, Shard};

/// Variable with the value of the option.
const SHARD_VAR: &str = "DRIFTLINE_SHARD";

/// Variables of a scheduler, which numbers machines from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SchedulerEnv {
    /// Variable with the number of the machine.
    index: &'static str,
    /// Variable with the number of machines.
    count: &'static str,
    /// The fix if one of them is missing or invalid.
    help: &'static str,
}

/// Schedulers that are recognized without an option. Variables that are also set for other reasons, such as those of GitLab, do
/// not belong here: a job that nobody has split would check a part only.
const SCHEDULERS: [SchedulerEnv; 2] = [
    // Kubernetes sets the index in each pod of an Indexed Job, but not the count: the manifest has to.
    // Source: Kubernetes documentation, "Indexed Job for Parallel Processing with Static Work Assignment".
    SchedulerEnv {
        index: "JOB_COMPLETION_INDEX",
        count: "JOB_COMPLETIONS",
        help: "Kubernetes sets JOB_COMPLETION_INDEX in each pod of an Indexed Job, and the manifest must set JOB_COMPLETIONS to \
               the same number as `completions`; `--shard 1/1` checks everything on this machine",
    },
    // Batch sets both in each child of an array job.
    // Source: AWS Batch User Guide, "AWS Batch job environment variables".
    SchedulerEnv {
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        count: "AWS_BATCH_JOB_ARRAY_SIZE",
        help: "AWS Batch sets both in each child of an array job; `--shard INDEX/COUNT` takes precedence, and `--shard 1/1` \
               checks everything on this machine",
    },
];

/// The option that splits a run.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ShardArgs {
    /// Check only a part of the accounts, such as 3/16; `driftline report` merges the parts
    ///
    /// The id of an account determines its part. By default, the part comes from DRIFTLINE_SHARD, or else from a Kubernetes
    /// Indexed Job (JOB_COMPLETION_INDEX, with JOB_COMPLETIONS set in the manifest) or an AWS Batch array job.
    #[arg(long, value_name = "INDEX/COUNT")]
    shard: Option<Shard>,
}

/// Error in the variables that select a shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ShardEnvError {
    /// An invalid `DRIFTLINE_SHARD`.
    #[error("{own} is {0:?}: {rule}", own = SHARD_VAR, rule = InvalidShard)]
    InvalidShardVar(String),
    /// One of two variables is missing.
    #[error("{there} is set and {missing} is not, so the shard of this run is unknown")]
    MissingVar {
        /// The variable that is set.
        there: &'static str,
        /// The variable that is missing.
        missing: &'static str,
        /// The fix.
        help: &'static str,
    },
    /// A variable without a number.
    #[error("{name} is {value:?}, which is not a valid number, so the shard of this run is unknown")]
    NotANumber {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// The fix.
        help: &'static str,
    },
    /// An index that is not below the count.
    #[error("{by}: the index counts from 0 and must be below the count, so the shard of this run is unknown")]
    OutOfRange {
        /// Both variables with their values.
        by: String,
        /// The fix.
        help: &'static str,
    },
    /// Two schedulers with different shards.
    #[error("{} select shard {}, and {} select shard {}", .0.by, .0.shard, .1.by, .1.shard)]
    Disagree(DetectedShard, DetectedShard),
}

/// Shard from the environment, and the variables with their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DetectedShard {
    shard: Shard,
    by: String,
}

impl ShardArgs {
    /// Shard of the run, if it is split. A shard from the environment is announced.
    pub(super) fn for_run(self, announce: impl FnOnce(&str)) -> Result<Option<Shard>, ShardEnvError> {
        if self.shard.is_some() {
            return Ok(self.shard);
        }
        let Some(DetectedShard { shard, by }) = detect(|name| std::env::var_os(name))? else { return Ok(None) };
        announce(&format!("checking shard {shard} of the accounts, as set by {by}\n"));
        Ok(Some(shard))
    }
}

impl ShardEnvError {
    /// The fix.
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::MissingVar { help, .. } | Self::NotANumber { help, .. } | Self::OutOfRange { help, .. } => help,
            Self::InvalidShardVar(_) | Self::Disagree(..) => {
                "`--shard INDEX/COUNT` takes precedence over every variable, and DRIFTLINE_SHARD over those of schedulers; \
                 `--shard 1/1` checks everything on this machine"
            }
        }
    }
}

/// Detects the shard in the variables that a function looks up.
fn detect(variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<DetectedShard>, ShardEnvError> {
    // CI systems set empty variables for missing values. A value that is not UTF-8 is no number in any case.
    let text = |name: &str| {
        let value = variable(name)?.to_string_lossy().into_owned();
        (!value.trim().is_empty()).then_some(value)
    };
    if let Some(own) = text(SHARD_VAR) {
        let shard = own.parse().map_err(|_| ShardEnvError::InvalidShardVar(own.clone()))?;
        return Ok(Some(DetectedShard { shard, by: format!("{SHARD_VAR}={own}") }));
    }
    let mut found: Option<DetectedShard> = None;
    for scheduler in SCHEDULERS {
        let Some(other) = scheduler.detect(text)? else { continue };
        found = match found {
            Some(one) if one.shard != other.shard => return Err(ShardEnvError::Disagree(one, other)),
            Some(one) => Some(DetectedShard { by: format!("{}, {}", one.by, other.by), ..one }),
            None => Some(other),
        };
    }
    Ok(found)
}

impl SchedulerEnv {
    /// The shard of this scheduler, if its variables are set.
    fn detect(self, text: impl Fn(&str) -> Option<String>) -> Result<Option<DetectedShard>, ShardEnvError> {
        let Self { index, count, help } = self;
        let missing_var = |there, missing| Err(ShardEnvError::MissingVar { there, missing, help });
        let (which, of) = match (text(index), text(count)) {
            (None, None) => return Ok(None),
            (Some(_), None) => return missing_var(index, count),
            // A Job that is not Indexed: each of its pods would check everything.
            (None, Some(_)) => return missing_var(count, index),
            (Some(which), Some(of)) => (which, of),
        };
        let number = |name, value: &str| {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let number = value.parse::<u32>().ok().filter(|_| digits);
            number.ok_or_else(|| ShardEnvError::NotANumber { name, value: value.to_owned(), help })
        };
        let by = format!("{index}={which} and {count}={of}");
        let (which, of) = (number(index, &which)?, number(count, &of)?);
        if which >= of {
            return Err(ShardEnvError::OutOfRange { by, help });
        }
        Ok(Some(DetectedShard { shard: Shard { index: which + 1, count: of }, by }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KUBERNETES: [&str; 2] = ["JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"];
    const BATCH: [&str; 2] = ["AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"];

    fn shard_of(variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        detect(value).map(|found| found.map(|found| found.shard.to_string())).map_err(|error| error.to_string())
    }

    #[test]
    fn schedulers_count_from_0_and_shards_from_1() {
        assert_eq!(shard_of(&[]), Ok(None));
        assert_eq!(shard_of(&[(SHARD_VAR, "3/16")]), Ok(Some("3/16".to_owned())));
        for [index, count] in [KUBERNETES, BATCH] {
            for (which, of, shard) in [("0", "1", "1/1"), ("0", "16", "1/16"), ("15", "16", "16/16")] {
                assert_eq!(shard_of(&[(index, which), (count, of)]), Ok(Some(shard.to_owned())), "{index}");
            }
            assert_eq!(
                shard_of(&[(index, "4294967294"), (count, "4294967295")]),
                Ok(Some("4294967295/4294967295".to_owned()))
            );
        }
    }

    #[test]
    fn our_own_variable_overrides_those_of_schedulers() {
        let broken = [(KUBERNETES[0], "x"), (BATCH[1], "7")];
        assert_eq!(shard_of(&[&[(SHARD_VAR, "2/3")], &broken[..]].concat()), Ok(Some("2/3".to_owned())));
    }

    #[test]
    fn an_empty_variable_is_ignored() {
        let empty: Vec<(&str, &str)> =
            [SHARD_VAR].into_iter().chain(KUBERNETES).chain(BATCH).map(|name| (name, "")).collect();
        assert_eq!(shard_of(&empty), Ok(None));
        assert_eq!(
            shard_of(&[(SHARD_VAR, ""), (BATCH[0], "1"), (BATCH[1], "2"), (KUBERNETES[0], "")]),
            Ok(Some("2/2".to_owned()))
        );
        assert!(shard_of(&[(KUBERNETES[0], "1"), (KUBERNETES[1], "")]).is_err(), "one of two variables is not enough");
    }

    #[test]
    fn an_unclear_shard_is_an_error_that_names_the_variables() {
        for bad in ["3", "0/4", "5/4", "a", "1/4 ", "/"] {
            let error = shard_of(&[(SHARD_VAR, bad)]).expect_err(bad);
            assert!(error.starts_with(&format!("{SHARD_VAR} is {bad:?}: a shard is written as")), "{error}");
        }
        for [index, count] in [KUBERNETES, BATCH] {
            for (variables, parts) in [
                (vec![(index, "0")], vec![format!("{index} is set and {count} is not")]),
                (vec![(count, "4")], vec![format!("{count} is set and {index} is not")]),
                (vec![(index, "x"), (count, "4")], vec![format!("{index} is \"x\"")]),
                (vec![(index, "-1"), (count, "4")], vec![format!("{index} is \"-1\"")]),
                (vec![(index, "+1"), (count, "4")], vec![format!("{index} is \"+1\"")]),
                (vec![(index, "1"), (count, "4.0")], vec![format!("{count} is \"4.0\"")]),
                (vec![(index, "1"), (count, "4294967296")], vec![format!("{count} is \"4294967296\"")]),
                (vec![(index, "4"), (count, "4")], vec![format!("{index}=4"), format!("{count}=4")]),
                (vec![(index, "0"), (count, "0")], vec![format!("{index}=0"), format!("{count}=0")]),
            ] {
                let error = shard_of(&variables).expect_err("an error");
                assert!(parts.iter().all(|part| error.contains(part)), "{variables:?}: {error}");
            }
        }
    }

    #[test]
    fn schedulers_must_agree() {
        let both = |which, of| [(KUBERNETES[0], "1"), (KUBERNETES[1], "4"), (BATCH[0], which), (BATCH[1], of)];
        assert_eq!(shard_of(&both("1", "4")), Ok(Some("2/4".to_owned())));
        for (which, of) in [("2", "4"), ("1", "5")] {
            let error = shard_of(&both(which, of)).expect_err("an error");
            for name in KUBERNETES.iter().chain(&BATCH) {
                assert!(error.contains(name), "{error}");
            }
        }
        assert!(shard_of(&both("x", "4")).is_err(), "an unclear one is not ignored");
    }
}
