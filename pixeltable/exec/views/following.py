"""Commits a change of a table together with what it means for the views of it, and for the views of those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from pixeltable.catalog.changes import AddSegment, Change, Commit, Committed, NoVersionSince, Requirement, SchemaIs
from pixeltable.catalog.records import Contents, Schema
from pixeltable.catalog.returns import Restore
from pixeltable.catalog.views import BASE_ROW
from pixeltable.errors import NotFoundError
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.views.applied import altered, applied
from pixeltable.exec.views.dependents import check_unread
from pixeltable.exec.views.refresh import Refresh
from pixeltable.exec.views.requery import Requery


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
    with engine.turns.taken() if follower.takes_turns(schema) else nullcontext():
        made = engine.commit(follower.extended(commit, table_id) if schema.views else commit)
    if outcome is not None:
        outcome.views += follower.outcomes
    count = sum(isinstance(change, AddSegment) for change in commit.changes)
    return replace(made, first_ids=made.first_ids[:count], segment_ids=made.segment_ids[:count])


@dataclass(frozen=True, slots=True)
class _Step:
    """What a table becomes; `restored` is the commit whose state that is, if it goes back to one."""

    before: Source
    after: Source
    restored: int | None = None


class Follower:
    """Gathers what one commit does to views."""

    def __init__(self, engine: Engine, abort: bool | None) -> None:
        self._engine = engine
        self._abort = abort
        self._changes: list[Change] = []
        self._requirements: list[Requirement] = []
        self._versions: list[tuple[str, str, dict[str, object]]] = []
        self.outcomes: list[tuple[str, Outcome]] = []

    def takes_turns(self, schema: Schema) -> bool:
        """Whether there are views of queries below a table."""
        below = (self._engine.catalog.schema(view_id) for view_id in schema.views)
        return any(each.table.view is None or each.table.view.query or self.takes_turns(each) for each in below)

    def extended(self, commit: Commit, table_id: str) -> Commit:
        """`commit` with what it means for the views of a table. It is the same if the rows stay the same."""
        engine = self._engine
        changes_contents = any(isinstance(change, Restore) for change in commit.changes) or commit.versions
        if not changes_contents:
            return commit
        at = engine.catalog.last_commit()
        before = engine.source(table_id, at)
        changes = self.with_ids(table_id, commit.changes)
        steps = {table_id: self._step(before, changes)}
        for view_id in self._downstream(table_id, at):
            steps[view_id] = self._followed(engine.catalog.schema(view_id, at), at, steps)
        return replace(
            commit,
            changes=(*changes, *self._changes),
            requirements=(*commit.requirements, *self._requirements),
            versions=(*commit.versions, *self._versions),
        )

    def _step(self, before: Source, changes: Sequence[Change]) -> _Step:
        for change in changes:
            if isinstance(change, Restore) and change.table_id == before.schema.table.id:
                then = self._engine.source(change.table_id, change.commit)
                self._check_restorable(before.schema, then.schema)
                schema = replace(then.schema, views=before.schema.views)
                return _Step(before, Source(schema, then.contents, then.store, before.base), change.commit)
        return _Step(before, _changed(before, changes, before.base))

    def _check_restorable(self, now: Schema, then: Schema) -> None:
        """Raises UNSUPPORTED_OPERATION if views need columns that were not there then, or that were computed otherwise when they
        were read."""
        for column in now.columns:
            was = then.by_id(column.id)
            if was is None or not (column.stored or was.value == column.value):
                self._requirements += check_unread(self._engine.catalog, now, column, 'taken back')

    def _downstream(self, table_id: str, at: int) -> list[str]:
        """The views of a table, those of these, and so on: each after all that it is a view of."""
        found: dict[str, None] = {}

        def visit(above: str) -> None:
            for view_id in self._engine.catalog.schema(above, at).views:
                if view_id not in found:
                    visit(view_id)
            found[above] = None

        visit(table_id)
        return list(reversed(found))[1:]

    def _followed(self, schema: Schema, at: int, steps: Mapping[str, _Step]) -> _Step:
        """Refreshes a view; `steps` are those of all tables that change, so far, in the commit, which is planned on `at`."""
        table, engine = schema.table, self._engine
        assert table.view is not None
        below = {base: steps[base] for base in table.view.sources if base in steps}
        contents = engine.catalog.contents(table.id, at)
        if table.view.query is not None:
            view = engine.leases.note(Source(schema, contents, engine.context.store))
            others = {base: engine.source(base, at) for base in table.view.sources if base not in below}
            refreshed = Requery(engine, view, self._abort).follow(
                others | {base: step.before for base, step in below.items()},
                others | {base: step.after for base, step in below.items()},
            )
            base = None
        else:
            step = below[table.view.base]
            base = step.after
            view = engine.leases.note(Source(schema, contents, engine.context.store, step.before))
            if step.restored is not None and self._goes_back(schema, step.restored):
                return _Step(view, engine.source(table.id, step.restored), step.restored)
            refreshed = Refresh(engine, view, base, self._abort).carry_out()
        changes = self.with_ids(table.id, refreshed.changes) if schema.views else refreshed.changes
        self._changes += changes
        self._requirements += refreshed.requirements
        self._versions.append((table.id, 'data', refreshed.outcome.summary()))
        self.outcomes.append((table.path, refreshed.outcome))
        return _Step(view, _changed(view, changes, base) if schema.views else view)

    def _goes_back(self, schema: Schema, commit: int) -> bool:
        """Whether a view could be made, without computing anything, what it was when the table was as it is to be again.

        It cannot if it has got other columns since, or holds values that users gave it.
        """
        table = schema.table
        assert table.view is not None
        fixed = {BASE_ROW, *table.view.outputs}
        if any(column.id not in fixed for column in schema.given):
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
