"""The templates of `driftline iam-policy` and of the examples: cfn-lint, a parser of HCL, and stacks in moto.

    roles_check.py DRIFTLINE FOLDER
"""

import ast
import json
import pathlib
import re
import subprocess
import sys

import boto3
import hcl2
from moto import mock_aws

DRIFTLINE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
EXAMPLES = pathlib.Path("examples/aws")
ACCOUNT = "123456789012"
HUB = "arn:aws:iam::999988887777:role/DriftlineHub"
ACTION = re.compile(r'"([a-z0-9]+:[A-Z][A-Za-z]+)"')

POLICIES = {
    "all.yaml": (EXAMPLES / "roles/policies/every-setting.yaml").read_text(),
    "china.yaml": "version: 1\nsession_manager_preferences: [{regions: [cn-north-1], idle_session_timeout: SET}]\n",
}
SETTINGS = {
    "two": '[inventory]\naccounts = "organization"\n[aws]\nrole_name = "audit/eu/Read"\napply_role_name = "Apply+=,.@-_"\n'
    'external_id = "+=,.@:/-id"\n',
    "one": '[aws]\nrole_name = "Read"\n',
}
PARTS = ("check", "plan", "apply", "administrator", "hub")


def fail(message: str) -> None:
    sys.exit(f"roles: {message}")


def same(found, wanted, what: str) -> None:
    if found != wanted:
        fail(f"{what}:\n{json.dumps(found, indent=1, default=str)}\nand not\n{json.dumps(wanted, indent=1, default=str)}")


