"""Decision 0001: what a back-fill, a one-row commit and an update cost in each table format.

    python3.11 -m venv build/lake && build/lake/bin/pip install pyarrow 'pyiceberg[sql-sqlite]' deltalake pylance
    for f in ours iceberg delta lance; do build/lake/bin/python benchmarks/decisions/table_formats.py $f; done
    python3.11 -m venv build/ducklake && build/ducklake/bin/pip install pyarrow duckdb==1.5.5 duckdb-extension-ducklake
    build/ducklake/bin/python benchmarks/decisions/table_formats.py ducklake

`ours` is the design with nothing around it: one Parquet file a segment and column group, one row in SQLite.
Each class below is what an application would write against that format's own library.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from timing import best, median, syncs, usage

ROWS = 100_000
SINGLE = 20


class Format(Protocol):
    def create(self, data: pa.Table) -> None: ...
    def back_fill(self, data: pa.Table) -> None: ...
    def append(self, row: pa.Table) -> None: ...
    def update(self, row_id: int) -> None: ...


def rows(count: int) -> pa.Table:
    """`count` rows of an id, some text and an embedding."""
    vectors = np.random.default_rng(1).standard_normal(count * 384, dtype=np.float32)
    return pa.table(
        {
            'id': pa.array(range(count), pa.int64()),
            'text': pa.array([f'document {i} ' + 'word ' * 40 for i in range(count)]),
            'vector': pa.FixedSizeListArray.from_arrays(pa.array(vectors), 384),
        }
    )


class Ours:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.catalog = sqlite3.connect(home / 'catalog.db', isolation_level=None)
        self.catalog.executescript('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE file (path, data)')
        self.next = 0

    def _put(self, data: pa.Table) -> None:
        self.next += 1
        path = self.home / f'{self.next}.parquet'
        with open(path, 'wb') as file:
            pq.write_table(data, file)
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(self.home, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        self.catalog.execute('INSERT INTO file VALUES (?, NULL)', (str(path),))

    create = _put

    def back_fill(self, data: pa.Table) -> None:
        self._put(data.select(['score']))

    def append(self, row: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, row.schema) as writer:
            writer.write_table(row)
        self.catalog.execute('INSERT INTO file VALUES (NULL, ?)', (sink.getvalue().to_pybytes(),))

    def update(self, row_id: int) -> None:
        self.append(rows(1))


class Iceberg:
    def __init__(self, home: Path) -> None:
        from pyiceberg.catalog.sql import SqlCatalog

        self.catalog = SqlCatalog('c', uri=f'sqlite:///{home}/catalog.db', warehouse=f'file://{home}')
        self.catalog.create_namespace('n')

    def create(self, data: pa.Table) -> None:
        self.table = self.catalog.create_table('n.t', data.schema)
        self.table.append(data)

    def back_fill(self, data: pa.Table) -> None:
        with self.table.update_schema() as update:
            update.union_by_name(data.schema)
        self.table.overwrite(data)

    def append(self, row: pa.Table) -> None:
        self.table.append(row)

    def update(self, row_id: int) -> None:
        self.table.overwrite(self.table.scan(row_filter=f'id == {row_id}').to_arrow(), f'id == {row_id}')


class Delta:
    def __init__(self, home: Path) -> None:
        self.path = str(home / 't')

    def create(self, data: pa.Table) -> None:
        import deltalake

        deltalake.write_deltalake(self.path, data)

    def back_fill(self, data: pa.Table) -> None:
        import deltalake

        deltalake.write_deltalake(self.path, data, mode='overwrite', schema_mode='overwrite')

    def append(self, row: pa.Table) -> None:
        import deltalake

        deltalake.write_deltalake(self.path, row, mode='append')

    def update(self, row_id: int) -> None:
        import deltalake

        deltalake.DeltaTable(self.path).update({'text': "'changed'"}, predicate=f'id = {row_id}')


class Lance:
    def __init__(self, home: Path) -> None:
        self.path = str(home / 't')

    def create(self, data: pa.Table) -> None:
        import lance

        self.table = lance.write_dataset(data, self.path, enable_stable_row_ids=True)

    def back_fill(self, data: pa.Table) -> None:
        self.table.add_columns(data.select(['score']).to_reader())

    def append(self, row: pa.Table) -> None:
        import lance

        self.table = lance.write_dataset(row, self.path, mode='append')

    def update(self, row_id: int) -> None:
        self.table.update({'text': "'changed'"}, where=f'id = {row_id}')


class DuckLake:
    def __init__(self, home: Path) -> None:
        import duckdb
        import duckdb_extension_ducklake as extension  # the extension as a package: no download at run time

        found = next(Path(extension.__file__).parent.rglob('*.duckdb_extension'))
        self.connection = duckdb.connect(config={'allow_unsigned_extensions': 'true'})
        self.connection.execute(f"LOAD '{found}'")
        self.connection.execute(f"ATTACH 'ducklake:{home}/catalog.db' AS lake (DATA_PATH '{home}/data'); USE lake")

    def _run(self, sql: str, **tables: pa.Table) -> None:
        for name, table in tables.items():
            self.connection.register(name, table)
        self.connection.execute(sql)

    def create(self, data: pa.Table) -> None:
        # A fixed-size list is refused: "unsupported type FLOAT[384]".
        self._run('CREATE TABLE t AS SELECT id, text, vector::FLOAT[] AS vector FROM new', new=data)

    def back_fill(self, data: pa.Table) -> None:
        self._run('ALTER TABLE t ADD COLUMN score DOUBLE')
        self._run('UPDATE t SET score = new.score FROM new WHERE t.id = new.id', new=data.select(['id', 'score']))

    def append(self, row: pa.Table) -> None:
        self._run('INSERT INTO t BY NAME SELECT * FROM new', new=row)

    def update(self, row_id: int) -> None:
        self._run(f"UPDATE t SET text = 'changed' WHERE id = {row_id}")


FORMATS = {'ours': Ours, 'iceberg': Iceberg, 'delta': Delta, 'lance': Lance, 'ducklake': DuckLake}


def grown(home: Path, action: Any, *arguments: Any) -> tuple[float, int, int]:
    """Seconds of one call, and the files and bytes that it added."""
    files, size = usage(home)
    seconds = best(lambda: action(*arguments), repeat=1)
    now_files, now_size = usage(home)
    return seconds, now_files - files, now_size - size


def measure(name: str) -> None:
    with tempfile.TemporaryDirectory(dir='.') as folder:
        home = Path(folder).resolve()
        table: Format = FORMATS[name](home)
        data = rows(ROWS)
        seconds, _, size = grown(home, table.create, data)
        print(f'{name}: create {ROWS:,} rows {seconds:.2f} s, {size / 1e6:.1f} MB')
        data = data.append_column('score', pa.array(np.random.default_rng(2).random(ROWS)))
        seconds, _, size = grown(home, table.back_fill, data)
        print(f'{name}: back-fill one float column {seconds:.3f} s, {size / 1e6:.2f} MB written')
        one = data.slice(0, 1)
        files, _ = usage(home)
        seconds = median(lambda: table.append(one), SINGLE)
        print(f'{name}: one-row commit {seconds * 1e3:.2f} ms, {(usage(home)[0] - files) / SINGLE:.1f} files each')
        seconds, files, size = grown(home, table.update, 7)
        print(f'{name}: update one row {seconds * 1e3:.1f} ms, {files} files, {size / 1e6:.2f} MB written')


def appends(name: str, home: Path, count: int) -> None:
    table: Format = FORMATS[name](home)
    table.create(rows(100))
    for _ in range(count):
        table.append(rows(1))


def traced(name: str) -> None:
    """The difference of two traced runs: what ten one-row commits call, without what starting and creating call."""
    counts = []
    for count in (0, 10):
        with tempfile.TemporaryDirectory(dir='.') as folder:
            counts.append(syncs([__file__, name, folder, str(count)]))
    none, ten = counts
    each = {call: (ten[call] - none.get(call, 0)) / 10 for call in ten}
    print(f'{name}: system calls for each one-row commit: {each or "no sync, no rename"}')


if __name__ == '__main__':
    if len(sys.argv) == 2:
        measure(sys.argv[1])
        traced(sys.argv[1])
    else:
        appends(sys.argv[1], Path(sys.argv[2]).resolve(), int(sys.argv[3]))
