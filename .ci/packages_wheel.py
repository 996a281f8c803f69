"""Checks what a wheel contains: packages_wheel.py WHEEL VERSION."""

import email
import json
import re
import stat
import sys
import zipfile

wheel, version = sys.argv[1:]
info = f"driftline-{version}.dist-info"
with zipfile.ZipFile(wheel) as archive:
    content = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}

script = f"driftline-{version}.data/scripts/driftline"
assert modes[script] & stat.S_IXUSR, "the program cannot be run"
licences = {"LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-LICENSES.txt"}
expected = {script, *(f"{info}/{name}" for name in ["METADATA", "RECORD", "WHEEL", "sboms/driftline.cyclonedx.json"])}
expected |= {f"{info}/licenses/{name}" for name in licences}
assert set(content) == expected, sorted(set(content) ^ expected)

metadata = email.message_from_bytes(content[f"{info}/METADATA"])
assert metadata["License-Expression"] == "MIT OR Apache-2.0", metadata["License-Expression"]
assert set(metadata.get_all("License-File")) == licences, metadata.get_all("License-File")
# A link that works on PyPI has a scheme, or leads to a heading.
description = metadata.get_payload()
assert len(description) > 1000, "the page on PyPI has no text"
code = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
relative = [link for link in re.findall(r"\]\(([^)\s]+)\)", code.sub("", description)) if not re.match(r"https://|#", link)]
assert not relative, relative

sbom = json.loads(content[f"{info}/sboms/driftline.cyclonedx.json"])
assert sbom["bomFormat"] == "CycloneDX" and sbom["metadata"]["component"]["version"] == version
components = {component["name"]: component for component in sbom["components"]}
for name in ["aws-config", "rustls", "ring", "driftline-simulator"]:
    assert name in components, f"the SBOM lacks {name}"
assert len(components) > 200, len(components)
assert not re.search(rb"file:///(?!source)|/home/|/root/|/tmp/", content[f"{info}/sboms/driftline.cyclonedx.json"]), "a path of this machine"
print(f"the wheel has {len(content)} files and an SBOM of {len(components)} components")
