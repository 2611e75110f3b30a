"""Drives a table with random operations, and compares all of it with a plain Python model after each."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from table_operations import Operations

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.storage import blocks, columns, files, flush, ranges, segments


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Much is Parquet, of many row groups and blocks, and a flush moves what little there is."""
    monkeypatch.setattr(segments, 'INLINE_BYTES', 300)
    monkeypatch.setattr(files, 'ROW_GROUP_ROWS', 3)
    monkeypatch.setattr(files, '_LEAST_ROWS', 1)
    monkeypatch.setattr(ranges, 'GAP_ROWS', 1)
    monkeypatch.setattr(blocks, 'BLOCK_BYTES', 256)
    monkeypatch.setattr(columns, 'WHOLE_BYTES', 512)
    monkeypatch.setattr(segments, 'WHOLE_BYTES', 512)
    monkeypatch.setattr(flush, 'MAX_INLINED', 2)
    monkeypatch.setattr(default, '_session', None)
    monkeypatch.setattr(default, '_process', os.getpid())
    monkeypatch.setenv(
        'PICKY', '0'
    )  # which numbers `picky` refuses; cells stay as they are until something computes them
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', pxt.PixeltableWarning)
        yield


def run(examples: int, steps: int) -> None:
    limits = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Operations, settings=limits)


def test_a_table_is_as_its_model() -> None:
    run(examples=40, steps=30)


def test_a_table_of_postgresql_is_as_its_model(
    postgres_urls: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Operations, 'new_catalog', staticmethod(postgres_urls))
    run(examples=8, steps=30)


@pytest.mark.slow
def test_a_table_is_as_its_model_for_long() -> None:
    run(examples=int(os.environ.get('STATEFUL_EXAMPLES', '400')), steps=60)
