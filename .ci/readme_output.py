"""Checks that the README shows what the program prints: readme_output.py README.md OUTPUT."""

import pathlib
import sys

readme, output = (pathlib.Path(path).read_text(encoding="utf-8") for path in sys.argv[1:])
if f"```text\n{output}```\n" not in readme:
    sys.exit("the README does not show what the example prints:\n" + output)
