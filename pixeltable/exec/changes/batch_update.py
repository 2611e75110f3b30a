"""Updating rows one by one, each with values of its own, in one commit, which may insert the rows that do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.changes import AddSegment, Change, Commit, Requirement, SchemaIs
from pixeltable.catalog.records import Schema
from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.exec.changes.given import Given, changing, check_required
from pixeltable.exec.changes.insert import key_check
from pixeltable.exec.changes.keys import key_text, keys_of, positions_of
from pixeltable.exec.changes.matching import Positions
from pixeltable.exec.changes.new_segments import NewSegment, new_segments
from pixeltable.exec.changes.removal import removal
from pixeltable.exec.changes.rewriting import Kept, Part, rewrite
from pixeltable.exec.engine import Engine
from pixeltable.exec.inherited import positions_of_ids
from pixeltable.exec.media.settling import settled_or_refused
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.following import commit_with_views
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name
from pixeltable.types import buffers


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller chose. `verb` names the operation."""

    verb: str
    if_not_exists: str
    cascade: bool
    abort: bool | None


def batch_update(
    engine: Engine, schema: Schema, given: Sequence[Given], options: Options
) -> tuple[Outcome, NDArray[np.int64]]:
    """Gives rows new values. Returns what was done, and the id of the row that each row of the call means, -1 for none.

    Rows that have the values already stay as they are.

    Raises:
        NotFoundError: ROW_NOT_FOUND, unless `if_not_exists` is `'ignore'` or `'insert'`.
        RequestError: CONSTRAINT_VIOLATION if two rows mean the same one, MISSING_REQUIRED for a row to insert that lacks a value.
    """
    batch = _Batch(engine, schema, given, options)
    return until_committed(batch.attempt, f'{options.verb} of {schema.table.path!r}')


