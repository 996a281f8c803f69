#!/usr/bin/env python3
"""Checks the reports in a folder with third-party validators, one line each; exits with 1 if one is rejected.

    validators.py REPORTS TOOLS
"""

import csv
import glob
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

import botocore.session
import cmarkgfm
import frictionless
import html5lib
import junitparser
import xmlschema
from botocore.validate import ParamValidator
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

REPORTS, TOOLS = (pathlib.Path(argument) for argument in sys.argv[1:3])
refused = 0


def check(what, problems):
    """Prints the result of a validator."""
    global refused
    found = list(problems)
    print(f"{'REFUSED' if found else 'ok'}: {what}" + "".join(f"\n  {line}" for line in found[:5]))
    refused += bool(found)


def text(name):
    return (REPORTS / name).read_text(encoding="utf-8")


def fits(schema, documents):
    validator = Draft202012Validator(schema)
    return [error.message[:200] for document in documents for error in validator.iter_errors(document)]


def schema(name):
    return json.loads(pathlib.Path("docs/schemas", name).read_text(encoding="utf-8"))


def lines(name):
    return [json.loads(line) for line in text(name).splitlines()]


check("json, its schema", fits(schema("report-1.schema.json"), [json.loads(text("report.json"))]))
check("jsonl, its schema", fits(schema("report-line-1.schema.json"), lines("report.jsonl")))
types = [line["type"] for line in lines("report.jsonl")]
check("jsonl, begins and ends as a run does",
      [] if (types[0], types[-1]) == ("run_start", "run_end") and set(types[1:-1]) == {"target"} else [str(types)])


def markdown():
    """GitHub's renderer produces no active content from it."""
    page = cmarkgfm.github_flavored_markdown_to_html(text("comment.md"))
    # A job of a forge has a base for links: only to lines of policies, and only behind code.
    page = re.sub(r'<a href="https://[^"]*#L\d+">((<code>[^<]*</code>|<br ?/?>)+)</a>', r"\1", page)
    for live in ["<a ", "<img", "<script"]:
        if live in page:
            yield f"{live} in the rendered comment"
    mention = re.search(r"(?<![\w/])(@[A-Za-z]|#\d)", re.sub(r"<code>.*?</code>|<[^>]*>|&#\d+;", "", page, flags=re.DOTALL))
    if mention:
        yield f"{mention.group()} in the rendered comment becomes a mention or a link"
    if not text("comment.md").startswith("<!-- driftline:comment v1 key="):
        yield "no marker by which the comment is found again"
    if "<table>" not in page or len(text("comment.md")) > 60_000:
        yield "no table, or too long"


check("markdown, cmarkgfm", markdown())

ANNOTATION = re.compile(r"^::(error|warning|notice) ((file=[^,:]+,line=\d+[^:]*)|(title=[^,:]+))::([^%]|%25|%0A|%0D)+$")
check("github, the grammar of workflow commands",
      [line for line in text("annotations.txt").splitlines() if not ANNOTATION.match(line)])


def junit():
    tree = xml.etree.ElementTree.fromstring(text("junit.xml"))
    # The schema lacks the attributes that GitLab reads, and the total of skipped cases.
    tree.attrib.pop("skipped", None)
    for case in tree.iter("testcase"):
        for name in ["file", "line"]:
            case.attrib.pop(name, None)
    plain = xml.etree.ElementTree.tostring(tree, encoding="unicode")
    yield from (error.reason for error in xmlschema.XMLSchema(str(TOOLS / "junit-10.xsd")).iter_errors(plain))
    suites = junitparser.JUnitXml.fromstring(text("junit.xml"))
    names = [(case.classname, case.name) for suite in suites for case in suite]
    if len(set(names)) != len(names) or len(names) != int(tree.get("tests")):
        yield "cases are there twice, or not counted"
    for name in ["failures", "errors"]:
        found = tree.findall(f".//{name[:-1]}")
        if len(found) != int(tree.get(name)) or not all((item.text or "").strip() for item in found):
            yield f"{name} are not counted, or say nothing"


check("junit, junit-10.xsd and junitparser", junit())

CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "required": ["path", "lines"],
                "properties": {"path": {"pattern": r"^(?!/|\./|\.\./)"}, "lines": {"required": ["begin"]}},
            },
        },
    },
}
check("codequality, the keys that GitLab reads", fits(CODE_QUALITY, [json.loads(text("codequality.json"))]))
prints = [entry["fingerprint"] for entry in json.loads(text("codequality.json"))]
check("codequality, no fingerprint twice", [print_ for print_ in prints if prints.count(print_) > 1])


