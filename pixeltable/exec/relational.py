"""Runs the relational stages: DuckDB, in memory, over Arrow. The only module that knows DuckDB's API and exceptions."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import chain
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pixeltable._support.forks import in_forked_child, keep
from pixeltable.errors import ErrorCode, InternalError, RequestError
from pixeltable.types import buffers

BATCH_ROWS = 65_536
SMALL_ROWS = 4096
EAGER_ROWS = 262_144
"""So many rows are read before DuckDB starts: whatever it asks Python for later costs it a wait for the interpreter."""

EAGER_BYTES = 64 << 20
"""And so many bytes: of a table it reads with all threads, of a stream with one."""


class _Instance:
    """DuckDB, without data of its own. All sessions of a process share it: to start it takes as long as ten small statements."""

    def __init__(self) -> None:
        self._begin()
        in_forked_child(self._begin_again)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def _begin_again(self) -> None:
        keep(self._connection)
        self._begin()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Another connection, which is closed with all cursors that are made of it. The instance starts with the first."""
        with self._lock:
            if self._connection is None:
                # Nothing may be downloaded at run time, and everything that is used here is linked into the package.
                config: dict[str, Any] = {'autoinstall_known_extensions': False, 'autoload_known_extensions': False}
                self._connection = duckdb.connect(config=config)
            return self._connection.cursor()


_INSTANCE = _Instance()


