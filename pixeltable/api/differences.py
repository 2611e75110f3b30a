"""The verbs of a table that compare its states: at, diff, changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import numpy as np
import pyarrow as pa

from pixeltable.api.handle import Handle
from pixeltable.api.moments import Moment, version_of
from pixeltable.api.results import ResultSet
from pixeltable.catalog.past import State
from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.exec.differences.feed import steps
from pixeltable.exec.differences.rows import CHANGES, changed_rows
from pixeltable.exec.source import Source
from pixeltable.types import buffers
from pixeltable.types.column_type import INT, JSON, STRING, TIMESTAMP, ColumnType

_DOCUMENT = JSON.with_nullable(True)
_DIFF = {'change': STRING, 'id': INT, 'before': _DOCUMENT, 'after': _DOCUMENT}
_FEED = {'cursor': STRING, 'version': INT, 'at': TIMESTAMP, **_DIFF}
_FEED_SCHEMA = pa.schema(
    [('cursor', pa.string()), ('version', pa.int64()), ('at', pa.timestamp('us', 'UTC')), *CHANGES]
)

# Table, commit, and the row where it is not the last one of its commit. No snapshot can have a name with a colon.
_CURSOR = re.compile(r'([0-9a-f]{8}):(\d{1,18})(?::(\d{1,18}))?')


class Differences(Handle):
    """at, diff, changes."""

    __slots__ = ()

    def at(self, moment: Moment) -> Self:
        """The table as it was, with the columns that it had: a handle that can be read and searched, and not written.

        Args:
            moment: a version number, the name of a snapshot (its path, if it has one), or a datetime: the last version that was
                committed by then. A datetime without a zone is in the session's time zone.

        Raises:
            NotFoundError: PATH_NOT_FOUND if there is no such version or snapshot, the table did not exist yet, or the version
                was vacuumed.
        """
        self._versioned('at')
        version = version_of(self._session, self._table_id, moment)
        path = self._session.catalog.schema(self._table_id).table.path
        return type(self)(self._session, self._table_id, path, version.version)

    def diff(self, a: Moment, b: Moment | None = None) -> ResultSet:
        """The rows that differ between two states of the table, by row id.

        Args:
            a: the state to start from, as in `at`.
            b: the state to arrive at, by default what this handle reads. It may be the earlier one.

        Returns:
            A row for each changed row: `change` is `'inserted'`, `'deleted'` or `'updated'`, and `id` the row's id. `before` and
            `after` are dicts: for an updated row of the columns whose values differ, else of all columns. A column that only one
            of the states has makes no row differ.

        Raises:
            NotFoundError: PATH_NOT_FOUND as in `at`.
        """
        self._versioned('diff')
        before = self._source_at(a)
        after = self._source() if b is None else self._source_at(b)
        return self._result(changed_rows(before, after, self._session.engine.context), CHANGES, _DIFF)

    def changes(self, since: Moment | None = None) -> ResultSet:
        """What each commit changed, in the order of commits: a feed that another system can follow.

        Args:
            since: a version, snapshot or time as in `at`; or the `cursor` of a row, to go on after it; or None, for everything.

        Returns:
            For each commit the rows that `diff` would give. `version` is the table's version after the commit, which a revert
            takes back to an earlier one, and `at` its time. `cursor` is a text that stays valid whatever happens to the table.

        Raises:
            NotFoundError: PATH_NOT_FOUND as in `at`, or if a version from there on was vacuumed.
            RequestError: INVALID_ARGUMENT for a text that is no cursor of this table.
        """
        self._versioned('changes')
        start, later, row = self._states(since)
        newest = self._commit()
        later = [state for state in later if newest is None or state.commit <= newest]
        found = steps(self._session.engine, self._table_id, start, later)
        tables = (self._with_cursors(state, changes) for state, changes in found)
        return self._result(_after(row, tables), _FEED_SCHEMA, _FEED)

    def _source_at(self, moment: Moment) -> Source:
        commit = version_of(self._session, self._table_id, moment).commit
        return self._session.engine.source(self._table_id, commit)

    def _states(self, since: Moment | None) -> tuple[State | None, list[State], int]:
        """The state to start from, those to tell the changes of, and the row id up to which the first of these was told."""
        catalog = self._session.catalog
        if since is None:
            return *catalog.states(self._table_id, 0), 0
        if not isinstance(since, str) or ':' not in since:
            return *catalog.states(self._table_id, version_of(self._session, self._table_id, since).commit), 0
        commit, row = self._parsed(since)
        start, later = catalog.states(self._table_id, commit - 1)
        if not later or later[0].commit != commit:
            raise NotFoundError(
                ErrorCode.PATH_NOT_FOUND,
                f'{self._path!r} knows nothing of the commit of cursor {since!r}; read the table anew, '
                'and follow it from its current version.',
            )
        return (later[0], later[1:], 0) if row is None else (start, later, row)

    def _parsed(self, cursor: str) -> tuple[int, int | None]:
        found = _CURSOR.fullmatch(cursor)
        if found is None or found[1] != self._table_id[:8]:
            whose = 'no cursor of changes()' if found is None else 'a cursor of another table'
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'since={cursor!r} is {whose}; pass one that {self._path!r} gave.'
            )
        return int(found[2]), None if found[3] is None else int(found[3])

    def _with_cursors(self, state: State, changes: pa.Table) -> pa.Table:
        count = changes.num_rows
        prefix = f'{self._table_id[:8]}:{state.commit}'
        cursors = [f'{prefix}:{id_}' for id_ in changes.column('id').to_pylist()[:-1]] + [prefix] * (count > 0)
        columns = [
            buffers.strings(cursors),
            buffers.integers([state.version] * count),
            buffers.primitive(pa.timestamp('us', 'UTC'), np.full(count, state.created_at, np.int64)),
        ]
        return pa.Table.from_arrays([*columns, *changes.columns], schema=_FEED_SCHEMA)

    def _result(self, tables: Iterable[pa.Table], schema: pa.Schema, types: Mapping[str, ColumnType]) -> ResultSet:
        data: Any = pa.concat_tables([buffers.no_rows(schema), *tables])
        return ResultSet(data, types, self._session.settings.time_zone)


def _after(row: int, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """`tables`, the first of them without its rows up to id `row`."""
    for number, table in enumerate(tables):
        yield table.filter(buffers.booleans(buffers.numbers(table.column('id')) > row)) if row and not number else table
