"""All that a home shows, as JSON: what golden homes are compared by. It runs with any release that wrote one."""

from __future__ import annotations

import hashlib
import re
from typing import Any

MADE_AT = '/tmp/pixeltable-golden-home'
"""Where `tools/golden_home.py` makes homes: the URL of a table's own data root is in the catalog."""

_STORED = re.compile('file://.*/(?=tables/[0-9a-f]{32}/media/)')
"""What is before the key of stored media: where the home lies."""

LONG = 10_000
"""Characters; longer texts are told by their digest."""


def describe(pxt: Any) -> dict[str, Any]:
    """All that a home shows, as JSON: paths, and of each table its history, its snapshots, and every version's rows."""
    return {
        'directories': pxt.list_dirs(),
        'tables': {path: _describe_table(pxt, path) for path in pxt.list_tables()},
    }


def _describe_table(pxt: Any, path: str) -> dict[str, Any]:
    t = pxt.get_table(path)
    metadata = t.get_metadata()
    if metadata['kind'] == 'snapshot' or metadata['path'] != path:
        return {'rows': {'': _describe_rows(t)}}
    versions = t.get_versions()
    known = ('version', 'change_type', 'inserts', 'updates', 'deletes', 'errors', 'schema_change', 'created_at')
    return {
        'kind': metadata['kind'],
        'comment': metadata['comment'] or '',
        'custom_metadata': metadata['custom_metadata'],
        'primary_key': metadata['primary_key'] or [],
        'indexes': metadata['indexes'],
        'history': [[str(version[name]) for name in known] for version in versions],
        'snapshots': pxt.list_snapshots(t),
        'rows': {f':{each["version"]}': _describe_version(pxt, path, each['version']) for each in versions},
    }


def _describe_version(pxt: Any, path: str, version: int) -> Any:
    try:
        return _describe_rows(pxt.get_table(f'{path}:{version}'))
    except pxt.NotFoundError:
        return None  # it was vacuumed


def _describe_rows(t: Any) -> dict[str, Any]:
    """Columns with their metadata, and the rows by id, as they are stored; with the errors of computed columns."""
    columns = t.get_metadata()['columns']
    failing = [name for name, column in columns.items() if column['is_computed'] and column['is_stored']]
    errors = {f'{name}_{part}': getattr(t[name], part) for name in failing for part in ('errortype', 'errormsg')}
    data = t.select(row_id=t.id, **{name: t[name] for name in columns}, **errors).where(t.id > 0).collect().to_arrow()
    rows = zip(*(map(plain, column.to_pylist()) for column in data.columns), strict=True)
    return {
        'columns': {name: _describe_column(column) for name, column in columns.items()},
        'fields': data.column_names,
        'rows': sorted(map(list, rows)),  # by id, which is unique
    }


def _describe_column(column: dict[str, Any]) -> dict[str, Any]:
    """`is_stored` is whether segments have the field: of frames, which are decoded when they are read, it is a reference."""
    inputs = [name for _, name in column['depends_on'] or []]
    said = {'comment': column['comment'] or '', 'depends_on': inputs}
    is_stored = column['is_stored'] or not column['is_computed']
    return {k: v for k, v in column.items() if k != 'name'} | said | {'is_stored': is_stored}


def plain(value: Any) -> Any:
    """A stored value as JSON that tells it from every other."""
    match value:
        case str() if (before := _STORED.match(value)) is not None:
            return value[before.end() :]
        case str() if len(value) > LONG:
            return {'length': len(value), 'sha256': hashlib.sha256(value.encode()).hexdigest()}
        case None | bool() | int() | str():
            return value
        case float():
            return repr(value)
        case bytes():
            return {'bytes': value.hex()}
        case list():
            return [plain(each) for each in value]
        case dict():
            return {name: plain(each) for name, each in value.items()}
    return str(value)
