from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pixeltable.functions.document import document_splitter
from pixeltable.udf.calling import direct_calls


@pytest.fixture
def run_at_once() -> Iterator[None]:
    """Calls of functions with plain values run, as inside of another function."""
    with direct_calls():
        yield


@pytest.fixture
def same_weights() -> None:
    """Models that a test makes have the same random weights, whatever ran before."""
    pytest.importorskip('torch').manual_seed(0)


@pytest.fixture
def split(tmp_path: Path, run_at_once: None) -> Callable[..., list[dict[str, Any]]]:
    """The rows of a document with some name and content."""

    def of(name: str, content: str | bytes, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(document_splitter(str(path), *args, **kwargs))

    return of
