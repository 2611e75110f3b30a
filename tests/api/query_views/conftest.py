"""The table that views of queries are of."""

from __future__ import annotations

import pytest

import pixeltable as pxt


@pytest.fixture
def t() -> pxt.Table:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None})
    t.insert([{'k': k, 's': s} for k, s in enumerate(['a', 'b', 'a', None])])
    return t
