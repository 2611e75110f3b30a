from __future__ import annotations

from collections.abc import Iterator

import pytest

from pixeltable.udf.calling import direct_calls


@pytest.fixture
def run_at_once() -> Iterator[None]:
    """Calls of functions with plain values run, as inside of another function."""
    with direct_calls():
        yield