def run(folder: pathlib.Path, *arguments: str) -> str:
    done = subprocess.run([DRIFTLINE, "iam-policy", *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        fail(f"driftline iam-policy {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def local(value, partition="aws"):
    """A policy with its ARNs in one partition, as a template gives them."""
    if isinstance(value, dict):
        return {key: local(item, partition) for key, item in value.items()}
    if isinstance(value, list):
        return list(dict.fromkeys(map(local, value))) if all(isinstance(item, str) for item in value) else list(map(local, value))
    return re.sub(r"^arn:[^:]+:", f"arn:{partition}:", value)


def create(clients, name: str, template: pathlib.Path, **parameters: str) -> None:
    clients["cloudformation"].create_stack(
        StackName=name,
        TemplateBody=template.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    status = clients["cloudformation"].describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    same(status, "CREATE_COMPLETE", f"the stack of {template.name}")


def role(clients, name: str) -> tuple:
    """Path, trust policy and inline policies of a role."""
    iam = clients["iam"]
    found = iam.get_role(RoleName=name)["Role"]
    policies = {}
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        # moto keeps the policies inside a role's own resource as the text of a Python dictionary.
        policies[policy] = ast.literal_eval(document) if isinstance(document, str) else document
    return found["Path"], found["AssumeRolePolicyDocument"], policies


def trust(conditions: dict | None) -> dict:
    statement = {"Sid": "Driftline", "Effect": "Allow", "Principal": {"AWS": HUB}, "Action": ["sts:AssumeRole"]}
    if conditions:
        statement["Condition"] = {"StringEquals": conditions}
    return {"Version": "2012-10-17", "Statement": [statement]}


def clients() -> dict:
    return {service: boto3.client(service, region_name="us-east-1") for service in ("cloudformation", "iam")}


def print_templates(settings: str, policies: str) -> pathlib.Path:
    """Prints every template into a folder, beside the policies as JSON."""
    folder = FOLDER / f"{settings}-{pathlib.Path(policies).stem}"
    folder.mkdir(parents=True)
    (folder / "driftline.toml").write_text(SETTINGS[settings])
    (folder / policies).write_text(POLICIES[policies])
    allow = ("--allow", "pause", "--allow", "disable")
    for part in PARTS:
        document = run(folder, part, policies, "--quiet", *allow)
        if not json.loads(document)["Statement"]:
            continue
        (folder / f"{part}.json").write_text(document)
        for form, ending in (("cloudformation", "yaml"), ("terraform", "tf")):
            inner = folder / part
            inner.mkdir(exist_ok=True)
            (inner / f"main.{ending}").write_text(run(folder, part, policies, "--quiet", *allow, "--format", form))
    rollout = run(folder, "roles", policies, "--quiet", *allow, "--format", "cloudformation")
    (folder / "roles.yaml").write_text(rollout)
    return folder


def check_terraform(folder: pathlib.Path) -> None:
    for path in sorted(folder.glob("*/main.tf")):
        with path.open() as file:
            tree = hcl2.load(file)
        kinds = [key.strip('"') for block in tree["resource"] for key in block if not key.startswith("__")]
        part = path.parent.name
        wanted = {"administrator": ["aws_iam_role_policy"], "hub": ["aws_iam_policy"]}.get(part, ["aws_iam_role", "aws_iam_role_policy"])
        if part == "apply" and folder.name.startswith("one"):
            wanted = ["aws_iam_role_policy"]
        same(kinds, wanted, f"the resources of {path}")
        whole = path.read_text()
        policy = whole[whole.index("  policy = jsonencode(") :]
        actions = {action for statement in json.loads((folder / f"{part}.json").read_text())["Statement"] for action in statement["Action"]}
        same(sorted(set(ACTION.findall(policy)) - {"iam:AWSServiceName"}), sorted(actions), f"the actions of {path}")


def check_stacks(folder: pathlib.Path) -> None:
    """The stacks of two roles, read back."""
    policy = {part: local(json.loads((folder / f"{part}.json").read_text())) for part in PARTS}
    with mock_aws():
        aws = clients()
        inputs = {"Principal": HUB, "ExternalId": "+=,.@:/-id"}
        create(aws, "check", folder / "check/main.yaml", **inputs)
        expected = trust({"sts:ExternalId": "+=,.@:/-id"})
        same(role(aws, "Read"), ("/audit/eu/", expected, {"DriftlineCheck": policy["check"]}), "the read role")
        create(aws, "apply", folder / "apply/main.yaml", **inputs)
        create(aws, "administrator", folder / "administrator/main.yaml")
        policies = {"DriftlineApply": policy["apply"], "DriftlineAdministrator": policy["administrator"]}
        same(role(aws, "Apply+=,.@-_"), ("/", expected, policies), "the role for changes, in the administrator account")
        create(aws, "hub", folder / "hub/main.yaml")
        arn = aws["iam"].list_policies(Scope="Local")["Policies"][0]["Arn"]
        version = aws["iam"].get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        same(version, policy["hub"], "the policy of the hub")
    with mock_aws():
        aws = clients()
        create(aws, "plan", folder / "plan/main.yaml", **inputs)
        same(role(aws, "Read")[2], {"DriftlinePlan": policy["plan"]}, "the role for plans")


def check_rollout(template: pathlib.Path, has_apply: bool) -> None:
    """The StackSet's template with its parameters filled in one way and the other."""
    variants = (
        ({}, None),
        ({"ExternalId": "an-id"}, {"sts:ExternalId": "an-id"}),
        ({"OrganizationId": "o-abcdefghij"}, {"aws:PrincipalOrgID": "o-abcdefghij"}),
        ({"ExternalId": "an-id", "OrganizationId": "o-abcdefghij"}, {"sts:ExternalId": "an-id", "aws:PrincipalOrgID": "o-abcdefghij"}),
    )
    for given, conditions in variants:
        with mock_aws():
            aws = clients()
            create(aws, "roles", template, Principal=HUB, **given)
            same(role(aws, "DriftlineRead")[1], trust(conditions), f"the trust policy with {given}")
            same([found["RoleName"] for found in aws["iam"].list_roles()["Roles"]], ["DriftlineRead"], "the roles by default")
    if not has_apply:
        return
    for administrator, policies in ((ACCOUNT, ["DriftlineAdministrator", "DriftlineApply"]), ("999988887777", ["DriftlineApply"])):
        with mock_aws():
            aws = clients()
            create(aws, "roles", template, Principal=HUB, CreateApplyRole="true", MacieAdministratorAccount=administrator)
            same(sorted(role(aws, "DriftlineApply")[2]), policies, f"the policies where {administrator} is the administrator")


folders = [print_templates(settings, policies) for settings in SETTINGS for policies in POLICIES]
templates = [path for path in EXAMPLES.rglob("*.yaml") if "AWSTemplateFormatVersion" in path.read_text()]
templates += [path for path in FOLDER.rglob("*.yaml") if "AWSTemplateFormatVersion" in path.read_text()]
if len(templates) < 15:
    fail(f"only {len(templates)} templates to lint")
linted = subprocess.run(["cfn-lint", "--regions", "us-east-1", "us-gov-west-1", "cn-north-1", "--template", *map(str, templates)], check=False)
if linted.returncode != 0:
    fail(f"cfn-lint ended with {linted.returncode}")
print(f"ok: cfn-lint passes on {len(templates)} templates")
for folder in folders:
    check_terraform(folder)
print("ok: the parser of HCL reads each template for Terraform, with the actions of the policies")
check_stacks(FOLDER / "two-all")
print("ok: moto creates the roles with the policies that driftline prints")
check_rollout(EXAMPLES / "roles-stackset.yaml", has_apply=True)
print("ok: moto creates the roles of the StackSet, each condition as its parameters say")
with mock_aws():
    aws = clients()
    create(aws, "hub", EXAMPLES / "hub-role.yaml", TrustedService="ecs-tasks.amazonaws.com")
    _, document, policies = role(aws, "DriftlineHub")
    principals = [statement["Principal"] for statement in document["Statement"]]
    same(principals, [{"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"Service": "ecs-tasks.amazonaws.com"}], "the principals of the hub")
    same(sorted(policies), ["DriftlineHub", "DriftlineRead"], "the policies of the hub")
print("ok: moto creates the role that driftline starts with")