def table():
    rows = list(csv.reader(text("report.csv").splitlines(), strict=True))
    if len({len(row) for row in rows}) != 1:
        yield "rows of different lengths"
    if any(cell.lstrip().startswith(("=", "+", "-", "@")) for row in rows for cell in row):
        yield "a cell that runs as a formula"
    if re.search(rb"(?<!\r)\n", (REPORTS / "report.csv").read_bytes()):
        yield "a line that does not end as RFC 4180 wants it"
    report = frictionless.validate("report.csv", basepath=str(REPORTS))
    yield from (error[0] for error in report.flatten(["message"]))
    clean = subprocess.run([str(TOOLS / "venv/bin/csvclean"), "--length-mismatch", str(REPORTS / "report.csv")],
                           capture_output=True, text=True, check=False)
    if clean.returncode:
        yield clean.stderr[:200]


check("csv, csvclean and frictionless", table())


def metrics(name, parse):
    try:
        if not list(parse(text(name))):
            yield "no metric"
    except ValueError as error:
        yield str(error)


SAMPLE = re.compile(r"^(#.*|[a-z_]+(\{.*\})? -?[0-9.]+)$")
check("prometheus, no sample has a time, and the last line ends",
      [line for line in text("driftline.prom").splitlines() if not SAMPLE.match(line)]
      + ([] if text("driftline.prom").endswith("\n") else ["no end of line"]))
check("prometheus, prometheus-client", metrics("driftline.prom", text_string_to_metric_families))
check("openmetrics, prometheus-client", metrics("driftline.openmetrics", openmetrics.text_string_to_metric_families))


def ocsf():
    validator = None
    for event in lines("ocsf.jsonl"):
        metadata = event["metadata"]
        if validator is None:
            embedded = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=metadata["version"]))
            validator = Draft202012Validator(
                embedded.get_class_schema(class_name="compliance_finding", profiles=metadata["profiles"]))
        yield from (error.message[:200] for error in validator.iter_errors(event))
        ComplianceFinding.model_validate(event)
        if not 1_000_000_000_000 < event["time"] < 100_000_000_000_000:
            yield f"{event['time']} is not in milliseconds"


check("ocsf, ocsf-json-schema and py-ocsf-models", ocsf())


def asff():
    model = botocore.session.get_session().get_service_model("securityhub").operation_model("BatchImportFindings")
    for file in sorted(glob.glob(str(REPORTS / "asff" / "*.json"))):
        findings = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
        report = ParamValidator().validate({"Findings": findings}, model.input_shape)
        if report.has_errors():
            yield f"{file}: {report.generate_report()[:200]}"
        if not 1 <= len(findings) <= 100:
            yield f"{file}: {len(findings)} findings"
        # The API model has no lengths; these are from the user guide.
        yield from (f"{file}: {finding['Title'][:40]}… is too long" for finding in findings
                    if len(finding["Title"]) > 256 or len(finding["Description"]) > 1024)


check("asff, botocore's model of BatchImportFindings", asff())


def page():
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(text("report.html"))
    yield from (str(error) for error in parser.errors)
    yield from re.findall(r"<script.*?>|<link.*?>|<[a-z]+[^>]*\ssrc=[^>]*>|url\([^)]*\)|@import", text("report.html"))


check("html, html5lib", page())
node = TOOLS / "node_modules"
if (node / ".bin/html-validate").exists():
    ran = subprocess.run([str(node / ".bin/html-validate"), "--preset", "standard", str(REPORTS / "report.html")],
                         capture_output=True, text=True, check=False)
    check("html, html-validate", [ran.stdout[-600:]] if ran.returncode else [])
else:
    print("left out: html-validate, there is no npm")
multitool = node / "@microsoft/sarif-multitool-linux/Sarif.Multitool"
if multitool.exists():
    log = REPORTS / "multitool.json"
    multitool.chmod(0o755)
    subprocess.run([str(multitool), "validate", str(REPORTS / "report.sarif"), "--rule-kind", "Sarif;Ghas", "--output", str(log),
                    "--log", "ForceOverwrite"], capture_output=True, check=False)
    # The tool always exits with 0; its log has the result.
    results = json.loads(log.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    check("sarif, multitool with GitHub's rules",
          [f"{result['ruleId']}: {result['message']}" for result in results if result.get("level", "warning") == "error"])
else:
    print("left out: sarif-multitool, there is no npm")
sarif = json.loads(text("report.sarif"))
check("sarif, a result for each problem has place and fingerprint",
      [result["ruleId"] for result in sarif["runs"][0]["results"]
       if not result["locations"] or "primaryLocationLineHash" not in result["partialFingerprints"]])
run = sarif["runs"][0]
marks = [json.dumps(result["partialFingerprints"], sort_keys=True) for result in run["results"]]
check("sarif, levels, no fingerprint twice, a run that was carried out",
      [mark for mark in marks if marks.count(mark) > 1]
      + [result["level"] for result in run["results"] if result["level"] not in ("error", "warning", "note", "none")]
      + [call for call in run["invocations"] if not call["executionSuccessful"]])
slack = json.loads(text("slack.json"))
check("slack, its limits", [] if len(slack["blocks"]) <= 50 and slack["text"] else ["too many blocks, or no text"])
first, blank = text("sns.txt").splitlines()[:2]
check("sns, its subject", [] if len(first) < 100 and first.isascii() and not blank else [first])
sys.exit(1 if refused else 0)
