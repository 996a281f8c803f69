"""driftline against the organization in moto: exit codes, reports, and what boto3 sees afterwards.

    moto_check.py DRIFTLINE FOLDER
"""

import json
import pathlib
import subprocess
import sys

import boto3
import botocore.exceptions

DRIFTLINE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
ACCOUNTS = json.loads((FOLDER / "accounts.txt").read_text())
NAMES = {account: name for name, account in ACCOUNTS.items()}


def run(exit_code: int, *arguments: str) -> str:
    """Runs driftline, requires the exit code, and returns its standard output."""
    done = subprocess.run([DRIFTLINE, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=120)
    if done.returncode != exit_code:
        sys.exit(f"driftline {' '.join(arguments)} ended with {done.returncode}, not with {exit_code}:\n{done.stdout}{done.stderr}")
    print(f"ok: driftline {' '.join(arguments)} ends with {exit_code}")
    return done.stdout


def same(found, wanted, what: str) -> None:
    if found != wanted:
        sys.exit(f"{what}:\n{json.dumps(found, indent=1)}\nand not\n{json.dumps(wanted, indent=1)}")
    print(f"ok: {what}")


def check(exit_code: int, *policies: str) -> dict:
    return json.loads(run(exit_code, "check", *policies, "--report", "json", "--quiet"))


def outcomes(report: dict) -> dict:
    return {
        f"{NAMES[target['account']]} {target['region']}": f"{target['outcome']} {target['live']['status']}"
        for target in report["targets"]
    }


def live(name: str, region: str) -> str:
    """What boto3 reads of a session."""
    credentials = boto3.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNTS[name]}:role/Look", RoleSessionName="look"
    )["Credentials"]
    macie = boto3.client(
        "macie2",
        region_name=region,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    try:
        session = macie.get_macie_session()
        return f"{session['status']} {session['findingPublishingFrequency']}"
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


# The organization, with its units.
run(0, "inventory", "--out", "accounts.json")
inventory = json.loads((FOLDER / "accounts.json").read_text())
same(
    {account["name"]: [unit["name"] for unit in account["units"]] for account in inventory["accounts"]},
    {"master": [], "payments": ["Workloads", "Prod"], "web": ["Workloads"], "sandbox": ["Sandbox"]},
    "the inventory has every account in its unit",
)
same({account["id"] for account in inventory["accounts"]} == set(NAMES), True, "and its id")

# The live state. In moto, a disabled session is a ResourceNotFoundException.
BEFORE = {
    "management eu-west-1": "in_sync ENABLED",
    "management us-east-1": "in_sync ENABLED",
    "payments eu-west-1": "in_sync ENABLED",
    "payments us-east-1": "drifted NOT_ENABLED",
    "web eu-west-1": "in_sync ENABLED",
    "web us-east-1": "in_sync ENABLED",
    "sandbox eu-west-1": "in_sync NOT_ENABLED",
    "sandbox us-east-1": "drifted ENABLED",
}
report = check(2, "status.yaml")
same(outcomes(report), BEFORE, "a check reads every account and Region")
same(
    {outcome: count for outcome, count in report["ledger"].items() if count},
    {"declared": 8, "in_sync": 6, "drifted": 2},
    "the ledger adds up",
)
# moto's times have no time zone, so they are ambiguous: null in the report, without making the session unread.
sessions = [target["live"] for target in report["targets"] if target["live"]["status"] == "ENABLED"]
same({(session["created_at"], session["updated_at"]) for session in sessions} == {(None, None)}, True, "times are null")
verbose = run(2, "check", "status.yaml", "--verbose")
same("createdat" in verbose.lower().replace("_", ""), True, "and with --verbose a note names the field")
same(report["run"]["caller"]["account"], ACCOUNTS["management"], "the caller is the management account")
same(outcomes(check(2))["web us-east-1"], "drifted ENABLED", "with both policies a frequency drifts, too")

# Some of the policy files of the settings are applied, which needs a word of its own.
PART = ("--auto-approve", "--allow", "partial-policies")

# Plan and apply the fix. moto supports enabling and disabling.
run(2, "plan", "--out", "plan.json")
plan = json.loads((FOLDER / "plan.json").read_text())
same(
    sorted(f"{step['operation']} {NAMES[step['account']]} {step['region']} {step['risk']}" for step in plan["steps"]),
    [
        "DisableMacie sandbox us-east-1 destructive",
        "EnableMacie payments us-east-1 safe",
        "UpdateMacieSession web us-east-1 safe",
    ],
    "a plan has the three calls",
)
run(8, "apply", "status.yaml", *PART, "--journal", "refused.jsonl")
same(live("payments", "us-east-1"), "ResourceNotFoundException", "an apply that a guard refuses has changed nothing")
run(0, "apply", "status.yaml", *PART, "--allow", "disable", "--journal", "apply.jsonl")
same(live("payments", "us-east-1"), "ENABLED FIFTEEN_MINUTES", "boto3 sees the session that was enabled")
same(live("sandbox", "us-east-1"), "ResourceNotFoundException", "and none where it was disabled")
run(0, "apply", "status.yaml", *PART, "--journal", "nothing.jsonl")
report = check(0, "status.yaml")
same(report["verdict"], "in_sync", "a check finds nothing after that")
run(0, "rollback", "apply.jsonl", "--auto-approve", "--allow", "disable", "--journal", "rollback.jsonl")
same(outcomes(check(2, "status.yaml")), BEFORE, "a rollback leads back to what was there")

# moto does not support UpdateMacieSession and responds with 500: the step fails and does not count as done.
applied = json.loads(
    run(8, "apply", "frequency.yaml", *PART, "--journal", "frequency.jsonl", "--visible-within", "2s",
        "--report", "json", "--quiet")
)
same(applied["done"], False, "a call that moto does not know is not done")
same([step["outcome"] for step in applied["steps"]], ["failed"], "its step failed")
same(live("web", "us-east-1"), "ENABLED SIX_HOURS", "and boto3 sees the session as it was")

# moto does not support CreateMember and lists no members: the administrator changes no reading, and no member counts as added.
administered = ("--config", "administered.toml")
same(outcomes(check(2, "status.yaml", *administered)), BEFORE, "what the administrator does not list, accounts tell themselves")
report = check(4, "status.yaml", *administered, "--reader", "administrator")
reasons = {NAMES[target["account"]]: (target["unread"] or {}).get("reason") for target in report["targets"]}
same(reasons, dict.fromkeys(ACCOUNTS, "not_listed"), "and where they are not asked it is unread")
applied = json.loads(
    run(8, "apply", "status.yaml", *administered, *PART, "--allow", "disable", "--journal", "member.jsonl",
        "--visible-within", "2s", "--report", "json", "--quiet")
)
same(
    {f"{step['operation']} {NAMES[step['account']]}": step["outcome"] for step in applied["steps"]},
    {"CreateMember payments": "failed", "DisableMacie sandbox": "verified"},
    "a member that cannot be added is a failed step, and what can be done is done",
)
same(live("payments", "us-east-1"), "ResourceNotFoundException", "and boto3 sees no session there")

# moto does not support account:ListRegions: the session in an opt-in Region is read all the same.
report = check(0, "--config", "opt-in.toml")
same([target["live"]["status"] for target in report["targets"]], ["ENABLED"], "an opt-in Region is read without ListRegions")
