"""The same program on a Ray cluster: same results, errors and ledger; a node that dies costs only what it had not finished."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from ray_nodes import QUIET, Cluster
from ready import Program

PROGRAM = Path(__file__).with_name('program.py')
ROWS = 5004
"""Of a new home."""


@pytest.fixture(scope='module')
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('cluster') / 'home'


@pytest.fixture(autouse=True)
def _settings(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv('PIXELTABLE_EXECUTOR', 'ray')
    monkeypatch.setenv('PIXELTABLE_RAY_ADDRESS', cluster.address)
    if not cluster.is_whole:
        cluster.add_node()


def start(home: Path, what: str) -> Program:
    (home / 'calls').unlink(missing_ok=True)
    return Program(PROGRAM, home, what)


def calls(home: Path) -> list[str]:
    """What the program's functions have written."""
    log = home / 'calls'
    return log.read_text().split() if log.exists() else []


def ended(process: Program) -> Any:
    out, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    return json.loads(out.splitlines()[-1])


def test_results_and_errors_are_those_of_one_machine(home: Path) -> None:
    found = ended(start(home, 'plain'))
    assert found == {'rows': 8004, 'wrong': 0, 'failed': 8, 'status': 3, 'ok': True}


def test_what_follows_is_computed_in_the_workers_too(tmp_path: Path) -> None:
    (tmp_path / 'home').mkdir()
    found = ended(start(tmp_path / 'home', 'cascade'))
    assert found == {'wrong': 0, 'failed': 2, 'view': True, 'unlucky': [-993], 'status': 3, 'ok': True}


@pytest.mark.slow
def test_models_are_loaded_in_the_workers(home: Path) -> None:
    found = ended(start(home, 'model'))
    assert (found['wrong'], found['here']) == (0, False)
    assert found['pids'] in (1, 2)


def test_nothing_is_paid_for_twice(home: Path) -> None:
    found = ended(start(home, 'paid'))
    assert found == {'calls': 5000, 'distinct': 5000, 'wrong': 0}


@pytest.mark.slow
def test_a_function_that_kills_its_process_ends_in_words(home: Path) -> None:
    found = ended(start(home, 'killer'))
    assert 'died' in found['error']
    assert 'k' not in found['columns']


def test_no_cluster_is_an_error_that_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PIXELTABLE_RAY_ADDRESS', '127.0.0.1:1')
    found = ended(start(tmp_path / 'home', 'killer'))
    assert 'no Ray cluster can be joined' in found['error']


def test_a_node_that_dies_costs_only_what_it_had_not_finished(tmp_path: Path, cluster: Cluster) -> None:
    (tmp_path / 'home').mkdir()
    process = start(tmp_path / 'home', 'slow')
    while len(set(callers := calls(tmp_path / 'home'))) < 2:  # until both nodes are at work
        assert process.poll() is None
        time.sleep(0.02)
    assert len(callers) < ROWS
    cluster.kill_node()
    assert ended(process) == {'wrong': 0, 'rows': ROWS}
    assert ROWS <= len(calls(tmp_path / 'home')) < 2 * ROWS
