"""What messages tell users to install can be installed."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.compile(r"(?:require\('[\w.]+', |_?EXTRA = |extra=)'(\w+)'")


def test_every_extra_that_is_named_exists() -> None:
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']
    named = {extra for file in (ROOT / 'pixeltable').rglob('*.py') for extra in NAMED.findall(file.read_text())}
    assert {'postgres', 'ray', 'huggingface', 'spacy', 'excel'} <= named <= set(project['optional-dependencies'])
