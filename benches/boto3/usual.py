#!/usr/bin/env python3
"""Reads Macie sessions with boto3 the way people write it: a pool of threads, a session per account, a client per Region.

usual.py ACCOUNTS REGION... prints how many targets were read and how long that took. Credentials, endpoint and Region come from the
environment, as for every AWS tool.
"""

import concurrent.futures
import sys
import time

import boto3
from botocore.exceptions import ClientError

ROLE = "DriftlineRead"
THREADS = 32


def read(account, regions):
    given = boto3.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="usual"
    )["Credentials"]
    session = boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    found = []
    for region in regions:
        try:
            found.append(session.client("macie2", region_name=region).get_macie_session()["status"])
        except ClientError as error:
            found.append(error.response["Error"]["Code"])
    return found


def main():
    count, regions = int(sys.argv[1]), sys.argv[2:]
    accounts = [str(100_000_000_000 + number) for number in range(count)]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        found = [status for each in pool.map(lambda account: read(account, regions), accounts) for status in each]
    took = time.monotonic() - began
    print(f"boto3 as people write it: {len(found)} targets, {took:.1f} s, {len(found) / took:.0f} checks/s")


if __name__ == "__main__":
    main()
