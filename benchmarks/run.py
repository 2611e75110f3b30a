"""The benchmarks: `make bench`, about two minutes on two cores.

    .venv/bin/python benchmarks/run.py [operations] [rows] [versions] [columns] [singles] [writers] [large]
        [tables] [calls] [memory] [models] [ray] [views] [media] [footage] [documents]

Those from `singles` on, of other scripts, take another twenty minutes, and run only if they are named:
`make bench PARTS='singles large'`.
Everything runs in a new home in the temporary folder. The ratios are taken within one run, so a busy machine moves both sides;
the times themselves are of this machine and this moment.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import calls
import documents
import growth
import measure
import media
import on_ray
import operations
import scale
import views

import pixeltable as pxt

PARTS = ('operations', 'rows', 'versions', 'columns')
ALONE = {
    name: module.__name__ + '.py' for module in (scale, calls, on_ray, views, media, documents) for name in module.PARTS
}
"""Parts that run in a process of their own, and the script that has them."""


def main() -> None:
    """Runs the parts named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = (*PARTS, *ALONE)
    parser.add_argument('parts', nargs='*', metavar='PART', help=f'some of: {", ".join(known)}')
    parts = parser.parse_args().parts or PARTS
    for part in parts:
        if part not in known:
            parser.error(f'there is no part {part!r}; parts: {", ".join(known)}')
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix='pixeltable-bench-') as name:
        folder = Path(name)
        pxt.init({'pixeltable.home': folder / 'home', 'pixeltable.verbosity': 0, 'pixeltable.show_progress': False})
        print(f'Pixeltable {pxt.__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}\n')
        if 'operations' in parts:
            lines = [figure.line() for section in operations.SECTIONS for figure in section(folder)]
            title = 'Operations, next to plain baselines (ratio over 1: Pixeltable is quicker or smaller)'
            measure.show(title, ['operation', 'Pixeltable', 'plain', 'ratio', 'baseline'], lines)
        if 'rows' in parts:
            growth.by_rows()
        if 'versions' in parts:
            growth.by_versions(folder / 'home')
        if 'columns' in parts:
            growth.by_columns()
        for part in (part for part in ALONE if part in parts):
            script = Path(__file__).with_name(ALONE[part])
            subprocess.run([sys.executable, str(script), part, str(folder / part)], check=True)
    print(f'{time.perf_counter() - started:.0f} s')


if __name__ == '__main__':
    main()
