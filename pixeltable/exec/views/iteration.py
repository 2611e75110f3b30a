"""The iterator of a view: what makes rows from each row of the base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pixeltable.catalog.records import Schema
from pixeltable.exec.engine import Engine
from pixeltable.exprs.nodes import Node


@dataclass(frozen=True, slots=True)
class Iteration:
    """A call of an iterator, over the fields of a view."""

    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]

    @staticmethod
    def of(engine: Engine, schema: Schema, document: dict[str, Any]) -> Iteration:
        raise NotImplementedError

    def expand(self, engine: Engine, tables: Iterator[pa.Table], abort: bool | None) -> Iterator[pa.Table]:
        yield from tables


_ = Sequence
