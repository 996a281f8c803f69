//! Mistakes in what a world file says of Macie, each with the text it earns.

use driftline_simulator::World;

/// The text for a world whose account 111122223333 holds `account`, in a block from line 4 and column 5 on.
fn in_account(account: &str) -> String {
    mistake(&format!("version: 1\ncaller: '111122223333'\naccounts:\n  '111122223333':\n    {account}\n"))
}

/// The text for a world of an organization, whose account 111122223333 is on line 6 from column 6 on.
fn in_organization(organization: &str, account: &str) -> String {
    mistake(&format!(
        "version: 1\ncaller: '111122223333'
organization: {{management: '000011112222', {organization}}}
accounts:
  '000011112222': {{}}
  '111122223333': {{{account}}}
  '222233334444': {{in_organization: false}}
  '333344445555': {{}}"
    ))
}

/// The text for a world with these lines from line 4 on.
fn at_the_top(lines: &str) -> String {
    mistake(&format!("version: 1\ncaller: '111122223333'\naccounts: {{'111122223333': {{}}}}\n{lines}\n"))
}

fn mistake(text: &str) -> String {
    World::parse(text, "world.yaml").expect_err(text).to_string()
}

#[test]
fn membership() {
    let cases = [
        ("administrator: '111122223333'", "5:20: an account is no member of its own"),
        ("administrator: '222233334444'", "5:20: the administrator 222233334444 is not among the accounts"),
        ("membership: invitation", "5:17: a membership is that of an administrator: name it, or drop the membership"),
        (
            "{membership: invited, administrator: '1'}",
            "5:18: unknown variant `invited`, expected one of organization, invitation",
        ),
    ];
    for (account, expected) in cases {
        assert_eq!(in_account(account), format!("world.yaml:{expected}"), "{account}");
    }
}

#[test]
fn membership_in_an_organization() {
    let cases = [
        (
            "macie_administrator: '121212121212'",
            "",
            "3:65: the Macie administrator 121212121212 is not among the accounts",
        ),
        (
            "macie_administrator: '222233334444'",
            "",
            "3:65: the Macie administrator 222233334444 is not in the organization, as its account says",
        ),
        (
            "macie_administrator: '333344445555'",
            "administrator: '000011112222'",
            "6:35: the organization's macie_administrator is 333344445555: a member of another is a \"membership: invitation\"",
        ),
        (
            "paths: true",
            "administrator: '222233334444'",
            "6:35: account 222233334444 is not in the organization, so that this is a \"membership: invitation\"",
        ),
        (
            "paths: true",
            "in_organization: false, administrator: '333344445555'",
            "6:59: account 111122223333 is not in the organization, so that this is a \"membership: invitation\"",
        ),
    ];
    for (organization, account, expected) in cases {
        assert_eq!(in_organization(organization, account), format!("world.yaml:{expected}"), "{account}");
    }
}

#[test]
fn classification_jobs() {
    let cases = [
        ("{eu-central-2: 1}", "5:27: Macie does not exist in eu-central-2"),
        ("{us-east-9: 1}", "5:27: there is no Region us-east-9 in the Region table of 2026-11-22"),
        ("{us-east-1: -1}", "5:38: \"-1\" is no count: a whole number from 0 to 4294967295"),
        (
            "{us-east-1: 1}",
            "5:27: no job can be under way in us-east-1, where Macie is not enabled in account 111122223333 at the start",
        ),
        (
            "{eu-west-1: 1}\n    sessions: {eu-west-1: {status: PAUSED}}",
            "5:27: no job can be under way in eu-west-1, where Macie is not enabled in account 111122223333 at the start",
        ),
    ];
    for (jobs, expected) in cases {
        assert_eq!(in_account(&format!("classification_jobs: {jobs}")), format!("world.yaml:{expected}"), "{jobs}");
    }
    let fine = "{version: 1, caller: '111122223333', accounts: {'111122223333': {classification_jobs: {'*': 3, us-east-1: 0}}}}";
    World::parse(fine, "w").expect("nothing is under way where Macie is not enabled");
}

#[test]
fn permissions() {
    let form = "an action is a service and a name, such as macie2:GetMacieSession, or \"*\" in place of the name";
    let cases = [
        ("{Reader: ['macie2']}", format!("5:28: \"macie2\": {form}")),
        ("{Reader: ['*']}", format!("5:28: \"*\": {form}")),
        ("{Reader: ['macie2:Get*']}", format!("5:28: \"macie2:Get*\": {form}")),
        ("{Reader: [], /Reader: []}", "5:31: the permissions of \"Reader\" are in the account twice".to_owned()),
        ("{Writer: []}\n    roles: [Reader]", "5:19: \"Writer\" is none of the account's roles".to_owned()),
        ("{Reader: []}\n    roles: [audit/Reader]", "5:19: \"Reader\" is none of the account's roles".to_owned()),
    ];
    for (permissions, expected) in cases {
        let error_parts = in_account(&format!("permissions: {permissions}"));
        assert_eq!(error_parts, format!("world.yaml:{expected}"), "{permissions}");
    }
}

#[test]
fn meanwhile() {
    let either = "expected \"off\", or a mapping with status and finding_publishing_frequency";
    let cases = [
        (
            "account: '121212121212', region: us-east-1, after: 1, session: off",
            "5:15: account 121212121212 is not among the accounts".to_owned(),
        ),
        (
            "account: '111122223333', region: eu-central-2, after: 1, session: off",
            "5:39: Macie does not exist in eu-central-2".to_owned(),
        ),
        (
            "account: '111122223333', region: me-south-1, after: 1, session: off",
            "5:39: me-south-1 is off in account 111122223333: name it in regions_on".to_owned(),
        ),
        (
            "account: '111122223333', region: us-east-1, after: 0, session: off",
            "5:57: answers are counted from 1".to_owned(),
        ),
        (
            "account: '111122223333', region: us-east-1, after: soon, session: off",
            "5:57: \"soon\" is no count: a whole number from 0 to 4294967295".to_owned(),
        ),
        (
            "account: '111122223333', region: us-east-1, after: 1, session: gone",
            format!("5:60: invalid value: string \"gone\", {either}"),
        ),
        ("account: '111122223333', region: us-east-1, after: 1", "5:50: missing field `session`".to_owned()),
        ("colour: red", "5:6: unknown field `colour`, expected one of account, region, after, session".to_owned()),
    ];
    for (change, expected) in cases {
        assert_eq!(at_the_top(&format!("meanwhile:\n  - {{{change}}}")), format!("world.yaml:{expected}"), "{change}");
    }
    let twice = "account: '111122223333', region: us-east-1, after: 2, session: off";
    assert_eq!(
        at_the_top(&format!("meanwhile:\n  - {{{twice}}}\n  - {{{twice}}}")),
        "world.yaml:6:57: two changes of 111122223333/us-east-1 follow answer 2"
    );
}

#[test]
fn visibility() {
    assert_eq!(
        at_the_top("visibility: -1"),
        "world.yaml:4:13: \"-1\" is no count: a whole number from 0 to 4294967295"
    );
}
