"""What a view got when its base came back to what it was is not taken from files that are gone since."""

from __future__ import annotations

from typing import Any

import pytest

import pixeltable as pxt
from pixeltable import functions as fn

pytestmark = pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')


def test_a_base_that_goes_back_twice(t: Any) -> None:
    v = pxt.create_view('v', t.where(t.n < 150), additional_columns={'more': t.s + '!'})
    w = pxt.create_view('w', t.group_by(t.s).select(t.s, n=fn.count(t.n)))
    before = v.order_by(v.n).collect(), w.order_by(w.s).collect()
    for _ in range(2):
        t.delete()
        pxt.vacuum(retain=2)
        v.vacuum(retain=1)
        w.vacuum(retain=1)
        t.revert()
        assert (v.order_by(v.n).collect(), w.order_by(w.s).collect()) == before
    assert pxt.verify().problems == ()
