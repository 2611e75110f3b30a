"""docs/format.md says what there is, and a reader written from it reads homes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.catalog import documents, tables
from pixeltable.catalog.migrations import FORMAT_VERSION
from pixeltable.catalog.records import KEY_FILTER, ColumnRecord, TableRecord
from pixeltable.types.column_type import INT, Kind

PAGE = (Path(__file__).resolve().parents[2] / 'docs' / 'format.md').read_text()


def test_every_table_and_column_of_the_catalog_is_described() -> None:
    sections = re.findall(r'^### `(\w+)`\n(.*?)(?=^##)', PAGE, flags=re.MULTILINE | re.DOTALL)
    described = {name: re.findall(r'^\| `(\w+)` \| (.*?) \|', body, flags=re.MULTILINE) for name, body in sections}
    actual = {
        table.name: [(column.name, bool(column.nullable)) for column in table.c]
        for table in tables.METADATA.sorted_tables
    }
    assert {
        name: [(column, 'or NULL' in type_) for column, type_ in columns] for name, columns in described.items()
    } == actual


@pytest.mark.parametrize('fact', [f'format **{FORMAT_VERSION}**', str(KEY_FILTER), *(f'`{kind}`' for kind in Kind)])
def test_what_the_page_must_say(fact: str) -> None:
    assert fact in PAGE


def test_the_names_in_documents_are_described() -> None:
    import json

    for text in (documents.table_text(TableRecord('t', 't')), documents.column_text(ColumnRecord(1, 'a', INT))):
        found = json.loads(text)
        assert f'**`{found["tag"]}`**, version {found["version"]}' in PAGE
        assert [name for name in found if f'`{name}`' not in PAGE] == []


def test_the_independent_reader_is_short_and_independent() -> None:
    text = Path(__file__).with_name('mini_reader.py').read_text()
    assert len(text.splitlines()) <= 150
    assert not re.search(r'^\s*(from|import) pixeltable', text, flags=re.MULTILINE)


def test_the_independent_reader_reads_every_version(old_home, description, expected, home_of, monkeypatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    from mini_reader import Reader  # type: ignore[import-not-found]

    pxt.list_tables()  # which brought the home to the format of this release
    tables = expected(old_home)['tables']
    for path, label, version in ((p, *each) for p in tables for each in tables[p]['rows'].items()):
        number = int(label[1:]) if label else None
        if version is None:  # it was vacuumed
            with pytest.raises(LookupError):
                Reader(home_of(), path, number)
        else:
            reader = Reader(home_of(), path, number)
            assert [seen(reader, description, row) for row in sorted(reader.rows)] == stored(version), (path, label)


def stored(version: Any) -> list[dict[str, Any]]:
    """The rows of a version in the golden description, without what is computed when it is read."""
    unstored = {name for name, column in version['columns'].items() if not column['is_stored']}
    rows = (dict(zip(version['fields'], row, strict=True)) for row in version['rows'])
    return [{name: value for name, value in row.items() if name not in unstored} for row in rows]


def seen(reader: Any, description: Any, row_id: int) -> dict[str, Any]:
    """A row as the golden description spells it."""
    row = reader.rows[row_id]
    found = {'row_id': row_id}
    for column_id, name in reader.columns.items():
        found[name] = description.plain(row[column_id])
        if column_id in reader.computed:
            error = row[-column_id] or {'errortype': None, 'errormsg': None}
            found |= {f'{name}_{part}': error[part] for part in ('errortype', 'errormsg')}
    return found
