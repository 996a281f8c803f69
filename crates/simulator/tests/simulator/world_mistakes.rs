//! Mistakes in world files, each with the text it earns.

use driftline_simulator::World;

/// The text for a world whose account 111122223333 holds `account`, in a block from line 4 and column 5 on.
fn in_account(account: &str) -> String {
    let block = account.replace('\n', "\n    ");
    mistake(&format!("version: 1\ncaller: '111122223333'\naccounts:\n  '111122223333':\n    {block}\n"))
}

/// The text for a world with these lines from line 4 on.
fn at_the_top(lines: &str) -> String {
    mistake(&format!("version: 1\ncaller: '111122223333'\naccounts: {{'111122223333': {{}}}}\n{lines}\n"))
}

fn mistake(text: &str) -> String {
    World::parse(text, "world.yaml").expect_err(text).to_string()
}

#[test]
fn the_shape_of_the_file() {
    let head = "version: 1\ncaller: '111122223333'\naccounts:";
    let cases = [
        (String::new(), "1:1: unexpected end of input"),
        ("- a".to_owned(), "1:1: expected mapping start"),
        ("version: 1".to_owned(), "1:1: missing field `caller`"),
        (
            "version: 2\ncaller: '111122223333'\naccounts: {'111122223333': {}}".to_owned(),
            "1:10: version 2 of the world file is not known; this one is 1",
        ),
        ("version: 1\ncaller: '1'\naccounts: {}".to_owned(), "2:9: an account id has exactly 12 digits"),
        (format!("{head} {{}}"), "2:9: the caller's account 111122223333 is not among the accounts"),
        (format!("{head}\n  '12': {{}}"), "4:3: an account id has exactly 12 digits"),
        (
            format!("{head}\n  '111122223333': {{}}\n  111122223333: {{}}"),
            "5:3: account 111122223333 is in the file twice",
        ),
        (format!("{head}\n  '111122223333':\n"), "4:17: expected mapping start"),
    ];
    for (text, expected) in cases {
        assert_eq!(mistake(&text), format!("world.yaml:{expected}"), "{text}");
    }
}

#[test]
fn keys_at_the_top() {
    let cases = [
        (
            "colour: red",
            "4:1: unknown field `colour`, expected one of version, caller, organization, accounts, visibility, \
             meanwhile, faults, limits, latency, credentials_last, clock, not_enabled_http_status",
        ),
        (
            "latency: soon",
            "4:10: \"soon\": failed to parse input in the \"friendly\" duration format: expected duration to start \
             with a unit value (a decimal integer) after an optional sign, but no integer was found",
        ),
        ("latency: -1s", "4:10: a length of time cannot be negative"),
        ("credentials_last: -1s", "4:19: a length of time cannot be negative"),
        (
            "clock: behind",
            "4:8: \"behind\": failed to parse input in the \"friendly\" duration format: expected duration to start \
             with a unit value (a decimal integer) after an optional sign, but no integer was found",
        ),
        ("not_enabled_http_status: 404", "4:26: not_enabled_http_status is 403 or 401, not 404"),
    ];
    for (lines, expected) in cases {
        assert_eq!(at_the_top(lines), format!("world.yaml:{expected}"), "{lines}");
    }
}

