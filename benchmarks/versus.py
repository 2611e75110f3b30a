"""Compares this package with another one of the same interface, each in a virtual environment of its own.

    python benchmarks/versus.py OURS/bin/python THEIRS/bin/python [rounds]

Runs `versus_program.py` in each interpreter in turn, with an empty home every time, and prints medians and their ratios; over 1
means that ours is faster.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

PROGRAM = Path(__file__).with_name('versus_program.py')


def run(python: str) -> dict[str, float]:
    """Milliseconds by name."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = os.environ | {'PIXELTABLE_HOME': f'{folder}/home'}
        done = subprocess.run([python, str(PROGRAM)], env=environment, cwd=folder, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f'{python} failed:\n{done.stderr[-2000:]}')
    lines = (line.split('\t') for line in done.stdout.splitlines() if line.count('\t') == 1)
    return {name: float(value) for name, value in lines}


def main() -> None:
    ours, theirs = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    results = [(run(ours), run(theirs)) for _ in range(rounds)]
    print(f'{"milliseconds":36} {"ours":>10} {"theirs":>10} {"ratio":>8}')
    for name in results[0][0]:
        mine, other = (median(side[name] for side in sides) for sides in zip(*results, strict=True))
        print(f'{name:36} {mine:10.2f} {other:10.2f} {other / mine:8.1f}')


main()
