"""The rows of the demo: real files that every machine with Python has. Nothing here knows of Pixeltable."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

# Tests, bundled applications and tables of characters are no knowledge that anyone asks for.
SKIPPED = {'__pycache__', 'dist-packages', 'encodings', 'idlelib', 'lib2to3', 'site-packages', 'test', 'tests', 'turtledemo'}


def rows(limit: int | None = None) -> list[dict[str, Any]]:
    """The rows of `org_knowledge`, at most `limit` of each type."""
    return [*_first(_modules(), limit), *_first(_packages(), limit)]


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
        text = f'{package.metadata["Summary"] or ""}\n\n{package.metadata.get_payload() or ""}'.strip()
        if text:
            yield _row('document', f'{name}/README', text, Path(str(package.locate_file(''))))


def _row(kind: str, path: str, content: str, file: Path) -> dict[str, Any]:
    created = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return {'type': kind, 'path': path, 'content': content, 'created_at': created}


def _first(found: Iterator[dict[str, Any]], limit: int | None) -> list[dict[str, Any]]:
    return [row for _, row in zip(range(limit), found, strict=False)] if limit is not None else list(found)