#[test]
fn faults() {
    let cases = [
        (
            "fault: explode",
            "5:12: unknown variant `explode`, expected one of throttle, too_many_requests, bare_429, server_error, \
             html_503, hang, reset, truncated, foreign_body, empty_200, expired_token, unrecognized_client, \
             unknown_status, unknown_frequency, wrong_identity, latency, drip, answer_lost, answer_late, error, answer",
        ),
        ("times: 1", "5:5: missing field `fault`"),
        ("{times: 0, fault: hang}", "5:6: invalid value: integer `0`, expected a nonzero u32"),
        ("fault: {hang: 1}", "5:19: unexpected value for unit enum variant"),
        ("fault: {latency: 1s, answer: {status: 200}}", "5:26: expected end of mapping after enum variant value"),
        ("fault: {wrong_identity: 12}", "5:29: an account id has exactly 12 digits"),
        ("fault: {error: {code: X}}", "5:21: missing field `message`"),
        ("fault: {error: {status: 200, code: X, message: y}}", "5:12: 200 is no HTTP status of an error"),
        ("fault: {answer: {status: 99}}", "5:12: 99 is no HTTP status of an answer"),
        ("fault: {answer: {status: 200, headers: {'a b': c}}}", "5:12: \"a b\" is no name of an HTTP header"),
        ("fault: {answer: {status: 200, headers: {a: \"c\\n\"}}}", "5:12: \"c\\n\" cannot stand in an HTTP header"),
        ("{fault: unknown_status, operations: ['account:*']}", "5:42: this kind of fault has no meaning for account:*"),
        (
            "{fault: hang, operations: ['macie2:Explode']}",
            "5:32: \"macie2:Explode\": no such operation is simulated; there are sts:AssumeRole, \
             sts:GetCallerIdentity, account:ListRegions, organizations:DescribeAccount, \
             organizations:DescribeOrganization, organizations:DescribeOrganizationalUnit, \
             organizations:ListAccounts, organizations:ListAccountsForParent, \
             organizations:ListDelegatedAdministrators, organizations:ListOrganizationalUnitsForParent, \
             organizations:ListParents, organizations:ListRoots, organizations:ListTagsForResource, \
             macie2:BatchUpdateAutomatedDiscoveryAccounts, macie2:CreateMember, \
             macie2:DescribeOrganizationConfiguration, macie2:DisableMacie, macie2:EnableMacie, \
             macie2:GetAdministratorAccount, macie2:GetAutomatedDiscoveryConfiguration, \
             macie2:GetClassificationExportConfiguration, macie2:GetFindingsPublicationConfiguration, \
             macie2:GetMacieSession, macie2:GetMember, macie2:GetRevealConfiguration, \
             macie2:ListAutomatedDiscoveryAccounts, macie2:ListClassificationJobs, macie2:ListMembers, \
             macie2:ListOrganizationAdminAccounts, macie2:PutClassificationExportConfiguration, \
             macie2:PutFindingsPublicationConfiguration, macie2:UpdateAutomatedDiscoveryConfiguration, \
             macie2:UpdateMacieSession, macie2:UpdateMemberSession, macie2:UpdateOrganizationConfiguration, \
             macie2:UpdateRevealConfiguration, ssm:CreateDocument, ssm:DescribeDocument, ssm:DescribeSessions, \
             ssm:GetDocument, ssm:UpdateDocument, ssm:UpdateDocumentDefaultVersion, and \"*\" in place of a name",
        ),
        ("{fault: hang, regions: [us-east-9]}", "5:29: there is no Region us-east-9 in the Region table of 2026-11-22"),
    ];
    for (fault, expected) in cases {
        assert_eq!(at_the_top(&format!("faults:\n  - {fault}")), format!("world.yaml:{expected}"), "{fault}");
    }
}

#[test]
fn sessions() {
    let either = "expected \"off\", or a mapping with status and finding_publishing_frequency";
    let cases = [
        ("us-east-9: {}", "6:7: there is no Region us-east-9 in the Region table of 2026-11-22".to_owned()),
        (
            "US: {}",
            "6:7: \"US\": a Region code looks like \"eu-central-1\": lower-case words and a number, joined by hyphens"
                .to_owned(),
        ),
        ("eu-central-2: {}", "6:7: Macie does not exist in eu-central-2".to_owned()),
        (
            "me-south-1: {}",
            "6:7: me-south-1 is off in account 111122223333: name it in regions_on, or drop the session".to_owned(),
        ),
        ("us-east-1: on", format!("6:7: invalid value: boolean `true`, {either}")),
        ("us-east-1: disabled", format!("6:7: invalid value: string \"disabled\", {either}")),
        ("us-east-1: 5", format!("6:7: invalid type: integer `5`, {either}")),
        ("us-east-1: [a]", format!("6:7: invalid type: sequence, {either}")),
        (
            "us-east-1: {status: NOT_ENABLED}",
            "6:27: unknown variant `NOT_ENABLED`, expected one of ENABLED, PAUSED".to_owned(),
        ),
        (
            "us-east-1: {finding_publishing_frequency: DAILY}",
            "6:19: unknown variant `DAILY`, expected one of FIFTEEN_MINUTES, ONE_HOUR, SIX_HOURS".to_owned(),
        ),
        (
            "us-east-1: {frequency: ONE_HOUR}",
            "6:19: unknown field `frequency`, expected one of status, finding_publishing_frequency, security_hub, \
             classification_export, automated_discovery, reveal, organization"
                .to_owned(),
        ),
        (
            "us-east-1: {security_hub: {publish: true}}",
            "6:34: unknown field `publish`, expected one of publish_policy_findings, publish_classification_findings"
                .to_owned(),
        ),
        (
            "us-east-1: {automated_discovery: {status: ON}}",
            "6:49: unknown variant `ON`, expected one of ENABLED, DISABLED".to_owned(),
        ),
        ("us-east-1: {classification_export: {bucket_name: b}}", "6:43: missing field `kms_key_arn`".to_owned()),
        (
            "ap-northeast-3: {reveal: {status: ENABLED, kms_key_id: k}}",
            "6:7: Macie reveals no samples in ap-northeast-3: drop reveal".to_owned(),
        ),
    ];
    for (session, expected) in cases {
        assert_eq!(in_account(&format!("sessions:\n  {session}")), format!("world.yaml:{expected}"), "{session}");
    }
    assert!(
        World::parse(
            "{version: 1, caller: '111122223333', accounts: {'111122223333': {sessions: {me-south-1: off}}}}",
            "w"
        )
        .is_ok(),
        "off is true of a Region that is off"
    );
}

