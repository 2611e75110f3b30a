"""The statement that reads one version of a table with plain DuckDB, without this package: a SELECT for each segment, joined by
UNION ALL. It names the Parquet files where they lie; rows that are still inlined in the catalog it carries as literals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from pixeltable.catalog.records import ROW_ID, ColumnRecord, FileRecord, Segment
from pixeltable.catalog.views import BASE_ROW, LEVEL
from pixeltable.exec.open_data import literals
from pixeltable.exec.source import Source
from pixeltable.exprs.sql_parts import identifier
from pixeltable.storage import deletes
from pixeltable.storage.columns import verify
from pixeltable.storage.files import decode_ipc
from pixeltable.storage.places import locate

MAX_RUNS = 1000
"""So many runs of deleted rows are listed; more are given as one bit for each row."""

_POSITION = 'file_row_number'
"""The number of a row in its Parquet file, from 0: a column that DuckDB adds to each (1.3 and later)."""


def duckdb_sql(source: Source, heading: str, url: Callable[[str], str]) -> str:
    """The statement for the rows of `source`. `heading` says what it is; `url` gives the address of an object."""
    shown = source.schema.visible
    unstored = [column.name for column in shown if not column.stored]
    lines = [f'-- {line}' for line in heading.splitlines()]
    if unstored:
        lines.append(f'-- Without {", ".join(unstored)}: not stored, but computed when it is read.')
    return '\n'.join([*lines, _rows(source, [column for column in shown if column.stored], None, url)])


def _rows(source: Source, columns: Sequence[ColumnRecord], row_id: str | None, url: Callable[[str], str]) -> str:
    """The rows with some columns, and with their ids, if these have a name. Columns of the base of a view come from there."""
    own = [column for column in columns if column.id < LEVEL]
    if source.base is None or len(own) == len(columns):
        return _held(source, own, row_id, url)
    below = [column for column in columns if column.id >= LEVEL]
    lower = [replace(column, id=column.id - LEVEL) for column in below]
    base_row = source.schema.by_id(BASE_ROW)
    assert base_row is not None
    mine = _held(source, [*own, base_row], row_id, url)
    theirs = _rows(source.base, lower, '_id', url)
    names = [f'{"b" if column in below else "v"}.{identifier(column.name)}' for column in columns]
    names += [] if row_id is None else [f'v.{identifier(row_id)}']
    joined = f'(\n{mine}\n) AS v\nJOIN (\n{theirs}\n) AS b ON v.{identifier(base_row.name)} = b._id'
    return f'SELECT {", ".join(names)} FROM {joined}'


def _held(source: Source, columns: Sequence[ColumnRecord], row_id: str | None, url: Callable[[str], str]) -> str:
    """The same of columns that the table holds itself."""
    segments = source.contents.segments
    branches = _branches(segments) if row_id is None else (_Branch((segment,)) for segment in segments)
    selects = [_select(columns, row_id, branch, url) for branch in branches]
    return '\nUNION ALL\n'.join(selects or [_nothing(columns, row_id)])


@dataclass(frozen=True, slots=True)
class _Branch:
    """Segments that one SELECT reads: one, or several that have one Parquet file each, with the same columns."""

    segments: tuple[Segment, ...]


def _branches(segments: Sequence[Segment]) -> Iterator[_Branch]:
    for key, group in groupby(segments, key=_alike):
        members = tuple(group)
        yield from [_Branch(members)] if key is not None else map(_Branch, ((each,) for each in members))


def _alike(segment: Segment) -> object:
    """Equal for segments that can be read together; None for one that cannot."""
    files = [file for file in segment.files if not file.is_key_filter]
    if len(files) != 1 or files[0].path is None or segment.deletes is not None:
        return None
    return tuple((column.column_id, column.name) for column in files[0].columns)


def _select(columns: Sequence[ColumnRecord], row_id: str | None, branch: _Branch, url: Callable[[str], str]) -> str:
    segment = branch.segments[0]
    places = locate(segment)
    ids = [ROW_ID] if row_id is not None else []
    wanted = {each: places[each] for each in [*(column.id for column in columns), *ids] if each in places}
    files = {place.file.id: place.file for place in wanted.values()}
    files = files or {file.id: file for file in segment.files if not file.is_key_filter}
    names = {file_id: f'f{number}' for number, file_id in enumerate(files, 1)}
    items = []
    for column in columns:
        place = wanted.get(column.id)
        expression = 'NULL' if place is None else f'{names[place.file.id]}.{_field(place.file, column.id)}'
        items.append(f'{literals.column(expression, column.type)} AS {identifier(column.name)}')
    if row_id is not None:
        place = wanted.get(ROW_ID)
        counted = f'{segment.first_id} + f1.{_POSITION}'
        expression = counted if place is None else f'{names[place.file.id]}.{_field(place.file, ROW_ID)}'
        items.append(f'{expression} AS {identifier(row_id)}')
    relations = [f'{_relation(branch, file, url)} AS {names[file.id]}({_fields(file)})' for file in files.values()]
    joined = relations[0]
    for relation, name in zip(relations[1:], list(names.values())[1:], strict=True):
        joined += f'\n  JOIN {relation} ON {name}.{_POSITION} = f1.{_POSITION}'
    where = '' if segment.deletes is None else f'\nWHERE {_kept(segment)}'
    return 'SELECT\n  ' + ',\n  '.join(items) + f'\nFROM {joined}{where}'


def _field(file: FileRecord, column_id: int) -> str:
    """What a column of a file is called here: names in files may be old ones, and may differ by case only."""
    number = next(index for index, column in enumerate(file.columns) if column.column_id == column_id)
    return f'c{number}'


def _fields(file: FileRecord) -> str:
    named = ', '.join(_field(file, column.column_id) for column in file.columns)
    return f'{_POSITION}, {named}' if file.path is None else named


def _relation(branch: _Branch, file: FileRecord, url: Callable[[str], str]) -> str:
    if file.path is None:
        return _values(file)
    files = [each for segment in branch.segments for each in segment.files if not each.is_key_filter]
    paths = [each.path for each in files if each.path is not None] if len(branch.segments) > 1 else [file.path]
    addresses = [literals.text(url(path)) for path in paths]
    return f'read_parquet({addresses[0] if len(addresses) == 1 else "[" + ", ".join(addresses) + "]"})'


def _values(file: FileRecord) -> str:
    """The rows of an inlined file as literals, each after its number."""
    data = file.data or b''
    verify(file, data)
    table = decode_ipc(data)
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    lines = (f'({number}, {", ".join(map(literals.literal, row))})' for number, row in enumerate(rows))
    return '(VALUES\n    ' + ',\n    '.join(lines) + ')'


def _kept(segment: Segment) -> str:
    """The condition that leaves out the deleted rows of a segment."""
    assert segment.deletes is not None
    keep = deletes.decode(segment.deletes.data, segment.rows)
    gone = np.flatnonzero(~keep)
    starts = gone[np.diff(gone, prepend=-2) != 1]
    ends = gone[np.diff(gone, append=segment.rows + 1) != 1]
    position = f'f1.{_POSITION}'
    if len(starts) > MAX_RUNS:
        bits = ''.join('10'[int(kept)] for kept in keep)
        return f"get_bit('{bits}'::BIT, {position}::INTEGER) = 0"
    single = [str(start) for start, end in zip(starts, ends, strict=True) if start == end]
    runs = [
        f'{position} NOT BETWEEN {start} AND {end}' for start, end in zip(starts, ends, strict=True) if start != end
    ]
    return ' AND '.join([*([f'{position} NOT IN ({", ".join(single)})'] if single else []), *runs])


def _nothing(columns: Sequence[ColumnRecord], row_id: str | None) -> str:
    items = [f'{literals.column("NULL", each.type)} AS {identifier(each.name)}' for each in columns]
    items += [] if row_id is None else [f'NULL::BIGINT AS {identifier(row_id)}']
    return f'SELECT {", ".join(items)} WHERE false'
