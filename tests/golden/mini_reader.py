"""Reads tables of a home as docs/format.md says, with nothing but sqlite3 and pyarrow: the proof that the page suffices."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

FORMAT = '4'
KEY_FILTER = -1073741824
BASE_ROW = 1
LEVEL = 1 << 20
VERSIONS = {'table': (1, 2), 'column': (1,), 'stored_columns': (1,)}


def document(text: str, tag: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    if found['tag'] != tag or found['version'] not in VERSIONS[tag]:
        raise ValueError(f'{found["tag"]} document of version {found["version"]}')
    return found


class Reader:
    """One commit of one table or view."""

    def __init__(self, home: Path, path: str, version: int | None = None) -> None:
        self.home = home
        with closing(sqlite3.connect(f'file:{home}/catalog.db?mode=ro', uri=True)) as database:
            database.row_factory = sqlite3.Row
            database.execute('BEGIN')
            self.database = database
            if self.one("SELECT value FROM meta WHERE key = 'format_version'") != (FORMAT,):
                raise ValueError('another format')
            table_id, doc = self.one('SELECT id, doc FROM tables WHERE path = ? AND "end" IS NULL', path)
            if document(doc, 'table')['base'] is not None:
                table_id, version = document(doc, 'table')['base']
            self.rows = self.read(table_id, self.find_commit(table_id, version))

    def read(self, table_id: str, commit: int) -> dict[int, dict[int, Any]]:
        """The rows by id; errors have the negative id of their column. Notes the names of the columns by id."""
        self.table_id, self.commit = table_id, commit
        docs = [document(row['doc'], 'column') for row in self.seen('columns', 'position')]
        self.columns = {column['id']: column['name'] for column in docs if column['stored']}
        self.computed = {column['id'] for column in docs if column['value'] is not None}
        rows = dict(row for segment in self.seen('segments', 'id') for row in self.segment(segment))
        at = '"begin" <= ? AND ("end" IS NULL OR "end" > ?)'
        (doc,) = self.one(f'SELECT doc FROM tables WHERE id = ? AND {at}', table_id, commit, commit)
        view = document(doc, 'table').get('view')
        self.columns = {column_id: name for column_id, name in self.columns.items() if name[0] != '_'}
        return self.joined(view, rows, view['at'] or commit) if view and not view['query'] else rows

    def joined(self, view: Any, rows: Any, commit: int) -> dict[int, dict[int, Any]]:
        """The rows of a view, with those of its base that they were made from."""
        own, computed = self.columns, self.computed
        below = self.read(view['base'], commit)
        shown = self.columns if view['columns'] is None else view['columns']
        taken = {name.lower() for name in own.values()}
        wanted = {column_id: self.columns[column_id] for column_id in shown if column_id in self.columns}
        wanted = {column_id: name for column_id, name in wanted.items() if name.lower() not in taken}
        for row in rows.values():
            base = below[row.pop(BASE_ROW)]
            row |= {sign * (column_id + LEVEL): base.get(sign * column_id) for column_id in wanted for sign in (1, -1)}
        self.columns = own | {column_id + LEVEL: name for column_id, name in wanted.items()}
        self.computed = computed | {column_id + LEVEL for column_id in self.computed}
        return dict(rows)

    def one(self, statement: str, *parameters: Any) -> tuple[Any, ...]:
        row = self.database.execute(statement, parameters).fetchone()
        if row is None:
            raise LookupError('there is no such table or version')
        return tuple(row)

    def find_commit(self, table_id: str, version: int | None) -> int:
        if version is None:
            (commit,) = self.one('SELECT max(id) FROM commits')
        else:
            of_version = 'SELECT commit_id FROM versions WHERE table_id = ? AND version = ? AND "end" IS NULL'
            (commit,) = self.one(f'{of_version} AND vacuumed IS NULL', table_id, version)
        return int(commit)

    def seen(self, table: str, order: str, segment: int | None = None) -> list[sqlite3.Row]:
        """The rows of a catalog table that the commit sees."""
        statement = f'SELECT * FROM {table} WHERE table_id = :t AND "begin" <= :c AND ("end" IS NULL OR "end" > :c)'
        if segment is not None:
            statement += ' AND segment_id = :s'
        values = {'t': self.table_id, 'c': self.commit, 's': segment}
        return self.database.execute(f'{statement} ORDER BY {order}', values).fetchall()

    def segment(self, segment: sqlite3.Row) -> Iterator[tuple[int, dict[int, Any]]]:
        """The id of each row, and its values by column id; errors have the negative id of their column."""
        places: dict[int, tuple[sqlite3.Row, int]] = {}
        for file in self.seen('files', 'id', segment['id']):
            held = [column_id for column_id, _, _ in document(file['columns'], 'stored_columns')['columns']]
            for column_id in held:
                places.pop(-column_id, None)
            places |= {column_id: (file, number) for number, column_id in enumerate(held)}
        places.pop(KEY_FILTER, None)
        values = {column_id: self.column(*place, segment['rows']) for column_id, place in places.items()}
        ids = values.pop(0, None)
        if segment['first_id'] is not None:
            ids = [segment['first_id'] + number for number in range(segment['rows'])]
        assert ids is not None
        gone = {position for row in self.seen('deletes', 'id', segment['id']) for position in deleted(row['data'])}
        wanted = [sign * column_id for column_id in self.columns for sign in (1, -1)]
        nothing = [None] * segment['rows']
        for column_id in self.computed - values.keys():  # its cells are yet to be computed
            values[-column_id] = [{'errortype': 'Pending', 'errormsg': 'not computed yet'}] * segment['rows']
        cells = [values.get(column_id, nothing) for column_id in wanted]
        for number, row in enumerate(zip(*cells, strict=True)):
            if number not in gone:
                yield ids[number], dict(zip(wanted, row, strict=True))

    def column(self, file: sqlite3.Row, number: int, rows: int) -> list[Any]:
        content = file['data'] if file['path'] is None else self.place(file['path']).read_bytes()
        if len(content) != file['size'] or f'sha256:{hashlib.sha256(content).hexdigest()}' != file['checksum']:
            raise ValueError(f'file {file["id"]} is damaged')
        is_inlined = file['path'] is None
        table = pa.ipc.open_stream(content).read_all() if is_inlined else pq.read_table(pa.BufferReader(content))
        values: list[Any] = table.column(number).to_pylist()
        assert len(values) == rows
        return values

    def place(self, path: str) -> Path:
        is_url = path.startswith('file://')
        return Path(unquote(path.removeprefix('file://'))) if is_url else self.home / 'data' / path


def deleted(vector: bytes) -> list[int]:
    """The positions that a delete vector names."""
    encoding, rest = vector[:1], vector[1:]
    if encoding == b'B':
        bits = zlib.decompress(rest)
        return [position for position in range(8 * len(bits)) if bits[position // 8] >> 7 - position % 8 & 1]
    if encoding == b'S':
        crc, rest = rest[:4], rest[4:]
        if int.from_bytes(crc, 'little') != zlib.crc32(rest):
            raise ValueError('a delete vector is damaged')
    elif encoding != b'P':
        raise ValueError(f'delete vector of encoding {encoding!r}')
    return [int.from_bytes(rest[start : start + 4], 'little') for start in range(0, len(rest), 4)]
