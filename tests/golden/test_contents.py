"""There is a golden home of each format, and that of the newest holds some of everything that a home can hold.

What fails here after a change of the format is not in the newest golden home yet: `tools/golden_home.py` makes it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pixeltable.catalog import tables
from pixeltable.catalog.migrations import FORMAT_VERSION
from pixeltable.catalog.records import KEY_FILTER
from pixeltable.exprs.operations import OPERATIONS
from pixeltable.types.column_type import Kind
from pixeltable.types.spelling import _DTYPES

GOLDEN = Path(__file__).parent
NEWEST = f'format_{FORMAT_VERSION}'
NODES = {
    'literal', 'column', 'operation', 'is_in', 'cast', 'json_path', 'array_item', 'template', 'list', 'dict', 'call',
    'property', 'similarity',
}  # fmt: skip
CONSTANTS = {'$float', '$timestamp', '$date', '$uuid', '$bytes', '$list', '$dict', '$array'}

Rows = dict[str, list[sqlite3.Row]]


def rows_of(home: Path) -> Rows:
    with closing(sqlite3.connect(home / 'catalog.db')) as connection:
        connection.row_factory = sqlite3.Row
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


@pytest.fixture
def rows(unpack: Callable[[str], Path]) -> Rows:
    """The catalog of the newest golden home, table by table."""
    if not (GOLDEN / NEWEST).exists():
        pytest.skip('test_each_format_has_a_golden_home says what to do')
    return rows_of(unpack(NEWEST))


def walk(value: Any) -> Iterator[Any]:
    """A document and all that is in it."""
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(item)


def names_in(documents: Any) -> set[str]:
    return {name for value in walk(documents) if isinstance(value, dict) for name in value}


def columns_of(rows: Rows) -> list[Any]:
    return [json.loads(row['doc']) for row in rows['columns']]


def by_column(rows: Rows, name: str) -> dict[tuple[str, int], Any]:
    """A name in the documents of columns, by table and column."""
    found = ((row['table_id'], json.loads(row['doc'])) for row in rows['columns'])
    return {(table_id, document['id']): document[name] for table_id, document in found}


def held(file: sqlite3.Row) -> list[int]:
    """The ids of the columns of a file."""
    return [column_id for column_id, _, _ in json.loads(file['columns'])['columns']]


def test_each_format_has_a_golden_home() -> None:
    there = {path.parent.name for path in GOLDEN.glob('format_*/home.tar.xz')}
    described = {path.parent.name for path in GOLDEN.glob('format_*/expected.json.xz')}
    missing = {f'format_{number}' for number in range(1, FORMAT_VERSION + 1)} - (there & described)
    assert not missing, 'run tools/golden_home.py with the code that writes this format'


@pytest.mark.parametrize('name', sorted(path.name for path in GOLDEN.glob('format_*')))
def test_a_golden_home_has_the_format_that_it_is_named_after(unpack: Callable[[str], Path], name: str) -> None:
    meta = {row['key']: row['value'] for row in rows_of(unpack(name))['meta']}
    assert f'format_{meta["format_version"]}' == name


def test_golden_homes_are_small() -> None:
    sizes = {path.name: sum(file.stat().st_size for file in path.iterdir()) for path in GOLDEN.glob('format_*')}
    assert {name: size for name, size in sizes.items() if size > 250_000} == {}


@pytest.mark.parametrize('table', tables.METADATA.sorted_tables, ids=lambda table: table.name)
def test_each_table_of_the_catalog_has_rows_and_each_nullable_column_values_and_null(rows: Rows, table: Any) -> None:
    found = rows[table.name]
    assert found
    for column in table.c:
        expected = {True, False} if column.nullable else {False}
        assert {row[column.name] is None for row in found} == expected, column.name


@pytest.mark.parametrize(('table', 'column'), [('tables', 'doc'), ('columns', 'doc'), ('snapshots', 'tags')])
def test_each_name_in_documents_has_several_values(rows: Rows, table: str, column: str) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows[table]:
        for name, value in json.loads(row[column]).items():
            found[name].add(json.dumps(value))
    assert {name for name, values in found.items() if len(values) == 1} <= {'tag', 'version'}


def test_the_meta_data_say_everything(rows: Rows) -> None:
    assert {row['key'] for row in rows['meta']} == {'format_version', 'catalog_id', 'orphans_before'}


def test_each_kind_of_expression_and_constant_is_stored(rows: Rows) -> None:
    expressions = [column['value'] for column in columns_of(rows)]
    operations = {found['operation'] for found in walk(expressions) if isinstance(found, dict) and 'operation' in found}
    assert names_in(expressions) >= NODES | CONSTANTS
    assert operations == set(OPERATIONS) - {'sample_key'}  # which is in plans alone


def test_functions_are_stored_in_each_way(rows: Rows) -> None:
    assert {'module', 'value', 'using', 'overload'} <= names_in([column['value'] for column in columns_of(rows)])


def test_indexes_have_each_metric_and_precision(rows: Rows) -> None:
    found = [column['embedding'] for column in columns_of(rows) if column['embedding']]
    assert {each['metric'] for each in found} == {'cosine', 'ip', 'l2'}
    assert {each['precision'] for each in found} == {'fp16', 'fp32'}


def test_each_type_is_in_files_and_inlined_with_null_and_without(rows: Rows) -> None:
    types = by_column(rows, 'type')
    for is_inlined in (True, False):
        files = [file for file in rows['files'] if (file['path'] is None) == is_inlined]
        found = [types[file['table_id'], number] for file in files for number in held(file) if number > 0]
        kinds = {
            (each, False) if isinstance(each, str) else (each['kind'], each.get('nullable', False)) for each in found
        }
        assert {(kind.value, nullable) for kind in Kind for nullable in (True, False)} <= kinds


def test_types_have_each_parameter(rows: Rows) -> None:
    types = [column['type'] for column in columns_of(rows)]
    dtypes = {found['dtype'] for found in walk(types) if isinstance(found, dict) and 'dtype' in found}
    assert {'array', 'image', 'object', 'list'} <= names_in(types)
    assert dtypes == _DTYPES


def test_delete_vectors_have_each_encoding(rows: Rows) -> None:
    assert {row['data'][:1] for row in rows['deletes']} == {b'S', b'B'}


def test_filters_over_keys_are_inlined_and_in_files(rows: Rows) -> None:
    files = [file for file in rows['files'] if held(file) == [KEY_FILTER]]
    assert {file['path'] is None for file in files} == {True, False}


def test_an_object_has_several_row_groups_and_one_is_named_twice(rows: Rows, tmp_path: Path) -> None:
    paths = [file['path'] for file in rows['files'] if file['path'] is not None]
    parquet = [path for path in paths if path.endswith('.parquet') and '://' not in path]
    assert max(pq.ParquetFile(tmp_path / 'home' / 'data' / path).num_row_groups for path in parquet) > 1
    assert len(set(paths)) < len(paths)


def test_a_table_has_a_data_root_of_its_own(rows: Rows, tmp_path: Path) -> None:
    paths = [file['path'] for file in rows['files'] if '://' in (file['path'] or '')]
    assert paths
    assert all(Path(path.removeprefix('file://')).is_relative_to(tmp_path / 'home' / 'own') for path in paths)


def test_segments_have_several_files_and_errors_that_a_later_file_has_ended(rows: Rows) -> None:
    files = defaultdict(list)
    for file in rows['files']:
        files[file['segment_id']].append(held(file))
    pairs = [(old, new) for each in files.values() for at, old in enumerate(each) for new in each[at + 1 :]]
    assert any(-number in old and -number not in new for old, new in pairs for number in new if number > 0)


def test_files_hold_cells_of_older_code_and_of_two_codes(rows: Rows) -> None:
    now = by_column(rows, 'fingerprint')
    stored = [
        (now[file['table_id'], number], fingerprint)
        for file in rows['files']
        for number, _, fingerprint in json.loads(file['columns'])['columns']
        if number > 0 and now[file['table_id'], number] is not None
    ]
    assert any('+' in fingerprint for _, fingerprint in stored)
    assert any(fingerprint != declared and '+' not in fingerprint for declared, fingerprint in stored)