#[test]
fn the_rest_of_an_account() {
    let cases = [
        (
            "role: x",
            "5:5: unknown field `role`, expected one of name, email, unit, tags, state, joined, in_organization, roles, \
             external_id, suspended, regions_on, list_regions, administrator, membership, sessions, classification_jobs, \
             session_manager, permissions, denials",
        ),
        ("regions_on: [us-east-1]", "5:18: us-east-1 is no opt-in Region of the accounts here"),
        ("regions_on: [xx-east-1]", "5:18: there is no Region xx-east-1 in the Region table of 2026-11-22"),
        ("list_regions: maybe", "5:19: unknown variant `maybe`, expected one of allowed, denied"),
        ("administrator: '111122223333'", "5:20: an account is no member of its own"),
        (
            "denials:\n  - {actions: ['sts:GetCallerIdentity']}",
            "6:20: sts:GetCallerIdentity cannot be denied: it needs no permission",
        ),
        (
            "denials:\n  - {actions: ['sts:*'], layer: scp}",
            "6:37: unknown variant `scp`, expected one of identity_policy, resource_policy, service_control_policy, \
             resource_control_policy, permissions_boundary, session_policy, vpc_endpoint_policy",
        ),
        (
            "denials:\n  - {actions: ['sts:*'], policy_arn: x}",
            "6:42: AWS tells the policy_arn only of an explicit denial: add \"explicit: true\"",
        ),
    ];
    for (account, expected) in cases {
        assert_eq!(in_account(account), format!("world.yaml:{expected}"), "{account}");
    }
}

#[test]
fn session_manager() {
    let cases = [
        ("documents: {}", "6:7: unknown field `documents`, expected one of preferences, sessions"),
        ("preferences: {cn-north-1: []}", "6:21: cn-north-1 is in another partition"),
        ("preferences: {me-south-1: [{}]}", "6:21: me-south-1 is off in account 111122223333: name it in regions_on"),
        (
            "preferences: {'*': [{default: true}, {default: true}]}",
            "6:21: two versions of the document are the default",
        ),
        (
            "preferences: {'*': [{content: x, inputs: {}}]}",
            "6:21: a version has a content of its own, or inputs and parameters",
        ),
        ("preferences: {'*': [{format: TEXT}]}", "6:36: unknown variant `TEXT`, expected one of JSON, YAML"),
        (
            "sessions: {me-south-1: {active: 1}}",
            "6:18: me-south-1 is off in account 111122223333: name it in regions_on",
        ),
        ("sessions: {'*': {running: 1}}", "6:24: unknown field `running`, expected one of active, ended"),
        (
            "sessions: {'*': 5}",
            "6:18: invalid type: integer `5`, expected a list of sessions, or a mapping with the numbers active and ended",
        ),
        (
            "sessions: {'*': [{started: soon}]}",
            "6:34: \"soon\" is neither a moment such as 2026-01-31T12:00:00Z nor a time ago such as 90m",
        ),
        ("sessions: {'*': [{ends_after: 0}]}", "6:25: invalid value: integer `0`, expected a nonzero u32"),
    ];
    for (lines, expected) in cases {
        assert_eq!(in_account(&format!("session_manager:\n  {lines}")), format!("world.yaml:{expected}"), "{lines}");
    }
    for off in ["preferences: {me-south-1: []}", "sessions: {me-south-1: []}"] {
        let text = format!(
            "{{version: 1, caller: '111122223333', accounts: {{'111122223333': {{session_manager: {{{off}}}}}}}}}"
        );
        World::parse(&text, "w").expect("nothing is there where the Region is off");
    }
}

/// The text for a world whose organization holds these lines from line 4 and column 3 on.
fn in_organization(organization: &str) -> String {
    let block = organization.replace('\n', "\n  ");
    let accounts = "accounts: {'111122223333': {}, '222233334444': {in_organization: false}}";
    mistake(&format!("version: 1\ncaller: '111122223333'\norganization:\n  {block}\n{accounts}\n"))
}