class Relational:
    """A session's connection to DuckDB, made when it is first needed; each thread works on a cursor of its own."""

    def __init__(self, time_zone: tzinfo) -> None:
        self._zone = str(time_zone)
        self._begin()
        in_forked_child(self._begin_again)

    def _begin(self) -> None:
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()
        self._local = threading.local()

    def _begin_again(self) -> None:
        keep((self._connection, self._local))
        self._begin()

    def run(self, sql: str, tables: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
        """The result of `sql` over the rows of `tables`, which the statement calls `input`.

        Tables are pulled while DuckDB works, and results come while they are made, so a filter holds a few batches, and an
        aggregate no more than its own state.
        """
        given = _Input(tables)
        if given.whole is None:
            yield from self._over({'input': given}, sql)
            return
        try:
            result = _over_table(self._cursor(), sql, given.whole)
        except duckdb.Error as error:
            raise translated(error) from error
        yield from result.to_batches() or [_empty(result.schema)]

    def run_over(self, sql: str, inputs: Mapping[str, Iterable[pa.Table]]) -> Iterator[pa.RecordBatch]:
        """The result of `sql` over several relations, each by its name, in the same way."""
        return self._over({name: _Input(tables) for name, tables in inputs.items()}, sql)

    def _over(self, inputs: Mapping[str, _Input], sql: str) -> Iterator[pa.RecordBatch]:
        with self._new_cursor() as cursor:  # its own: another statement would end a result that is not read to its end
            try:
                for name, given in inputs.items():
                    cursor.register(name, given.relation())
                yield from _batches(cursor.sql(sql))
            except (duckdb.Error, OSError) as error:
                failed = next((given.error for given in inputs.values() if given.error is not None), None)
                if failed is not None:
                    raise failed from None
                raise translated(error) from error

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = getattr(self._local, 'cursor', None)
        if cursor is None:
            cursor = self._local.cursor = self._new_cursor()
        return cursor

    def _new_cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connected().cursor()
        cursor.execute(f"SET TimeZone = '{self._zone}'")
        return cursor

    def _connected(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._connection is None:
                self._connection = _INSTANCE.connect()
            return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


def _over_table(cursor: duckdb.DuckDBPyConnection, sql: str, input: pa.Table) -> pa.Table:
    """DuckDB finds `input` by the name of the argument: registering it costs a third of a small statement's time."""
    return _fetched(cursor.sql(sql))


class _Input:
    """Tables that a statement is over: read at once if they are short, else pulled by DuckDB as it needs them, in whatever
    thread. What they raise must arrive where the result is read."""

    def __init__(self, tables: Iterable[pa.Table]) -> None:
        stream = map(_without_halves, tables)
        ready, rows, size = list[pa.Table](), 0, 0
        while (rows < EAGER_ROWS or size < EAGER_BYTES) and (table := next(stream, None)) is not None:
            ready.append(table)
            rows += table.num_rows
            size += table.nbytes
        if not ready:
            raise InternalError(ErrorCode.INTERNAL_ERROR, 'a relational stage needs at least an empty table')
        more = next(stream, None)
        self.whole = pa.concat_tables(joined(ready)) if more is None else None
        self.error: BaseException | None = None
        self._schema = ready[0].schema
        self._tables: Iterable[pa.Table] = () if more is None else chain(joined(ready), [more], stream)

    def relation(self) -> pa.Table | pa.RecordBatchReader:
        """Something that DuckDB can be given a name for."""
        if self.whole is not None:
            return self.whole
        return pa.RecordBatchReader.from_batches(self._schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for table in self._tables:
                yield from table.to_batches()
        except GeneratorExit:  # nobody reads on
            raise
        except BaseException as error:
            self.error = error
            raise RuntimeError('its input failed') from error


def _batches(relation: duckdb.DuckDBPyRelation) -> Iterator[pa.RecordBatch]:
    """The result while it is made; one empty batch if it has no rows."""
    is_empty = True
    uuids = _uuid_columns(relation)
    reader = relation.to_arrow_reader(BATCH_ROWS)
    for batch in reader:
        is_empty = False
        yield from _with_uuids(pa.Table.from_batches([batch]), uuids).to_batches()
    if is_empty:
        yield _empty(_with_uuids(buffers.no_rows(reader.schema), uuids).schema)


def _fetched(relation: duckdb.DuckDBPyRelation) -> pa.Table:
    return _with_uuids(relation.to_arrow_table(BATCH_ROWS), _uuid_columns(relation))


def _uuid_columns(relation: duckdb.DuckDBPyRelation) -> list[int]:
    return [index for index, type_ in enumerate(relation.types) if type_ == duckdb.sqltypes.UUID]


def _with_uuids(table: pa.Table, columns: Sequence[int]) -> pa.Table:
    """UUIDs as they are stored: DuckDB hands them out as text, or with a setting that changes other types too."""
    for index in columns:
        column = pa.chunked_array([_uuids(chunk) for chunk in table.column(index).chunks], pa.uuid())
        table = table.set_column(index, table.column_names[index], column)
    return table


def _uuids(texts: pa.Array) -> pa.Array:
    values = texts.to_pylist()
    data = bytes.fromhex(''.join(['0' * 32 if text is None else text for text in values]).replace('-', ''))
    storage = pa.Array.from_buffers(pa.binary(16), len(values), [None, pa.py_buffer(data)])
    if texts.null_count:
        storage = pc.if_else(pc.is_valid(texts), storage, pa.scalar(None, storage.type))
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)


def joined(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows with neighbouring small tables put together, because DuckDB pays for each batch."""
    small: list[pa.Table] = []
    rows = 0
    for table in tables:
        small.append(table)
        rows += table.num_rows
        if rows >= SMALL_ROWS:
            yield from [table] if len(small) == 1 else [pa.concat_tables(small).combine_chunks()]
            small, rows = [], 0
    if small:
        yield pa.concat_tables(small).combine_chunks()


def _without_halves(table: pa.Table) -> pa.Table:
    """Half-precision lists as single-precision ones: DuckDB has no 16-bit float."""
    for index, field in enumerate(table.schema):
        if pa.types.is_fixed_size_list(field.type) and pa.types.is_float16(field.type.value_type):
            wide = pa.list_(pa.float32(), field.type.list_size)
            table = table.set_column(index, pa.field(field.name, wide), table.column(index).cast(wide))
    return table


def translated(error: Exception) -> RequestError:
    """DuckDB's complaint about a value, such as an overflow or a failed conversion, as ours."""
    first = str(error).splitlines()[0]
    text = first.partition(' Error: ')[2] or first
    if isinstance(error, (duckdb.BinderException, duckdb.CatalogException)):
        return RequestError(ErrorCode.INVALID_EXPRESSION, f'the statement cannot be understood: {text}')
    return RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'the query failed on a value: {text}')
