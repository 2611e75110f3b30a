"""What it costs to ask whether something is stale: `python benchmarks/staleness.py [ROWS]`, a minute on two cores.

Nothing is, so nothing is computed: what is measured is how long it takes to find that out. The rows lie in segments of full size,
or in many small ones, as single writes leave them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import measure

import pixeltable as pxt

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
PIECES = 1000


def table(name: str, pieces: int) -> pxt.Table:
    """A table of so many rows in so many segments, with columns that functions and expressions compute."""
    t = pxt.create_table(name, measure.SCHEMA)
    t.add_computed_column(length=measure.length_udf(t.text))
    t.add_computed_column(double=t.length * 2)
    t.add_computed_column(y=t.x * 2 + 1)
    rows = measure.arrow_rows(ROWS)
    size = -(-ROWS // pieces)
    for start in range(0, ROWS, size):
        t.insert(rows.slice(start, size))
    return t


def lines(name: str, t: pxt.Table) -> list[list[str]]:
    """Times of one table."""
    actions = {
        'recompute_columns(only="stale")': lambda: t.recompute_columns(only='stale'),
        'stale()': t.stale,
        'plan("recompute", only="stale")': lambda: t.plan('recompute', only='stale'),
    }
    segments = len(t._source().contents.segments)
    where = f'{ROWS:,} rows in {segments:,} segment{"" if segments == 1 else "s"}'
    return [[f'{name}.{what}', where, measure.milliseconds(measure.middle(action))] for what, action in actions.items()]


def main() -> None:
    """Prints the times."""
    with tempfile.TemporaryDirectory(prefix='pixeltable-bench-') as name:
        pxt.init({'pixeltable.home': Path(name), 'pixeltable.verbosity': 0, 'pixeltable.show_progress': False})
        found = [*lines('large', table('large', 1)), *lines('small', table('small', PIECES))]
        measure.show('Nothing is stale', ['operation', 'table', 'time'], found)


if __name__ == '__main__':
    main()
