"""The rows of the demo: real files that every machine with Python has. Nothing here knows of Pixeltable."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

# Tests, bundled applications and tables of characters are no knowledge that anyone asks for.
SKIPPED = {'dist-packages', 'encodings', 'idlelib', 'lib2to3', 'site-packages', 'test', 'tests', 'turtledemo'}


DECISIONS = Path(__file__).resolve().parents[2] / 'docs' / 'decisions'


def rows(limit: int | None = None) -> list[dict[str, Any]]:
    """The rows of `org_knowledge`, at most `limit` of each type."""
    return [row for found in (_modules(), _packages(), _decisions()) for row in islice(found, limit)]


def _modules() -> Iterator[dict[str, Any]]:
    """The source of each module of the standard library."""
    library = Path(sysconfig.get_path('stdlib'))
    for file in sorted(library.rglob('*.py')):
        path = file.relative_to(library)
        if SKIPPED.isdisjoint(path.parts):
            yield _row('code', path.as_posix(), file.read_text(encoding='utf-8', errors='replace'), file)


def _packages() -> Iterator[dict[str, Any]]:
    """The README of each installed package, as its metadata holds it."""
    found = {package.name.lower(): package for package in metadata.distributions()}
    for name, package in sorted(found.items()):
        text = f'{package.metadata["Summary"] or ""}\n\n{package.metadata.json.get("description", "")}'.strip()
        if text:
            yield _row('document', f'{name}/README', text, Path(str(package.locate_file(''))))


def _decisions() -> Iterator[dict[str, Any]]:
    """The decision records of this project."""
    for file in sorted(DECISIONS.glob('[0-9]*.md')):
        yield _row('decision', f'adr/{file.name}', file.read_text(encoding='utf-8'), file)


def _row(kind: str, path: str, content: str, file: Path) -> dict[str, Any]:
    created = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return {'type': kind, 'path': path, 'content': content, 'created_at': created}
