"""Updates of models that fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pixeltable as pxt


@pxt.udf
def embed(text: str) -> pxt.Array[(2,), pxt.Float]:
    return np.array([len(text), 1], dtype=np.float32)


class Updates:
    """A table `t`, with a view of it, that is updated to have an index on one of its columns: `'text'`, not `'k'`."""

    def __init__(self) -> None:
        base = pxt.model_base()

        class Short(base, name='t'):
            k: pxt.Int
            old = k + 5  # noqa: F821

        base.create_all()
        self.table = Short.table
        self.table.insert([{'k': 1}, {'k': 2}])
        self.view = pxt.create_view('v', self.table.where(self.table.k > 1))

    def run(self, column: str) -> None:
        base = pxt.model_base()

        class Long(base, name='t'):
            k: pxt.Int
            text: pxt.String | None
            more = k + 1  # noqa: F821
            old = k + 6  # noqa: F821
            __indexes__ = [pxt.EmbeddingIndex(column, embedding=embed)]  # noqa: RUF012

        class Last(base, name='last', base=Long):
            less = Long.k - 1

        base.update_all()

    @property
    def state(self) -> tuple[Any, ...]:
        computed = self.table.get_metadata()['columns']['old']['computed_with']
        return self.table.columns(), computed, self.table.get_versions(), self.view.collect(), pxt.list_tables()


def test_an_update_that_fails_changes_nothing(home) -> None:
    updates = Updates()
    before = updates.state
    with pytest.raises(pxt.RequestError) as caught:
        updates.run('k')
    assert (updates.state, hasattr(caught.value, '__notes__')) == (before, False)
    assert not pxt.verify().problems
    updates.run('text')
    assert updates.table.columns() == ['k', 'old', 'text', 'more', 'text_embedding']


def test_views_that_were_changed_are_as_before(home) -> None:
    def declared(base, more: bool, wrong: bool = False):
        class A(base, name='a'):
            k: pxt.Int
            if more:
                twice = k * 2  # noqa: F821

        class V(base, name='v', base=A.where(A.k > 1)):
            j = A.k + 1
            if more:
                four = A.twice * 2

        if wrong:

            class C(base, name='c'):
                k: pxt.Int
                __indexes__ = [pxt.EmbeddingIndex('k', embedding=embed)]  # noqa: RUF012

        return A, V

    base = pxt.model_base()
    a, v = declared(base, more=False)
    base.create_all()
    a.insert([{'k': 1}, {'k': 2}])
    before = a.get_versions(), a.columns(), v.columns(), list(v.collect())
    base = pxt.model_base()
    declared(base, more=True, wrong=True)
    with pytest.raises(pxt.RequestError):
        base.update_all()
    assert (a.get_versions(), a.columns(), v.columns(), list(v.collect())) == before
    assert not pxt.verify().problems
    base = pxt.model_base()
    _, v = declared(base, more=True)
    base.update_all()
    assert v.collect()['four'] == [8]


def test_what_others_did_during_an_update_that_fails_is_not_lost(home, monkeypatch) -> None:
    updates = Updates()

    def add_embedding_index(self, *_args: Any, **_options: Any) -> None:
        self.insert([{'k': 3}])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pxt.Table, 'add_embedding_index', add_embedding_index)
        with pytest.raises(KeyboardInterrupt) as caught:
            updates.run('text')
    assert caught.value.__notes__[0].splitlines()[1:] == [
        "column 'text' of 't' was added",
        "column 'more' of 't' was added",
        "column 'old' of 't' was altered",
    ]
    assert updates.table.select(updates.table.more).collect()['more'] == [2, 3, 4]
    updates.run('text')
    assert pxt.get_table('last').count() == 3
