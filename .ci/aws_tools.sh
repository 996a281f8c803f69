#!/usr/bin/env bash
# Runs the AWS CLI and boto3 against the simulated AWS, configured only by the variables that it prints.
set -euo pipefail
driftline="$1"
scratch="$(mktemp -d)"
trap 'kill "$simulator" 2> /dev/null || true; rm -rf "$scratch"' EXIT

# Serves a world until `stop`.
serve() {
  "$driftline" simulate "$@" > "$scratch/aws.env" 2> "$scratch/log" &
  simulator=$!
  for _ in $(seq 100); do
    grep -q AWS_DEFAULT_REGION "$scratch/aws.env" && return
    kill -0 "$simulator" || { cat "$scratch/log"; exit 1; }
    python3 -c 'import time; time.sleep(0.1)'
  done
}
stop() {
  kill -INT "$simulator"
  wait "$simulator" || { echo "the simulator ended with $?"; exit 1; }
}
serve examples/organization/world.yaml

# A home without credentials or settings, so that only the printed variables have an effect.
run() { env -i PATH="$PATH" HOME="$scratch" bash -c ". '$scratch/aws.env'; $1"; }
expect() {
  local got
  got="$(run "$1" 2>&1 || true)"
  case "$got" in
    *"$2"*) echo "ok: $1" ;;
    *) printf 'not as expected: %s\n%s\n' "$1" "$got"; exit 1 ;;
  esac
}

expect "aws sts get-caller-identity --query Account --output text" 999988887777
expect "aws macie2 get-macie-session --region eu-central-1 --query status --output text" ENABLED
expect "aws macie2 get-macie-session --region me-south-1" UnrecognizedClientException
expect "aws account list-regions --region-opt-status-contains DISABLED --output text" me-south-1
expect "aws account list-regions --account-id 222233334444 --region-opt-status-contains ENABLED --output text" me-south-1
expect "aws organizations list-accounts --query 'length(Accounts)'" 8
expect "aws organizations list-accounts --max-items 3 --query 'Accounts[0].State' --output text" ACTIVE
expect "aws organizations describe-organization --query Organization.MasterAccountId --output text" 000011112222
expect "aws organizations list-tags-for-resource --resource-id 222233334444 --query 'Tags[0].[Key,Value]' --output text" "env	prod"
expect "aws organizations list-accounts-for-parent --parent-id r-exam --query 'Accounts[].Name' --output text" management
expect "aws macie2 get-findings-publication-configuration --query securityHubConfiguration.publishPolicyFindings" true
expect "aws macie2 list-automated-discovery-accounts --account-ids 999988887777 222233334444 --query 'items[].accountId' --output text" 999988887777
expect "aws macie2 describe-organization-configuration" "must be the Macie administrator"
expect "aws organizations list-parents --child-id 12" "match the required pattern"
expect "aws macie2 update-macie-session --region eu-west-1 --status PAUSED && aws macie2 get-macie-session --region eu-west-1 --query status --output text" PAUSED

cat > "$scratch/session.py" <<'PYTHON'
import boto3, botocore.exceptions

credentials = boto3.client("sts").assume_role(
    RoleArn="arn:aws:iam::222233334444:role/DriftlineRead", RoleSessionName="test"
)["Credentials"]
assumed = boto3.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
print(assumed.client("sts").get_caller_identity()["Account"])
print(assumed.client("macie2", region_name="us-west-1").get_macie_session()["status"])
try:
    assumed.client("macie2", region_name="us-west-2").get_macie_session()
except botocore.exceptions.ClientError as error:
    print(error.response["Error"]["Code"], error.response["Error"]["Message"])
PYTHON
expect "python3 '$scratch/session.py' | tr '\n' ' '" "222233334444 PAUSED AccessDeniedException Macie is not enabled"

stop

