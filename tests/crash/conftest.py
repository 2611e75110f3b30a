"""The worker whose children are killed, and what a test needs to say to it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent


class Worker:
    """Runs jobs in children of a process that has everything imported; see `worker.py`."""

    def __init__(self) -> None:
        command = [sys.executable, '-W', 'error', str(FOLDER / 'worker.py')]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, job: dict[str, Any], delay: float | None = None) -> list[str]:
        """What the child said, its exit status last. With `delay`, it is killed so many seconds after `ready`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + '\n')
        self._process.stdin.flush()
        pid, said, is_ready = 0, [], False
        for line in self._process.stdout:
            word, _, rest = line.strip().partition(' ')
            if word == 'exit':
                return [*said, rest]
            if word == 'pid':
                pid = int(rest)
            elif word == 'ready':
                is_ready = True
            else:
                said.append(line.strip())
            if delay is not None and pid and is_ready:
                time.sleep(delay)
                with contextlib.suppress(ProcessLookupError):  # it ended by itself, and its status will say so
                    os.kill(pid, signal.SIGKILL)
                delay = None
        raise AssertionError('the worker itself ended')

    def close(self) -> None:
        self._process.communicate()


class Victim:
    """A home that a scenario runs in, killed and reopened again and again."""

    def __init__(self, worker: Worker, home: Path, scenario: str) -> None:
        self._worker = worker
        self._job = {'home': str(home), 'scenario': scenario, 'fault': None, 'operations': 1000}
        self.state = 0
        assert worker.run(self._job | {'do': 'prepare'}) == ['0']

    def die(self, delay: float | None = None, fault: tuple[str, int] | None = None, operations: int = 1000) -> None:
        """Runs operations until the process is killed, and checks what is left."""
        job = self._job | {'do': 'work', 'start': self.state, 'fault': fault, 'operations': operations}
        *acknowledged, status = self._worker.run(job, delay)
        assert status == str(-signal.SIGKILL), f'the process was not killed: exit {status}'
        self.state = int(acknowledged[-1]) if acknowledged else self.state
        self.check()

    def go_on(self) -> None:
        """The next operation works."""
        said = self._worker.run(self._job | {'do': 'work', 'start': self.state, 'operations': 1})
        assert said == [str(self.state + 1), '0']
        self.state += 1
        self.check()

    def check(self) -> None:
        """A new process finds all that was acknowledged, and the operation under way whole or not at all."""
        found, status = self._worker.run(self._job | {'do': 'check', 'acknowledged': self.state})
        assert (found.split()[0], status) == ('state', '0'), found
        self.state = int(found.split()[1])


@pytest.fixture(scope='session')
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def victim(worker: Worker, tmp_path: Path, scenario: str) -> Victim:
    return Victim(worker, tmp_path / 'home', scenario)


@pytest.fixture
def dice() -> random.Random:
    seed = int(os.environ.get('CRASH_SEED', random.SystemRandom().randrange(1 << 32)))
    print(f'CRASH_SEED={seed}')  # noqa: T201
    return random.Random(seed)