#[test]
fn the_organization() {
    let cases = [
        ("id: o-exampleorgid", "4:3: missing field `management`"),
        ("management: '1'", "4:15: an account id has exactly 12 digits"),
        ("management: '333344445555'", "4:15: the management account 333344445555 is not among the accounts"),
        (
            "management: '222233334444'",
            "4:15: the management account 222233334444 is not in the organization, as its account says",
        ),
        (
            "{management: '111122223333', delegated_administrators: ['333344445555']}",
            "4:59: the delegated administrator 333344445555 is not among the accounts",
        ),
        (
            "{management: '111122223333', delegated_administrators: ['222233334444']}",
            "4:59: the delegated administrator 222233334444 is not in the organization, as its account says",
        ),
        (
            "{management: '111122223333', delegated_administrators: ['111122223333']}",
            "4:59: 111122223333 is the management account, which is no delegated administrator",
        ),
        (
            "{management: '111122223333', id: o-short}",
            "4:36: \"o-short\" is no id of an organization, such as \"o-exampleorgid\"",
        ),
        ("{management: '111122223333', root: r-EXAM}", "4:38: \"r-EXAM\" is no id of a root, such as \"r-exam\""),
        ("{management: '111122223333', page_size: 21}", "4:43: a page has 1 to 20 items, not 21"),
        ("{management: '111122223333', page_size: 0}", "4:43: a page has 1 to 20 items, not 0"),
        (
            "{management: '111122223333', status_field: None}",
            "4:46: unknown variant `None`, expected one of state, status, both, neither",
        ),
        (
            "{management: '111122223333', trusted_access: [account]}",
            "4:49: unknown variant `account`, expected one of account.amazonaws.com",
        ),
        (
            "{management: '111122223333', colour: red}",
            "4:32: unknown field `colour`, expected one of management, id, root, delegated_administrators, \
             macie_administrator, trusted_access, units, page_size, empty_pages, paths, status_field, limits",
        ),
    ];
    for (organization, expected) in cases {
        assert_eq!(in_organization(organization), format!("world.yaml:{expected}"), "{organization}");
    }
}

#[test]
fn units() {
    let form = "the id of a unit here is \"ou-exam-\" and 8 to 32 lower-case letters or digits";
    let cases = [
        ("A: {id: ou-1}", format!("6:13: {form}, not \"ou-1\"")),
        ("A: {id: ou-else-11111111}", format!("6:13: {form}, not \"ou-else-11111111\"")),
        (
            "A: {id: ou-exam-11111111}\nB: {units: {C: {id: ou-exam-11111111}}}",
            "7:25: there are two units with the id \"ou-exam-11111111\"".to_owned(),
        ),
        ("A: {units: {B: {}}}\nA/B: {}", "7:5: there are two units with the path \"A/B\"".to_owned()),
        ("A: {}\nA: {}", "7:5: duplicate mapping key: A, set DuplicateKeyPolicy in Options if acceptable".to_owned()),
        ("'': {}", "6:5: the name of a unit has 1 to 128 characters".to_owned()),
        (
            "A: {units: {B: {units: {C: {units: {D: {units: {E: {units: {F: {}}}}}}}}}}}",
            "6:65: AWS Organizations nests units at most 5 deep".to_owned(),
        ),
        ("A: {name: B}", "6:9: unknown field `name`, expected one of id, units".to_owned()),
    ];
    for (units, expected) in cases {
        let block = format!("management: '111122223333'\nunits:\n  {}", units.replace('\n', "\n  "));
        assert_eq!(in_organization(&block), format!("world.yaml:{expected}"), "{units}");
    }
}

#[test]
fn what_the_organization_knows_of_an_account() {
    let organization = "organization: {management: '111122223333', units: {Prod: {}}}";
    let within = |account: &str| {
        let accounts = format!("accounts:\n  '111122223333': {{}}\n  '222233334444': {{{account}}}");
        mistake(&format!("version: 1\ncaller: '111122223333'\n{organization}\n{accounts}\n"))
    };
    let cases = [
        ("unit: Test", "6:26: the organization has no unit with the path or id \"Test\""),
        ("unit: r-exam", "6:26: the organization has no unit with the path or id \"r-exam\""),
        ("in_organization: false, unit: Prod", "6:50: an account outside the organization is in none of its units"),
        (
            "state: active",
            "6:27: unknown variant `active`, expected one of PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE, CLOSED",
        ),
        ("state: ACTIVE, suspended: true", "6:46: suspended: true contradicts state: ACTIVE"),
        ("state: SUSPENDED, suspended: false", "6:49: suspended: false contradicts state: SUSPENDED"),
    ];
    for (account, expected) in cases {
        assert_eq!(within(account), format!("world.yaml:{expected}"), "{account}");
    }
    assert!(within("joined: today").starts_with("world.yaml:6:28: \"today\": "), "{}", within("joined: today"));
    assert_eq!(in_account("unit: Prod"), "world.yaml:5:11: this world has no organization with units");
    assert_eq!(in_account("in_organization: true"), "world.yaml:5:22: this world has no organization to be in");
}

#[test]
fn an_error_has_its_place() {
    let error = World::parse("version: 2", "world.yaml").expect_err("an error");
    let place = error.place();
    assert_eq!((place.file.as_str(), place.line, place.column), ("world.yaml", 1, 1));
}
