"""Makes a view hold what its query gives."""

from __future__ import annotations

from functools import partial

from pixeltable._support.words import counted
from pixeltable.catalog.changes import Commit
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.findings import WrongRows
from pixeltable.exec.operation import Operation
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.creating import as_they_are, newest_of
from pixeltable.exec.views.following import commit_with_views
from pixeltable.exec.views.requery import Requery


def followed_again(engine: Engine, cause: WrongRows) -> str:
    """Runs the query, and writes what differs, in a new version of the view; returns what was done in words."""
    table = engine.catalog.schema(cause.table_id).table
    view = table.view
    assert view is not None

    def attempt(engine: Engine) -> int:
        newest = newest_of(engine, (table.id, *view.sources))
        source = engine.source(table.id)
        bases = {base: engine.source(base, source.contents.commit) for base in view.sources}
        renewed = Requery(engine, source, None).renew(bases)
        required = (*renewed.requirements, *as_they_are({table.id: source, **bases}, newest))
        outcome = renewed.outcome
        version = (table.id, 'data', outcome.summary())
        commit_with_views(engine, Commit('repair', tuple(renewed.changes), required, (version,)), table.id, outcome)
        return outcome.inserted + outcome.updated + outcome.deleted

    title = f'repair of {table.path!r}'
    with Operation('repair', table.path, title=title) as operation:
        rows = until_committed(partial(attempt, engine.during(operation)), title)
    return f'{counted(rows, "row")} of the view put right by its query'
