"""Whether a process that left its name somewhere still runs, for those who can see it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its number, when it started, and where both mean something: one boot of one host, or one container on it.

    `place` is '' where the system does not tell: nothing is known of such a process from outside.
    """

    place: str
    pid: int
    started: str


def this_process() -> Process:
    place, started = _place(), _started(os.getpid())
    return Process(place, os.getpid(), started) if place and started else Process('', os.getpid(), '')


def is_near(process: Process) -> bool:
    """Whether `is_gone` can tell: the process is one of those that this one sees."""
    return process.place != '' and process.place == _place()


def is_gone(process: Process) -> bool:
    """Whether the process, which is near, has ended. Another one may have got its number."""
    return _started(process.pid) != process.started


def _place() -> str:
    try:
        boot = Path('/proc/sys/kernel/random/boot_id').read_text(encoding='ascii').strip()
        return f'{boot} {Path("/proc/self/ns/pid").readlink()}'
    except OSError:
        return ''


def _started(pid: int) -> str:
    """When it started, in ticks since the boot; '' if it does not run: it has ended, though its parent may not have noticed."""
    try:
        fields = Path(f'/proc/{pid}/stat').read_text(encoding='ascii', errors='replace').rpartition(')')[2].split()
    except OSError:
        return ''
    return '' if fields[0] in 'ZX' else fields[19]