# One account, in which Macie is enabled and nothing else set.
echo '{version: 1, caller: "999988887777", accounts: {"999988887777": {sessions: {"*": {}}}}}' > "$scratch/world.yaml"
serve "$scratch/world.yaml"
expect "aws macie2 put-classification-export-configuration --configuration 's3Destination={bucketName=b,kmsKeyArn=k}' && aws macie2 get-classification-export-configuration --query configuration.s3Destination.bucketName --output text" b
expect "aws macie2 get-reveal-configuration --query configuration.status --output text" DISABLED
expect "aws ssm describe-sessions --state Active --query 'length(Sessions)'" 0
expect "aws ssm get-document --name SSM-SessionManagerRunShell" "does not exist"
content='{"schemaVersion":"1.0","sessionType":"Standard_Stream","inputs":{"idleSessionTimeout":"20"}}'
expect "aws ssm create-document --name SSM-SessionManagerRunShell --document-type Session --content '$content' --query DocumentDescription.DocumentVersion --output text" 1
content="${content/20/60}"
expect "aws ssm update-document --name SSM-SessionManagerRunShell --document-version '\$LATEST' --content '$content' --query DocumentDescription.[DocumentVersion,DefaultVersion] --output text" "2	1"
expect "aws ssm update-document-default-version --name SSM-SessionManagerRunShell --document-version 2 --query Description.DefaultVersion --output text" 2
expect "aws ssm get-document --name SSM-SessionManagerRunShell --query Content --output text" '"idleSessionTimeout":"60"'
expect "aws ssm get-document --name SSM-SessionManagerRunShell --document-version 1 --query Content --output text" '"idleSessionTimeout":"20"'
expect "aws ssm get-document --name SSM-SessionManagerRunShell --document-version 3" InvalidDocumentVersion
expect "aws ssm describe-document --name SSM-SessionManagerRunShell --query Document.[LatestVersion,DefaultVersion,Status] --output text" "2	2	Active"
expect "aws ssm update-document --name SSM-SessionManagerRunShell --document-version '\$LATEST' --content '$content'" DuplicateDocumentContent
expect "aws ssm create-document --name SSM-SessionManagerRunShell --document-type Session --content '$content'" DocumentAlreadyExists
expect "aws ssm get-document --name SSM-SessionManagerRunShell --region me-south-1" UnrecognizedClientException
expect "aws macie2 put-findings-publication-configuration --security-hub-configuration publishPolicyFindings=true,publishClassificationFindings=true && aws macie2 get-findings-publication-configuration --query securityHubConfiguration.publishClassificationFindings" true
expect "aws macie2 update-automated-discovery-configuration --status ENABLED --auto-enable-organization-members NEW && aws macie2 get-automated-discovery-configuration --query [status,autoEnableOrganizationMembers] --output text" "ENABLED	NEW"
expect "aws macie2 get-reveal-configuration --region ap-northeast-3" "isn't available in the Region"
expect "aws macie2 get-administrator-account --query 'administrator.accountId' --output text" None
stop

# The second account is Macie's administrator, and has 250 sessions of each kind.
serve --generate accounts=3,regions=2,drift=0,sessions=250
expect "aws ssm describe-sessions --region ap-northeast-1 --state Active --query 'length(Sessions)'" 250
expect "aws ssm describe-sessions --region ap-northeast-1 --state History --page-size 7 --query 'length(Sessions)'" 250
expect "aws ssm describe-sessions --region ap-northeast-1 --state Active --max-items 3 --query 'Sessions[].AccessType' --output text" "JustInTime	JustInTime	JustInTime"
expect "aws ssm describe-sessions --region ap-northeast-1 --state Active --filters key=SessionId,value=none --query 'length(Sessions)'" 0
expect "aws ssm get-document --region ap-northeast-1 --name SSM-SessionManagerRunShell --query '[DocumentVersion,DocumentType,Status]' --output text" "	Session	Active"

cat > "$scratch/administrator.py" <<'PYTHON'
import boto3, datetime, json

credentials = boto3.client("sts").assume_role(
    RoleArn="arn:aws:iam::100000000001:role/DriftlineRead", RoleSessionName="test"
)["Credentials"]
assumed = boto3.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
ssm = assumed.client("ssm", region_name="ap-northeast-1")
pages = list(ssm.get_paginator("describe_sessions").paginate(State="History", PaginationConfig={"PageSize": 200}))
sessions = [session for page in pages for session in page["Sessions"]]
print(len(pages), len({session["SessionId"] for session in sessions}))
assert all(isinstance(session["EndDate"], datetime.datetime) for session in sessions)
for version in ["$DEFAULT", "$LATEST"]:
    document = ssm.get_document(Name="SSM-SessionManagerRunShell", DocumentVersion=version)
    assert isinstance(document["CreatedDate"], datetime.datetime)
    print(json.loads(document["Content"])["inputs"]["idleSessionTimeout"])
macie = assumed.client("macie2", region_name="ap-northeast-1")
print(macie.describe_organization_configuration()["autoEnable"])
accounts = macie.list_automated_discovery_accounts(accountIds=["100000000001", "100000000002"])["items"]
print(*sorted(account["accountId"] + account["status"] for account in accounts))
PYTHON
expect "python3 '$scratch/administrator.py' | tr '\n' ' '" "2 250 20 20 True 100000000001ENABLED 100000000002ENABLED"
stop
