"""Prints the peak memory in MiB of a process of its own, which inserts rows, adds a column and reads everything back.

Run by `operations.py` as `peak_memory.py ours|plain FOLDER`.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak() -> float:
    """The peak of this process in MiB. On Linux `ru_maxrss` would start from the parent's size."""
    status = Path('/proc/self/status')
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith('VmHWM')) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def ours(folder: Path) -> None:
    """The work with Pixeltable."""
    import measure

    import pixeltable as pxt

    pxt.init({'pixeltable.home': folder, 'pixeltable.verbosity': 0})
    t = pxt.create_table('t', measure.SCHEMA)
    t.insert(measure.rows(measure.ROWS))
    t.add_computed_column(y=t.x * 2 + 1)
    t.collect().to_pandas()


def plain(folder: Path) -> None:
    """The same with pandas and a Parquet file."""
    import measure
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = pd.DataFrame(measure.rows(measure.ROWS))
    frame['y'] = frame['x'] * 2 + 1
    folder.mkdir()
    measure.write_durably(pa.Table.from_pandas(frame), folder / 't.parquet')
    pq.read_table(folder / 't.parquet').to_pandas()


if __name__ == '__main__':
    {'ours': ours, 'plain': plain}[sys.argv[1]](Path(sys.argv[2]))
    print(peak())
