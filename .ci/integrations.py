"""The parts of .ci/integrations that need more than a tool: each command checks one kind of shipped file.

    integrations.py components OUT      render the GitLab components, with defaults and with other inputs; try hostile inputs
    integrations.py scripts OUT         write the shell scripts that are embedded in YAML, Groovy and CloudFormation, for shellcheck
    integrations.py batch               AWS Batch job definitions against botocore's model of RegisterJobDefinition
    integrations.py dashboard OUT       the queries of the dashboard as rules and as a test that each returns something
    integrations.py wheel BINARY OUT    a wheel with a driftline, in the place of the released one
"""

import json
import pathlib
import re
import sys
import zipfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPONENTS = ("check", "comment")
# What must not become a part of the YAML or of a command.
HOSTILE = ('"', "'", "\\", "\n", "x\ny: z", "$(id)", "`id`", "a;b", "a|b", "a&b", 'a" }', "a #b", "$[[ inputs.stage ]]", "é")


class Template(yaml.SafeLoader):
    """YAML of CloudFormation: of the short forms of functions only the text matters here."""


Template.add_multi_constructor("!", lambda loader, tag, node: {tag: getattr(node, "value", None)})


def text(path):
    """A file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def component(name, given=None):
    """The declared inputs of a component, and its jobs with inputs inserted into the text as GitLab does."""
    header, body = text(f"templates/{name}.yml").split("\n---\n")
    inputs = yaml.safe_load(header)["spec"]["inputs"]
    for key, value in (given or {}).items():
        assert accepts(inputs[key], value), f"{name}: {key} does not take {value!r}"
    for key, spec in inputs.items():
        value = (given or {}).get(key, spec["default"])
        body = body.replace(f"$[[ inputs.{key} ]]", value if isinstance(value, str) else json.dumps(value))
    assert "$[[" not in body, f"{name}: an input that is not declared"
    return header, inputs, body


def accepts(spec, value):
    """Whether an input takes a value. GitLab's expressions (RE2) end at `$` with the text; those of Python also before a last line break."""
    if spec.get("type") == "array":
        return isinstance(value, list)
    return isinstance(value, str) and re.search(spec["regex"].removesuffix("$") + r"\Z", value) is not None


def components(out):
    """Renders both components."""
    other = {
        "job-name": "driftline sandbox:eu", "stage": "security checks", "image": "$CI_REGISTRY/driftline@sha256:0a",
        "policies": "a.yaml policies/b", "args": "--config x/driftline.toml --region eu-* --deadline 15m", "policy-set": "team a",
        "aws-role": "arn:aws-us-gov:iam::999988887777:role/path/driftline", "aws-audience": "https://gitlab.example.com",
        "allow-failure-codes": [2, 4, 6], "rules": [{"if": '$CI_COMMIT_BRANCH == "main"', "when": "manual"}],
    }
    for name in COMPONENTS:
        header, inputs, body = component(name)
        assert set(inputs) == set(other), f"{name}: {set(inputs) ^ set(other)}"
        for key, spec in inputs.items():
            assert accepts(spec, spec["default"]), f"{name}: the default of {key}"
            refused = spec.get("type") == "array" or (spec["regex"].startswith("^") and spec["regex"].endswith("$"))
            assert refused, f"{name}: {key} is not anchored"
            for value in HOSTILE:
                assert not accepts(spec, value), f"{name}: {key} takes {value!r}"
        (out / f"{name}-header.yml").write_text(header)
        (out / f"{name}-defaults.yml").write_text(body)
        (out / f"{name}-other.yml").write_text(component(name, other)[2])
        job = yaml.safe_load(component(name, other)[2])["driftline sandbox:eu"]
        assert job["rules"] == other["rules"] and job["allow_failure"]["exit_codes"] == [2, 4, 6], job
    for included in yaml.safe_load(text("examples/ci/gitlab-ci.yml"))["include"]:
        name = re.search(r"/([a-z]+)@v", included["component"])[1]
        component(name, included["inputs"])


