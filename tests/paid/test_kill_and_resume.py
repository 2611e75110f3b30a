"""A backfill of paid calls is killed again and again until it ends: no call is paid for twice, but those under way at a kill."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from ready import Program

ROWS = 5000
CONCURRENCY = 64
DELAY = 0.02
FOLDER = Path(__file__).parent


@pytest.fixture
def server() -> Iterator[str]:
    command = [sys.executable, str(FOLDER / 'counting_server.py'), str(DELAY)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdin
    yield f'http://127.0.0.1:{int(process.stdout.readline())}'
    process.stdin.close()
    process.wait()
    process.stdout.close()


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


def count(server: str) -> int:
    return int(httpx.get(f'{server}/count', trust_env=False).text)


def start(home: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv('PIXELTABLE_POOLS', f'{{"service": {{"concurrency": {CONCURRENCY}}}}}')
    return Program(FOLDER / 'program.py', str(home), server, str(ROWS))


def test_kill_and_resume(
    tmp_path: Path,
    server: str,
    either_catalog: str | None,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    dice = random.Random(5)
    kills, home = 0, tmp_path / 'home'
    while True:
        process = start(home, server, monkeypatch)
        assert process.stdout.readline() == 'ready\n', process.communicate()[1]
        end = time.monotonic() + dice.uniform(0.2, 1 + kills / 3)  # so that it comes to an end on any machine
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.01)
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
    out, errors = process.communicate()
    assert (process.returncode, out) == (0, 'done\n'), errors
    made = count(server)
    assert ROWS <= made <= ROWS + kills * CONCURRENCY
    assert kills >= 2
    record_property('summary', f'paid calls: {kills} kills, {made - ROWS} of {ROWS} calls were made twice')
