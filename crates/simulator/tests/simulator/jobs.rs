//! Classification jobs, and what ends them.

use aws_sdk_macie2::Client;
use aws_sdk_macie2::types::{
    JobComparator, JobStatus, JobType, ListJobsFilterCriteria, ListJobsFilterKey, ListJobsFilterTerm, MacieStatus,
};

use crate::support::{OTHER, error_parts, id, macie, region, start};

fn term(key: ListJobsFilterKey, comparator: JobComparator, values: &[&str]) -> ListJobsFilterTerm {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    ListJobsFilterTerm::builder().key(key).comparator(comparator).set_values(Some(values)).build()
}

fn status(comparator: JobComparator, values: &[&str]) -> ListJobsFilterTerm {
    term(ListJobsFilterKey::JobStatus, comparator, values)
}

/// The names of the jobs that meet some criteria.
async fn names(client: &Client, criteria: ListJobsFilterCriteria) -> Vec<String> {
    let answer = client.list_classification_jobs().filter_criteria(criteria).send().await.expect("jobs");
    answer.items().iter().filter_map(|job| job.name()).map(str::to_owned).collect()
}

#[tokio::test]
async fn jobs_are_those_of_the_world() {
    let simulation = start("sessions: {'*': {}}, classification_jobs: {'*': 1, eu-central-1: 3, us-east-1: 0}", "");
    let client = macie(&simulation, "eu-central-1").await;
    let answer = client.list_classification_jobs().send().await.expect("jobs");
    let kinds: Vec<_> = answer.items().iter().map(|job| (job.job_status(), job.job_type())).collect();
    let (one_time, idle) =
        ((Some(&JobStatus::Running), Some(&JobType::OneTime)), (Some(&JobStatus::Idle), Some(&JobType::Scheduled)));
    assert_eq!(kinds, [one_time, idle, one_time]);
    let first = &answer.items()[0];
    assert_eq!((first.name(), first.job_id().map(str::len)), (Some("job-1"), Some(32)));
    assert_eq!(first.created_at().expect("a time").to_string(), "2026-01-01T00:00:00Z");
    let count = |code: &str| simulation.jobs(id(OTHER), region(code));
    assert_eq!((count("eu-central-1"), count("eu-west-1"), count("us-east-1")), (3, 1, 0));
    let none = macie(&simulation, "us-east-1").await.list_classification_jobs().send().await.expect("jobs");
    assert!(none.items().is_empty());
}

#[tokio::test]
async fn pausing_ends_jobs_for_good() {
    let simulation = start("sessions: {'*': {}}, classification_jobs: {'*': 2}", "");
    let client = macie(&simulation, "us-east-1").await;
    let set = async |status: MacieStatus| client.update_macie_session().status(status).send().await.expect("an update");
    set(MacieStatus::Enabled).await;
    assert_eq!(simulation.jobs(id(OTHER), region("us-east-1")), 2, "nothing changed");
    set(MacieStatus::Paused).await;
    set(MacieStatus::Enabled).await;
    assert_eq!(simulation.jobs(id(OTHER), region("us-east-1")), 0);
    let answer = client.list_classification_jobs().send().await.expect("jobs");
    assert!(answer.items().iter().all(|job| job.job_status() == Some(&JobStatus::Cancelled)));
    assert_eq!(answer.items().len(), 2, "they are still error_parts");

    client.disable_macie().send().await.expect("Macie is disabled");
    assert_eq!(error_parts(client.list_classification_jobs().send().await).2, "Macie is not enabled");
    client.enable_macie().send().await.expect("Macie is enabled");
    let answer = client.list_classification_jobs().send().await.expect("jobs");
    assert!(answer.items().is_empty(), "disabling leaves nothing");
}

#[tokio::test]
async fn disabling_ends_jobs_too() {
    let simulation = start("sessions: {'*': {}}, classification_jobs: {'*': 2}", "");
    macie(&simulation, "us-east-1").await.disable_macie().send().await.expect("Macie is disabled");
    assert_eq!(simulation.jobs(id(OTHER), region("us-east-1")), 0);
    assert_eq!(simulation.written(), ["macie2:DisableMacie 111122223333 us-east-1"]);
}

#[tokio::test]
async fn jobs_are_filtered_by_status() {
    let simulation = start("sessions: {'*': {}}, classification_jobs: {'*': 3}", "");
    let client = macie(&simulation, "us-east-1").await;
    let criteria = ListJobsFilterCriteria::builder;
    let (eq, ne) = (JobComparator::Eq, JobComparator::Ne);
    let cases = [
        (criteria().includes(status(eq.clone(), &["RUNNING"])), vec!["job-1", "job-3"]),
        (criteria().includes(status(ne.clone(), &["RUNNING"])), vec!["job-2"]),
        (criteria().includes(status(eq.clone(), &["RUNNING", "IDLE"])), vec!["job-1", "job-2", "job-3"]),
        (criteria().includes(status(eq.clone(), &["CANCELLED"])), vec![]),
        (criteria().excludes(status(eq.clone(), &["IDLE", "CANCELLED"])), vec!["job-1", "job-3"]),
        (criteria().excludes(status(ne.clone(), &["IDLE"])), vec!["job-2"]),
        (criteria().includes(status(ne, &["IDLE"])).excludes(status(eq.clone(), &["RUNNING"])), vec![]),
    ];
    for (criteria, expected) in cases {
        let criteria = criteria.build();
        assert_eq!(names(&client, criteria.clone()).await, expected, "{criteria:?}");
    }
    let bad = [
        status(JobComparator::Gt, &["RUNNING"]),
        status(eq.clone(), &["HIBERNATING"]),
        term(ListJobsFilterKey::Name, eq.clone(), &["job-1"]),
        term("colour".into(), eq, &["red"]),
        ListJobsFilterTerm::builder().build(),
    ];
    for term in bad {
        let request = client.list_classification_jobs().filter_criteria(criteria().includes(term.clone()).build());
        assert_eq!(error_parts(request.send().await).1, "ValidationException", "{term:?}");
    }
}

#[tokio::test]
async fn jobs_come_page_by_page() {
    let simulation = start("sessions: {'*': {}}, classification_jobs: {'*': 5}", "");
    let client = macie(&simulation, "us-east-1").await;
    let running = ListJobsFilterCriteria::builder().includes(status(JobComparator::Eq, &["RUNNING"])).build();
    let pages = client.list_classification_jobs().filter_criteria(running).max_results(2).into_paginator().send();
    let pages: Vec<_> = pages.collect::<Result<Vec<_>, _>>().await.expect("pages");
    let names: Vec<Vec<_>> =
        pages.iter().map(|page| page.items().iter().filter_map(|job| job.name()).collect()).collect();
    assert_eq!(names, [vec!["job-1", "job-3"], vec!["job-5"]]);
    for bad in [0, 201] {
        let request = client.list_classification_jobs().max_results(bad);
        assert_eq!(error_parts(request.send().await).1, "ValidationException", "{bad}");
    }
    client.list_classification_jobs().max_results(200).send().await.expect("the largest page");
    let foreign = client.list_classification_jobs().next_token("ListMembers/associated/1").send().await;
    assert_eq!(error_parts(foreign).1, "ValidationException");
}
