"""What every measurement here shares: times of a few runs, bytes and files below a folder, system calls seen by strace.

The best run is reported because these numbers compare designs, not machines: noise only ever adds.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def best(function: Callable[[], Any], repeat: int = 5) -> float:
    """Seconds of the fastest of `repeat` calls."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def median(function: Callable[[], Any], repeat: int) -> float:
    """Seconds of the middle one of `repeat` calls, for operations whose state grows or that wait for a disk."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return sorted(times)[repeat // 2]


def usage(folder: Path) -> tuple[int, int]:
    """`(files, bytes)` below a folder."""
    files = [path for path in folder.rglob('*') if path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)


def syncs(arguments: list[str]) -> dict[str, int]:
    """How often a run of this interpreter with `arguments` calls fsync, fdatasync and rename, in all its threads."""
    with tempfile.NamedTemporaryFile('r') as log:
        calls = 'trace=fsync,fdatasync,sync_file_range,rename,renameat,renameat2,link,linkat'
        command = ['strace', '-f', '-qq', '-e', calls, '-o', log.name, sys.executable, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found = re.findall(r'^\d+ +(\w+)\(', log.read(), flags=re.MULTILINE)
    return {name: found.count(name) for name in sorted(set(found))}