class _Batch:
    """The rows of one call, and what lost attempts left for the next."""

    def __init__(self, engine: Engine, schema: Schema, given: Sequence[Given], options: Options) -> None:
        self._engine = engine
        self._schema = schema
        self._given = given
        self._options = options
        self._by_id = any(ROW_ID_FIELD in each.values.column_names for each in given)
        self._keys = [None if self._by_id else keys_of(schema, each.values) for each in given]
        self._kept = Kept()
        self._inserted: tuple[tuple[int, bytes], list[NewSegment], Outcome] | None = None
        self._refuse_repeated()

    def attempt(self) -> tuple[Outcome, NDArray[np.int64]]:
        source = self._engine.source(self._schema.table.id)
        schema = source.schema
        self._check_columns(schema)
        found = [self._positions(source, number) for number in range(len(self._given))]
        missing, new = self._missing(schema, found)  # before anything is computed in vain
        outcome = Outcome(self._options.verb)
        ids = np.full(sum(len(each.numbers) for each in self._given), -1, np.int64)
        changes, requirements = self._updates(source, found, ids, outcome)
        requirements.append(SchemaIs(schema.table.id, schema.table.schema_version))
        segments = self._inserts(source, missing, new, requirements, outcome) if len(missing) else []
        before = sum(isinstance(change, AddSegment) for change in changes)
        changes.extend(AddSegment(schema.table.id, segment.rows, segment.files) for segment in segments)
        if not changes:
            outcome.commit = source.contents.commit
            return outcome, ids
        versions = ((schema.table.id, 'data', outcome.summary()),)
        commit = Commit(self._options.verb, tuple(changes), tuple(requirements), versions)
        committed = commit_with_views(
            self._engine, commit, schema.table.id, outcome, self._options.abort, since=source.contents.commit
        )
        outcome.committed(committed, schema.table.id)
        for first, segment in zip(committed.first_ids[before:], segments, strict=True):
            ids[missing[: segment.rows]] = first + np.arange(segment.rows)
            missing = missing[segment.rows :]
        return outcome, ids

    def _positions(self, source: Source, number: int) -> Positions:
        keys = self._keys[number]
        if keys is None:
            return positions_of_ids(source, buffers.numbers(self._given[number].values.column(ROW_ID_FIELD)))
        return positions_of(source, keys)

    def _updates(
        self, source: Source, found: Sequence[Positions], ids: NDArray[np.int64], outcome: Outcome
    ) -> tuple[list[Change], list[Requirement]]:
        """The changes that give existing rows new values; fills in their ids."""
        parts: list[Part] = []
        replaced: list[Positions] = []
        for given, positions in zip(self._given, found, strict=True):
            there = np.flatnonzero(positions >= 0)
            if not len(there):
                continue
            old = source.fetch(list(source.columns), positions[there])
            ids[given.numbers[there]] = buffers.numbers(old.column(ROW_ID_FIELD))
            new = settled_or_refused(self._engine.context, source.schema, given.values.take(buffers.positions(there)))
            for part, rows in changing(source, old, new, positions[there]):
                parts.append(part)
                replaced.append(positions[there][rows])
            outcome.updated += len(there)
        if not parts:
            return [], []
        changes, requirements = removal(source, np.sort(np.concatenate(replaced)))
        cascade, abort = self._options.cascade, self._options.abort
        segments = rewrite(
            self._engine, source.schema, parts, cascade=cascade, abort=abort, outcome=outcome, kept=self._kept
        )
        return [*changes, *segments], requirements

    def _missing(self, schema: Schema, found: Sequence[Positions]) -> tuple[NDArray[np.int64], pa.Table | None]:
        """The numbers of the rows to insert, in order, and these rows."""
        numbers, tables = [], []
        for given, positions in zip(self._given, found, strict=True):
            absent = np.flatnonzero(positions < 0)
            if not len(absent) or self._options.if_not_exists == 'ignore':
                continue
            if self._options.if_not_exists == 'error':
                count = sum(int(np.count_nonzero(each < 0)) for each in found)
                raise self._not_found(given, int(absent[0]), count)
            check_required(schema, given, int(absent[0]))
            numbers.append(given.numbers[absent])
            tables.append(given.values.take(buffers.positions(absent)))
        if not tables:
            return np.empty(0, np.int64), None
        together = np.concatenate(numbers)
        order = np.argsort(together)
        return together[order], pa.concat_tables(tables, promote_options='default').take(buffers.positions(order))

    def _inserts(
        self,
        source: Source,
        missing: NDArray[np.int64],
        rows: pa.Table,
        requirements: list[Requirement],
        outcome: Outcome,
    ) -> list[NewSegment]:
        """The segments of the rows to insert. An attempt that has the same ones to insert as the last need not compute again."""
        schema = source.schema
        same = (schema.table.schema_version, missing.tobytes())
        if self._inserted is None or self._inserted[0] != same:
            done = Outcome(self._options.verb)
            self._inserted = (same, new_segments(self._engine, schema, [rows], self._options.abort, done), done)
        _, segments, done = self._inserted
        outcome.add(done)
        check = key_check(self._engine, schema, segments)
        assert check is not None
        requirements.append(check.free_until(source.contents))
        return segments

    def _check_columns(self, schema: Schema) -> None:
        """Raises COLUMN_NOT_FOUND if another process dropped one of the columns after the values were accepted."""
        have = {field_name(column.id) for column in schema.columns} | {ROW_ID_FIELD}
        for name in {name for each in self._given for name in each.values.column_names} - have:
            column = next(column for column in self._schema.columns if field_name(column.id) == name)
            raise NotFoundError(
                ErrorCode.COLUMN_NOT_FOUND,
                f'{self._options.verb}() of {schema.table.path!r}: column {column.name!r} was dropped meanwhile.',
            )

    def _refuse_repeated(self) -> None:
        first: dict[object, int] = {}
        for given, keys in zip(self._given, self._keys, strict=True):
            named = given.values.column(ROW_ID_FIELD).to_pylist() if keys is None else keys.exact()
            for row, (number, name) in enumerate(zip(given.numbers.tolist(), named, strict=True)):
                if name in first:
                    raise RequestError(
                        ErrorCode.CONSTRAINT_VIOLATION,
                        f'{self._options.verb}() of {self._schema.table.path!r}: rows {first[name]} and {number} both mean '
                        f'the row with {self._name(given, row)}; give each row once.',
                    )
                first[name] = number

    def _name(self, given: Given, row: int) -> str:
        if self._by_id:
            return f'id {given.values.column(ROW_ID_FIELD)[row].as_py()}'
        columns = [given.values.column(field_name(column.id)) for column in self._schema.key]
        return f'primary key {key_text(self._schema.key, columns, row, self._engine.context.zone)}'

    def _not_found(self, given: Given, row: int, count: int) -> NotFoundError:
        others = f', and none for {count - 1} other{"s" if count > 2 else ""} of the rows' if count > 1 else ''
        insert = '' if self._by_id else ", or if_not_exists='insert' to insert it"
        return NotFoundError(
            ErrorCode.ROW_NOT_FOUND,
            f'{self._options.verb}() of {self._schema.table.path!r}: there is no row with {self._name(given, row)} '
            f"(row {given.numbers[row]} of the call){others}; pass if_not_exists='ignore' to go on without it{insert}.",
        )
