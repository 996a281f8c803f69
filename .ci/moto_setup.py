"""Creates an organization in moto with boto3, and a driftline project for it.

    moto_setup.py FOLDER PID

PID is the server's: waiting for it ends when it has ended.
"""

import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request

import boto3

FOLDER, SERVER = pathlib.Path(sys.argv[1]), int(sys.argv[2])
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGIONS = ["eu-west-1", "us-east-1"]


def wait() -> None:
    """Waits until the server answers, for a minute at most."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{ENDPOINT}/moto-api/", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            os.kill(SERVER, 0)
            time.sleep(0.1)
    sys.exit("moto does not answer")


def macie(account: str, region: str):
    """Macie of an account and Region, by a role in the account."""
    credentials = boto3.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/Setup", RoleSessionName="setup"
    )["Credentials"]
    return boto3.client(
        "macie2",
        region_name=region,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def main() -> None:
    wait()
    organizations = boto3.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]

    def unit(parent: str, name: str) -> str:
        return organizations.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]

    workloads = unit(root, "Workloads")
    units = {"prod": unit(workloads, "Prod"), "workloads": workloads, "sandbox": unit(root, "Sandbox")}
    accounts = {"management": boto3.client("sts").get_caller_identity()["Account"]}
    for name, home in [("payments", "prod"), ("web", "workloads"), ("sandbox", "sandbox")]:
        status = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        accounts[name] = status["AccountId"]
        organizations.move_account(AccountId=accounts[name], SourceParentId=root, DestinationParentId=units[home])

    # An untouched session is ENABLED with FIFTEEN_MINUTES in moto; in AWS there would be none.
    macie(accounts["payments"], "us-east-1").disable_macie()
    macie(accounts["sandbox"], "eu-west-1").disable_macie()
    web = macie(accounts["web"], "us-east-1")
    web.disable_macie()
    web.enable_macie(status="ENABLED", findingPublishingFrequency="SIX_HOURS")

    (FOLDER / "accounts.txt").write_text(json.dumps(accounts))
    settings = f"""policies = ["status.yaml", "frequency.yaml"]

[inventory]
accounts = "organization"
regions = {json.dumps(REGIONS)}

[aws]
role_name = "DriftlineRead"
apply_role_name = "DriftlineApply"
"""
    (FOLDER / "driftline.toml").write_text(settings)
    # The same with a Macie administrator account, of which moto supports little more than the name.
    (FOLDER / "administered.toml").write_text(settings + f'administrator_account = "{accounts["web"]}"\n')
    (FOLDER / "status.yaml").write_text(
        """version: 1
macie_sessions:
  - {name: on everywhere, status: ENABLED}
  - {name: sandboxes are off, organizational_units: [Sandbox], status: NOT_ENABLED}
"""
    )
    (FOLDER / "frequency.yaml").write_text(
        """version: 1
macie_sessions:
  - {name: workloads, organizational_units: [Workloads], finding_publishing_frequency: [FIFTEEN_MINUTES, ONE_HOUR]}
"""
    )
    # An opt-in Region: only account:ListRegions says whether it is on, and moto does not support that.
    (FOLDER / "opt-in.toml").write_text('policies = ["opt-in.yaml"]\n\n[aws]\nrole_name = "DriftlineRead"\n')
    (FOLDER / "opt-in.yaml").write_text(
        f"""version: 1
macie_sessions:
  - {{accounts: ["{accounts["web"]}"], regions: [eu-south-1], status: ENABLED}}
"""
    )


main()
