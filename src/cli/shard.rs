//! Which part of the accounts this machine checks: what the command line says, or else the scheduler that has started it.

use std::ffi::OsString;

use clap::Args;

use super::arguments::Common;
use super::error::CliError;
use super::output::stderr;
use crate::model::{InvalidShard, Shard};

/// The variable that says it as the option does.
const SHARD_VAR: &str = "DRIFTLINE_SHARD";

/// How a scheduler numbers the machines of a run: from 0, in a variable of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SchedulerEnv {
    /// The variable that says which one this is.
    index: &'static str,
    /// The variable that says how many there are.
    count: &'static str,
    /// Who sets the second one.
    help: &'static str,
}

/// What is taken without being asked for. Variables that are set for other reasons as well, as those of GitLab are, do not belong
/// here: a job would check a part where nobody has split anything.
const NUMBERINGS: [SchedulerEnv; 2] = [
    // Kubernetes sets the index in each pod of an Indexed Job. How many there are it does not tell the pod: the manifest has to.
    // Source: Kubernetes documentation, "Indexed Job for Parallel Processing with Static Work Assignment".
    SchedulerEnv {
        index: "JOB_COMPLETION_INDEX",
        count: "JOB_COMPLETIONS",
        help: "Kubernetes sets JOB_COMPLETION_INDEX in each pod of an Indexed Job, and the manifest has to set JOB_COMPLETIONS to \
               the same number as `completions`; `--shard 1/1` checks everything on this machine",
    },
    // Batch sets both in each child of an array job.
    // Source: AWS Batch User Guide, "AWS Batch job environment variables".
    SchedulerEnv {
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        count: "AWS_BATCH_JOB_ARRAY_SIZE",
        help: "AWS Batch sets both in each child of an array job; `--shard INDEX/COUNT` counts before them, and `--shard 1/1` \
               checks everything on this machine",
    },
];

/// The option that splits a run.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ShardArgument {
    /// Check a part of the accounts only, such as 3/16: always the same ones, by their ids. `driftline report` merges the parts
    ///
    /// Without this, the part is that of DRIFTLINE_SHARD, if that is set; else that of a Kubernetes Indexed Job
    /// (JOB_COMPLETION_INDEX, with JOB_COMPLETIONS set by the manifest) or of an AWS Batch array job.
    #[arg(long, value_name = "INDEX/COUNT")]
    shard: Option<Shard>,
}

/// Why the environment does not say which part this is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ShardEnvError {
    /// Our own variable holds something else.
    #[error("{own} is {0:?}: {rule}", own = SHARD_VAR, rule = InvalidShard)]
    NoShard(String),
    /// Only one of two variables is there.
    #[error("{there} is set and {missing} is not, so it is not known which shard of the run this is")]
    Half {
        /// The one that is.
        there: &'static str,
        /// The one that is not.
        missing: &'static str,
        /// What to do.
        help: &'static str,
    },
    /// A variable holds no number.
    #[error("{name} is {value:?}, which is not a number of shards, so it is not known which shard of the run this is")]
    NoNumber {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What to do.
        help: &'static str,
    },
    /// There is no machine of that number.
    #[error(
        "{by}: the index counts from 0 and must be below the count, so it is not known which shard of the run this is"
    )]
    Beyond {
        /// Both variables with what they hold.
        by: String,
        /// What to do.
        help: &'static str,
    },
    /// Two schedulers that say different things.
    #[error("{} say that this is shard {}, and {} say that it is shard {}", .0.by, .0.shard, .1.by, .1.shard)]
    Disagree(DetectedShard, DetectedShard),
}

/// A part, and the variables that it was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DetectedShard {
    shard: Shard,
    by: String,
}

impl ShardArgument {
    /// The part of this run, if it was split. That it was taken from the environment is told.
    pub(super) fn for_run(self, common: &Common) -> Result<Option<Shard>, CliError> {
        if self.shard.is_some() {
            return Ok(self.shard);
        }
        let Some(taken) = taken(|name| std::env::var_os(name))? else { return Ok(None) };
        if !common.quiet {
            stderr(&format!("checking shard {} of the accounts, taken from {}\n", taken.shard, taken.by));
        }
        Ok(Some(taken.shard))
    }
}

impl ShardEnvError {
    /// What to do next.
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::Half { help, .. } | Self::NoNumber { help, .. } | Self::Beyond { help, .. } => help,
            Self::NoShard(_) | Self::Disagree(..) => {
                "`--shard INDEX/COUNT` counts before every variable, and DRIFTLINE_SHARD before those of schedulers; `--shard 1/1` \
                 checks everything on this machine"
            }
        }
    }
}

