"""What goes out into files comes back the same, whatever the values are."""

from __future__ import annotations

import datetime
import uuid
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import pixeltable as pxt

TEXTS = st.text(st.characters(codec='utf-8', exclude_characters='\0'), max_size=9)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS.filter(lambda key: key != '$pxt'), inner, max_size=3)
    ),
    max_leaves=6,
)
COLUMNS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    's': (pxt.String, TEXTS),
    'f': (pxt.Float, st.floats(width=64)),
    'ok': (pxt.Bool, st.booleans()),
    'w': (pxt.Timestamp, st.datetimes(timezones=st.just(datetime.UTC))),
    'd': (pxt.Date, st.dates()),
    'u': (pxt.UUID, st.uuids()),
    'b': (pxt.Binary, st.binary(max_size=9)),
    'j': (pxt.Json, JSON),
    'v': (
        pxt.Array[(2,), pxt.Float],
        st.lists(st.floats(width=32), min_size=2, max_size=2).map(lambda v: np.array(v, np.float32)),
    ),
}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | values for name, (_, values) in COLUMNS.items()}), min_size=1, max_size=4
)


@pytest.mark.parametrize('kind', ['parquet', 'json'])
@hypothesis.settings(max_examples=15, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(rows=ROWS)
def test_every_value_comes_back(tmp_path: Path, kind: str, rows: list[dict[str, Any]]) -> None:
    types = {
        name: type_ | None for name, (type_, _) in COLUMNS.items() if kind == 'parquet' or name not in ('f', 'b', 'v')
    }
    t = pxt.create_table('t', {'k': pxt.Int} | types, if_exists='replace')
    t.insert({'k': k} | {name: row[name] for name in types} for k, row in enumerate(rows))
    path, schema = tmp_path / uuid.uuid4().hex, {'k': pxt.Int} | types
    if kind == 'parquet':
        pxt.io.export_parquet(t, path)
        back = pxt.create_table('back', source=path, schema_overrides=schema, if_exists='replace')
    else:
        pxt.io.export_json(t, path)
        back = pxt.create_table('back', source=path, source_format='json', schema_overrides=schema, if_exists='replace')
    assert back.order_by(back.k).collect() == t.order_by(t.k).collect()
