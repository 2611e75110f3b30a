"""Maintenance: `python benchmarks/maintenance.py [ROWS] [SINGLES]`, by default 10 million rows, 100,000 inserts of one row.

Takes some five minutes, most of it to make what is then put in order. Nothing happens in the background.
"""

from __future__ import annotations

import sys
import tempfile

import large
import measure
from peak_memory import peak

import pixeltable as pxt
from pixeltable.api.default import session
from pixeltable.storage import segments

PIECES, PIECE_ROWS = 1563, 64


def line(
    what: str, status: pxt.OptimizeStatus | pxt.VacuumStatus | pxt.PurgeStatus, memory: float | None = None
) -> list[str]:
    rate, note = '', ''
    if isinstance(status, pxt.OptimizeStatus):
        rate = f'{status.rows_rewritten / status.seconds:,.0f} rows/s'
        note = f'{status.segments_before:,} segments into {status.segments_after:,}'
    elif isinstance(status, pxt.VacuumStatus):
        note = f'{status.versions:,} versions, {status.files:,} files'
    else:
        note = f'{status.rows} row, {status.files} file rewritten'
    return [what, f'{status.seconds:.2f} s', rate, '' if memory is None else f'{memory:,.0f} MiB', note]


def pieces() -> list[list[str]]:
    """Many Parquet files of few rows each."""
    t = pxt.create_table('pieces', measure.SCHEMA)
    inline, segments.INLINE_BYTES = segments.INLINE_BYTES, 0
    for number in range(PIECES):
        t.insert(measure.rows(PIECE_ROWS, number * PIECE_ROWS))
    segments.INLINE_BYTES = inline
    return [
        line(f'optimize {PIECES:,} × {PIECE_ROWS} rows', t.optimize()),
        line('vacuum them', t.vacuum(retain=1)),
    ]


def singles(count: int) -> list[list[str]]:
    """Single-row inserts: every 64 of them became one file, and all are still there, dead, in the catalog."""
    t = pxt.create_table('singles', measure.SCHEMA)
    for number in range(count):
        t.insert(measure.rows(1, number))
    return [
        line(f'optimize {count:,} × 1 row', t.optimize()),
        line('vacuum them', t.vacuum(retain=1)),
    ]


def many(rows: int) -> list[list[str]]:
    """Segments of 65,536 rows and six scalar columns."""
    t = pxt.create_table('many', large.SCHEMA)
    for first in range(0, rows, 1 << 16):
        t.insert(large.batch(first, min(1 << 16, rows - first)))
    before = peak()
    optimized = t.optimize()
    memory = peak() - before
    return [
        line(f'optimize {rows:,} rows', optimized, memory),
        line('vacuum it', t.vacuum(retain=1)),
        line('purge one row', t.purge(where=t.key == rows // 2)),
    ]


def main() -> None:
    rows, count = (int(text) for text in [*sys.argv[1:], *('10000000', '100000')[len(sys.argv) - 1 :]])
    with tempfile.TemporaryDirectory(prefix='pixeltable-bench-') as folder:
        pxt.init({'home': folder, 'verbosity': 0, 'show_progress': False, 'vacuum_grace_s': 0})
        session().maintenance.look_at = lambda _: None  # type: ignore[method-assign]
        lines = [*many(rows), *pieces(), *singles(count)]
        measure.show('Maintenance', ['operation', 'time', 'rate', 'memory', 'of what'], lines)


if __name__ == '__main__':
    main()