/// What the environment says, whose variables a function looks up.
fn taken(variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<DetectedShard>, ShardEnvError> {
    // A CI system that has nothing to say sets an empty variable: as good as none. What is not UTF-8 is no number in any case.
    let text = |name: &str| {
        let value = variable(name)?.to_string_lossy().into_owned();
        (!value.trim().is_empty()).then_some(value)
    };
    if let Some(own) = text(SHARD_VAR) {
        let shard = own.parse().map_err(|_| ShardEnvError::NoShard(own.clone()))?;
        return Ok(Some(DetectedShard { shard, by: format!("{SHARD_VAR}={own}") }));
    }
    let mut found: Option<DetectedShard> = None;
    for numbering in NUMBERINGS {
        let Some(other) = numbering.taken(text)? else { continue };
        found = match found {
            Some(one) if one.shard != other.shard => return Err(ShardEnvError::Disagree(one, other)),
            Some(one) => Some(DetectedShard { by: format!("{}, {}", one.by, other.by), ..one }),
            None => Some(other),
        };
    }
    Ok(found)
}

impl SchedulerEnv {
    /// What this scheduler says, if it is there.
    fn taken(self, text: impl Fn(&str) -> Option<String>) -> Result<Option<DetectedShard>, ShardEnvError> {
        let Self { index, count, help } = self;
        let half = |there, missing| Err(ShardEnvError::Half { there, missing, help });
        let (which, of) = match (text(index), text(count)) {
            (None, None) => return Ok(None),
            (Some(_), None) => return half(index, count),
            // A Job that is not Indexed: each of its pods would check everything.
            (None, Some(_)) => return half(count, index),
            (Some(which), Some(of)) => (which, of),
        };
        let number = |name, value: &str| {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let number = value.parse::<u32>().ok().filter(|_| digits);
            number.ok_or_else(|| ShardEnvError::NoNumber { name, value: value.to_owned(), help })
        };
        let by = format!("{index}={which} and {count}={of}");
        let (which, of) = (number(index, &which)?, number(count, &of)?);
        if which >= of {
            return Err(ShardEnvError::Beyond { by, help });
        }
        Ok(Some(DetectedShard { shard: Shard { index: which + 1, count: of }, by }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KUBERNETES: [&str; 2] = ["JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"];
    const BATCH: [&str; 2] = ["AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"];

    fn said(variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        taken(value).map(|taken| taken.map(|taken| taken.shard.to_string())).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn schedulers_count_from_0_and_shards_from_1() {
        assert_eq!(said(&[]), Ok(None));
        assert_eq!(said(&[(SHARD_VAR, "3/16")]), Ok(Some("3/16".to_owned())));
        for [index, count] in [KUBERNETES, BATCH] {
            for (which, of, shard) in [("0", "1", "1/1"), ("0", "16", "1/16"), ("15", "16", "16/16")] {
                assert_eq!(said(&[(index, which), (count, of)]), Ok(Some(shard.to_owned())), "{index}");
            }
            assert_eq!(
                said(&[(index, "4294967294"), (count, "4294967295")]),
                Ok(Some("4294967295/4294967295".to_owned()))
            );
        }
    }

    #[test]
    fn our_own_variable_counts_before_those_of_schedulers() {
        let broken = [(KUBERNETES[0], "x"), (BATCH[1], "7")];
        assert_eq!(said(&[&[(SHARD_VAR, "2/3")], &broken[..]].concat()), Ok(Some("2/3".to_owned())));
    }

    #[test]
    fn an_empty_variable_is_as_good_as_none() {
        let empty: Vec<(&str, &str)> =
            [SHARD_VAR].into_iter().chain(KUBERNETES).chain(BATCH).map(|name| (name, "")).collect();
        assert_eq!(said(&empty), Ok(None));
        assert_eq!(
            said(&[(SHARD_VAR, ""), (BATCH[0], "1"), (BATCH[1], "2"), (KUBERNETES[0], "")]),
            Ok(Some("2/2".to_owned()))
        );
        assert!(said(&[(KUBERNETES[0], "1"), (KUBERNETES[1], "")]).is_err(), "half is no whole");
    }

    #[test]
    fn what_is_not_clear_is_a_mistake_that_names_the_variables() {
        for bad in ["3", "0/4", "5/4", "a", "1/4 ", "/"] {
            let mistake = said(&[(SHARD_VAR, bad)]).expect_err(bad);
            assert!(mistake.starts_with(&format!("{SHARD_VAR} is {bad:?}: a shard is written as")), "{mistake}");
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
                let mistake = said(&variables).expect_err("a mistake");
                assert!(parts.iter().all(|part| mistake.contains(part)), "{variables:?}: {mistake}");
            }
        }
    }

    #[test]
    fn schedulers_have_to_agree() {
        let both = |which, of| [(KUBERNETES[0], "1"), (KUBERNETES[1], "4"), (BATCH[0], which), (BATCH[1], of)];
        assert_eq!(said(&both("1", "4")), Ok(Some("2/4".to_owned())));
        for (which, of) in [("2", "4"), ("1", "5")] {
            let mistake = said(&both(which, of)).expect_err("a mistake");
            for name in KUBERNETES.iter().chain(&BATCH) {
                assert!(mistake.contains(name), "{mistake}");
            }
        }
        assert!(said(&both("x", "4")).is_err(), "one that says nothing clear is not passed over");
    }
}
