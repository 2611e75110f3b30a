"""What is stale anywhere, and what it would take to compute it: `pxt.plan`."""

from __future__ import annotations

from pixeltable.api.default import session
from pixeltable.api.paths import get_table
from pixeltable.api.plans import Plan, plan_of, usage_by_function
from pixeltable.exec.changes.choosing import Request
from pixeltable.exec.planning import plan_recomputation


def plan() -> Plan:
    """What `recompute_columns(only='stale')` would compute in each table, and what it would cost: see `Table.plan`."""
    current = session()
    found = []
    for path, kind in current.catalog.list_paths():
        handle = get_table(path) if kind == 'table' else None
        if handle is not None and handle._version is None:
            planned = plan_recomputation(current.engine, handle._source(), Request((), (), 'stale'))
            found += [(path, each) for each in planned]
    return plan_of(found, usage_by_function(current), current.settings.time_zone, with_tables=True)
