"""The verbs for maintenance: making a table quick to read, and removing what is no longer needed or no longer allowed."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from pixeltable.api.default import say, session
from pixeltable.api.handle import Handle
from pixeltable.catalog.changes import Commit, ReplaceTable, SchemaIs
from pixeltable.catalog.retention import Retention
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.optimize import optimize
from pixeltable.exec.maintenance.purge import purge
from pixeltable.exec.maintenance.statuses import OptimizeStatus, PurgeStatus, VacuumStatus
from pixeltable.exec.maintenance.vacuum import vacuum_home, vacuum_table
from pixeltable.exprs import checks
from pixeltable.exprs.expr import require_expression


class Maintaining(Handle):
    """optimize, vacuum, set_retention, purge."""

    __slots__ = ()

    def optimize(self) -> OptimizeStatus:
        """Rewrites the table's files so that they are read faster: puts small ones together, and leaves deleted rows behind.

        Contents, row ids and versions stay what they are; readers and inserts go on meanwhile. It also happens by itself, more
        lazily, while a table is written. The files that were replaced go with `vacuum`.
        """
        self._writable('optimize')
        status = optimize(self._session.engine, self._table_id)
        say(status.message)
        return status

    def vacuum(self, retain: datetime.timedelta | int | None = None) -> VacuumStatus:
        """Removes what no version needs that is kept: old versions, replaced files, leftovers of crashed writers.

        A version goes out of reach at once, and what only it needed after `vacuum_grace_s`, with the next vacuum. The newest
        version and those that snapshots name are always kept.

        Args:
            retain: the versions to keep, as a number or as an age; by default what `set_retention` says, else all.

        Raises:
            RequestError: INVALID_ARGUMENT.
        """
        self._writable('vacuum')
        grace_s = self._session.settings.vacuum_grace_s
        status = vacuum_table(self._session.engine, self._table_id, retained(retain), grace_s)
        say(status.message)
        return status

    def set_retention(self, versions: int | None = None, age: datetime.timedelta | None = None) -> None:
        """How much of the table's past is kept. The rest goes by itself while the table is written, and with `vacuum`.

        Args:
            versions: so many of the last versions.
            age: those that were the newest one within that time. With both, a version stays if either keeps it.

        Without either, all versions are kept, as they are in a new table. Raises RequestError INVALID_ARGUMENT.
        """
        self._writable('set_retention')
        self._versioned('set_retention')
        retention = None
        if versions is not None or age is not None:
            retention = Retention(
                None if versions is None else _count(versions), None if age is None else _seconds(age)
            )

        def attempt(engine: Engine) -> None:
            table = self._session.catalog.schema(self._table_id).table
            change = ReplaceTable(dataclasses.replace(table, retention=retention))
            requirements = (SchemaIs(self._table_id, table.schema_version),)
            engine.commit(Commit('set retention', (change,), requirements))

        title = f'setting the retention of {self._path!r}'
        self._session.committed('set retention', self._table_id, self._path, attempt, title)

    def purge(self, where: Any) -> PurgeStatus:
        """Removes rows from all versions of the table, past ones and snapshots included, and deletes their values from its files.

        Takes every row, by its id, for which `where` was true in any version that can be read, with all that is computed from
        it, from views that were dropped and can come back, too. In views of queries the joined rows and the groups go that they
        were ever in; groups and the like are computed again, without them. This cannot be undone. Readers that are under way may
        fail and can be started again.

        Args:
            where: which rows; required. It may name columns that were dropped, by a handle of a version that had them.

        Returns:
            What was removed, and what cannot be reached from here, such as backups.

        Raises:
            RequestError: INVALID_EXPRESSION for anything but a condition over this table.
        """
        self._writable('purge')
        predicate = checks.check_boolean(require_expression(where, 'where'))
        grace_s = self._session.settings.vacuum_grace_s
        with self._session.operation('purge', self._table_id, self._path) as engine:
            status = purge(engine, self._session.ledger, self._table_id, predicate, grace_s)
        say(status.message)
        return status


def vacuum(retain: datetime.timedelta | int | None = None) -> VacuumStatus:
    """Vacuums all tables (see `Table.vacuum`), and removes dropped tables for good, with functions that nothing uses any more.

    A dropped table goes when it was dropped longer ago than `vacuum_grace_s` and, if it had a retention by age, than that.

    Args:
        retain: the versions to keep of each table, as a number or as an age; by default what its `set_retention` says, else all.
            As an age it counts for dropped tables too.

    Raises:
        RequestError: INVALID_ARGUMENT.
    """
    current = session()
    status = vacuum_home(current.engine, retained(retain), current.settings.vacuum_grace_s)
    say(status.message)
    return status


def retained(retain: Any) -> Retention | None:
    """`retain` as a retention. Raises INVALID_ARGUMENT for what is neither a number of versions nor an age."""
    if retain is None:
        return None
    if isinstance(retain, datetime.timedelta):
        return Retention(seconds=_seconds(retain))
    return Retention(versions=_count(retain))


def _count(versions: Any) -> int:
    if isinstance(versions, bool) or not isinstance(versions, int) or versions < 1:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'what to keep is a number of versions from 1, or an age such as datetime.timedelta(days=7), not {versions!r}.',
        )
    return versions


def _seconds(age: Any) -> float:
    if not isinstance(age, datetime.timedelta) or age < datetime.timedelta():
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'an age is a datetime.timedelta such as datetime.timedelta(days=7), not {age!r}.',
        )
    return age.total_seconds()