def scripts(out):
    """Writes embedded shell scripts."""
    found = {}
    for name in COMPONENTS:
        (job,) = yaml.safe_load(component(name)[2]).values()
        found[f"gitlab-{name}"] = "\n".join(job["script"])
    template = yaml.load(text("examples/aws/fargate.yaml"), Loader=Template)
    (container,) = template["Resources"]["TaskDefinition"]["Properties"]["ContainerDefinitions"]
    found["fargate"] = container["Command"][2]
    build = yaml.safe_load(text("examples/aws/buildspec.yml"))
    found["codebuild"] = "\n".join(line for phase in build["phases"].values() for line in phase["commands"])
    steps = yaml.safe_load(text("examples/atlantis/repos.yaml"))["workflows"]["driftline"]
    for stage, value in steps.items():
        found[f"atlantis-{stage}"] = "\n".join(step["run"]["command"] for step in value["steps"])
    (found["jenkins"],) = re.findall(r"'''(.*?)'''", text("examples/ci/Jenkinsfile"), re.S)
    for name, script in found.items():
        (out / f"{name}.sh").write_text(f"#!/bin/sh\n# All of them stop at a command that fails.\nset -e\n{script}\n")


def batch():
    """Checks the job definitions."""
    import botocore.session
    import botocore.validate

    model = botocore.session.get_session().get_service_model("batch").operation_model("RegisterJobDefinition").input_shape
    for path in sorted((ROOT / "examples/shards/batch").glob("*.json")):
        definition = json.loads(path.read_text())
        report = botocore.validate.ParamValidator().validate(definition, model)
        assert not report.has_errors(), f"{path}: {report.generate_report()}"
        # A key that the model does not know is no error to botocore.
        unknown = strangers(definition, model)
        assert not unknown, f"{path}: {unknown}"


def strangers(value, shape, path=""):
    """The keys that a model does not have."""
    if shape.type_name == "structure":
        known = shape.members
        missing = [f"{path}.{key}" for key in value if key not in known]
        return missing + [s for key in value if key in known for s in strangers(value[key], known[key], f"{path}.{key}")]
    if shape.type_name == "list":
        return [found for item in value for found in strangers(item, shape.member, f"{path}[]")]
    return []


def dashboard(out):
    """Writes rules.yml and test.yml."""
    queries = [target["expr"] for panel in json.loads(text("examples/grafana/dashboard.json"))["panels"] for target in panel["targets"]]
    queries = [query.replace("$policy_set", ".*") for query in queries]
    assert queries and not any("$" in query for query in queries), queries
    rules = [{"record": f"panel_{number}", "expr": query} for number, query in enumerate(queries)]
    (out / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    metrics = text("examples/organization/reports/driftline.prom").splitlines()
    series = [line.rsplit(" ", 1) for line in metrics if line and not line.startswith("#")]
    # That run was not compared with an earlier one.
    series += [
        ['driftline_problems{change="new",policy_set="default",severity="high"}', "1"],
        ['driftline_drift_first_seen_timestamp_seconds{account_id="111122223333",policy_set="default",resource="macie_session"}', "1"],
    ]
    one = [{"labels": "{}", "value": 1}]
    tests = [{"expr": f"clamp_max(count({rule['record']}), 1)", "eval_time": "2m", "exp_samples": one} for rule in rules]
    given = [{"series": name, "values": f"{value}x3"} for name, value in series]
    test = {"interval": "1m", "input_series": given, "promql_expr_test": tests}
    (out / "test.yml").write_text(json.dumps({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}))


def wheel(binary, out):
    """Writes a wheel of the version that the hook asks for."""
    version = re.search(r'^version = "(.*)"$', text("pyproject.toml"), re.M)[1]
    info = f"driftline-{version}.dist-info"
    members = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: driftline\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: driftline\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
        f"driftline-{version}.data/scripts/driftline": pathlib.Path(binary).read_bytes(),
    }
    record = "".join(f"{name},,\n" for name in [*members, f"{info}/RECORD"])
    with zipfile.ZipFile(out / f"driftline-{version}-py3-none-any.whl", "w") as archive:
        for name, data in {**members, f"{info}/RECORD": record.encode()}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, data)


def main():
    """Runs a command."""
    command, *arguments = sys.argv[1:]
    if command != "batch":
        arguments[-1] = pathlib.Path(arguments[-1])
        arguments[-1].mkdir(parents=True, exist_ok=True)
    {"components": components, "scripts": scripts, "batch": batch, "dashboard": dashboard, "wheel": wheel}[command](*arguments)


main()
