"""Processes that work on one home at the same time."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pixeltable.storage import segments

SCRIPT = Path(__file__).with_name('tasks.py')


class Team:
    """Starts tasks of `tasks.py`, each in a process of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def work(self, *tasks: tuple[str, dict[str, Any]]) -> list[Any]:
        """Runs the tasks at the same time; the result of each."""
        processes = [self._start(name, arguments) for name, arguments in tasks]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == 'ready\n'
        for process in processes:
            assert process.stdin is not None
            process.stdin.write('go\n')
            process.stdin.flush()
        outputs = [process.communicate(timeout=120)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * len(processes)
        return [json.loads(output) for output in outputs]

    def _start(self, name: str, arguments: dict[str, Any]) -> subprocess.Popen[str]:
        command = [sys.executable, '-W', 'error', str(SCRIPT), str(self._home), name, json.dumps(arguments)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope='session')
def tasks() -> ModuleType:
    """The module `tasks.py`, for what the tests do in their own process."""
    spec = importlib.util.spec_from_file_location('tasks', SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def team(home: Path, tasks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Team:
    """The table exists, and is empty."""
    monkeypatch.setattr(segments, 'INLINE_BYTES', 2 << 10)
    tasks.create()
    return Team(home)
