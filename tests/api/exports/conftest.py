"""A table with a column of each type, to export."""

from __future__ import annotations

import datetime
import uuid

import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt

WHEN = datetime.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)
ID = uuid.UUID(int=5)


@pytest.fixture
def catalog_url() -> None:
    """What is read is the same on all catalogs."""


@pytest.fixture
def things() -> pxt.Table:
    """Two rows: the second has NULL everywhere but in `k`."""
    types = {
        'k': pxt.Int, 's': pxt.String | None, 'f': pxt.Float | None, 'ok': pxt.Bool | None, 'j': pxt.Json | None,
        'v': pxt.Array[(2,), pxt.Float] | None, 'm': pxt.Array[(2, None), pxt.Int] | None, 'w': pxt.Timestamp | None,
        'd': pxt.Date | None, 'u': pxt.UUID | None, 'b': pxt.Binary | None, 'im': pxt.Image | None,
    }  # fmt: skip
    t = pxt.create_table('things', types)
    row = {
        'k': 1, 's': 'a;"b"', 'f': 0.1, 'ok': True, 'j': {'x': [1]}, 'v': np.array([1, 2], np.float32),
        'm': np.array([[1], [2]]), 'w': WHEN, 'd': WHEN.date(), 'u': ID, 'b': b'\x00\xff',
        'im': PIL.Image.new('RGB', (2, 2)),
    }  # fmt: skip
    t.insert([row, {'k': 2}])
    return t
