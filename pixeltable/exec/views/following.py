"""Commits a change of a table together with what it means for the views of it, and for the views of those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pixeltable.catalog.changes import AddSegment, Change, Commit, Committed, NoVersionSince, Requirement, SchemaIs
from pixeltable.catalog.records import Contents, Schema
from pixeltable.catalog.returns import Restore
from pixeltable.catalog.views import BASE_ROW
from pixeltable.errors import NotFoundError
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.views.applied import altered, applied
from pixeltable.exec.views.refresh import Refresh


def commit_with_views(
    engine: Engine,
    commit: Commit,
    table_id: str,
    outcome: Outcome | None = None,
    abort: bool | None = None,
    *,
    since: int | None = None,
) -> Committed:
    """Makes `commit`, which changes one table, and refreshes the views of that table in it.

    If the table is itself a view, it is required to be as it was at commit `since`, when its rows were read.

    What was done in them is added to `outcome`. With `abort`, a cell of theirs that fails stops all of it. What is returned is
    about the changes of `commit` itself.
    """
    schema = engine.catalog.schema(table_id)
    if since is not None and schema.base is not None:
        commit = replace(commit, requirements=(*commit.requirements, NoVersionSince(table_id, since)))
    follower = Follower(engine, abort)
    made = engine.commit(follower.extended(commit, table_id) if schema.views else commit)
    if outcome is not None:
        outcome.views += follower.outcomes
    count = sum(isinstance(change, AddSegment) for change in commit.changes)
    return replace(made, first_ids=made.first_ids[:count], segment_ids=made.segment_ids[:count])


class Follower:
    """Gathers what one commit does to views."""

    def __init__(self, engine: Engine, abort: bool | None) -> None:
        self._engine = engine
        self._abort = abort
        self._changes: list[Change] = []
        self._requirements: list[Requirement] = []
        self._versions: list[tuple[str, str, dict[str, object]]] = []
        self.outcomes: list[tuple[str, Outcome]] = []

    def extended(self, commit: Commit, table_id: str) -> Commit:
        """`commit` with what it means for the views of a table. It is the same if the rows stay the same."""
        engine = self._engine
        changes_contents = any(isinstance(change, Restore) for change in commit.changes) or commit.versions
        if not changes_contents:
            return commit
        at = engine.catalog.last_commit()
        before = engine.source(table_id, at)
        changes = self.with_ids(table_id, commit.changes)
        after, restored = self._after(before, changes)
        self.follow(before, after, at, restored)
        return replace(
            commit,
            changes=(*changes, *self._changes),
            requirements=(*commit.requirements, *self._requirements),
            versions=(*commit.versions, *self._versions),
        )

    def _after(self, before: Source, changes: Sequence[Change]) -> tuple[Source, int | None]:
        """What a table becomes, and the commit whose state that is, if it goes back to one."""
        for change in changes:
            if isinstance(change, Restore) and change.table_id == before.schema.table.id:
                then = self._engine.source(change.table_id, change.commit)
                schema = replace(then.schema, views=before.schema.views)
                return Source(schema, then.contents, then.store, before.base), change.commit
        return _changed(before, changes, before.base), None

    def follow(self, before: Source, after: Source, at: int, restored: int | None = None) -> None:
        """Refreshes the views of a table that becomes `after`, which is its state at commit `restored` if it goes back to one.

        `at` is the commit on which all of this is planned.
        """
        catalog = self._engine.catalog
        for view_id in before.schema.views:
            schema = catalog.schema(view_id, at)
            view = self._engine.leases.note(
                Source(schema, catalog.contents(view_id, at), self._engine.context.store, before)
            )
            if restored is not None and self._goes_back(schema, restored):
                self.follow(view, self._engine.source(view_id, restored), at, restored)
                continue
            refreshed = Refresh(self._engine, view, after, self._abort).carry_out()
            changes = refreshed.changes
            if schema.views:
                changes = list(self.with_ids(view_id, changes))
                self.follow(view, _changed(view, changes, after), at)
            self._changes += changes
            self._requirements += refreshed.requirements
            self._versions.append((view_id, 'data', refreshed.outcome.summary()))
            self.outcomes.append((schema.table.path, refreshed.outcome))

    def _goes_back(self, schema: Schema, commit: int) -> bool:
        """Whether a view could be made, without computing anything, what it was when the table was as it is to be again.

        It cannot if it has got other columns since, or holds values that users gave it.
        """
        table = schema.table
        assert table.view is not None
        fixed = {BASE_ROW, *table.view.outputs}
        if any(not column.is_computed and column.id not in fixed for column in schema.columns):
            return False
        try:
            same = self._engine.catalog.schema(table.id, commit).table.schema_version == table.schema_version
            self._engine.catalog.contents(table.id, commit)
        except NotFoundError:  # it was created later, or what it was is vacuumed
            return False
        if same:
            outcome = Outcome('refresh')
            self._changes.append(Restore(table.id, commit))
            self._requirements.append(SchemaIs(table.id, table.schema_version))
            self._versions.append((table.id, 'data', outcome.summary() | {'restored': 'with its base'}))
            self.outcomes.append((table.path, outcome))
        return same

    def with_ids(self, table_id: str, changes: Sequence[Change]) -> Sequence[Change]:
        """`changes` in which new rows have their ids, as rows of views refer to them. Each attempt gives the same ones."""
        return [
            replace(change, first_id=self._first_id(change))
            if isinstance(change, AddSegment) and change.table_id == table_id and _is_new(change)
            else change
            for change in changes
        ]

    def _first_id(self, change: AddSegment) -> int:
        memory = self._engine.context.operation.memory
        key = (
            'first id',
            change.table_id,
            tuple((file.path, file.checksum) for file in change.files),
            id(change.files),
        )
        if key not in memory:
            memory[key] = self._engine.catalog.take_row_ids(change.table_id, change.rows), change.files
        first: int = memory[key][0]
        return first


def _is_new(change: AddSegment) -> bool:
    return change.id_range is None and change.first_id is None


def _changed(before: Source, changes: Sequence[Change], base: Source | None) -> Source:
    schema: Schema = altered(before.schema, changes)
    contents: Contents = applied(before.contents, changes)
    return Source(schema, contents, before.store, base)
