"""Maintenance with the other catalog: what statements do there that SQLite runs in its own way."""

from __future__ import annotations

from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api.default import session

pytestmark = pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')


@pytest.fixture
def catalog_url(postgres_url: str) -> str:
    return postgres_url


def test_all_of_it(t: pxt.Table, rows: Any, objects: Any, named: Any) -> None:
    before = rows(t)
    assert t.optimize().segments_after == 1
    assert t.vacuum(retain=2).versions == 5
    assert rows(t) == rows(pxt.get_table('t:6')) == before
    status = t.purge(where=t.n.isin([3, 204]))
    assert (status.rows, status.versions, status.objects) == (2, 2, 2)
    assert any('log' in each for each in status.not_reached)
    assert rows(t) == [row for row in before if row['n'] not in (3, 204)]
    assert objects() == named()
    pxt.drop_table('t')
    assert pxt.vacuum().tables == 1
    assert objects() == set()


def test_leases_and_orphans(t: pxt.Table, rows: Any, objects: Any, named: Any) -> None:
    t.optimize()
    commit = session().catalog.version(t._table_id, 2).commit
    session().catalog.hold('another process', [commit], (), 2**62)
    with pytest.raises(pxt.Error):
        t.insert([{'n': n, 's': f'{n}5'} for n in range(3000)], on_error='abort')
    assert t.vacuum(retain=1).orphans == 0  # the lease is older than all of them
    assert sum(table.num_rows for table in session().engine.source(t._table_id, commit).read(['c1'])) == 200
    session().catalog.hold('another process', (), (), 0)
    t.vacuum(retain=1)
    assert objects() == named()
    assert len(rows(t)) == 204
