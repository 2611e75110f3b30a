from __future__ import annotations

from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api.default import session
from pixeltable.catalog.catalog import Catalog
from pixeltable.errors import Error
from pixeltable.exec.maintenance.automatic import Automatic
from pixeltable.storage import flush

pytestmark = pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


def segments(t: pxt.Table) -> list[Any]:
    return list(session().catalog.contents(t._table_id).segments)


def test_one_segment_is_left_and_every_row_as_it_was(t: pxt.Table, rows: Any) -> None:
    before, versions = rows(t), t.get_versions()
    status = t.optimize()
    (segment,) = segments(t)
    assert (segment.deletes, segment.is_inlined, segment.rows) == (None, False, 204)
    assert rows(t) == before
    assert t.get_versions() == versions
    assert (status.segments_before, status.segments_after, status.rows, status.rows_rewritten) == (4, 1, 204, 204)
    assert 0 < status.bytes_after < status.bytes_before


def test_nothing_is_done_twice(t: pxt.Table, objects: Any) -> None:
    t.optimize()
    before = objects()
    assert t.optimize().rows_rewritten == 0
    assert objects() == before


def test_past_versions_are_as_they_were(t: pxt.Table, rows: Any) -> None:
    before = [rows(pxt.get_table(f't:{version}')) for version in range(2, 6)]
    t.optimize()
    assert [rows(pxt.get_table(f't:{version}')) for version in range(2, 6)] == before


def test_columns_that_came_later_are_put_together(t: pxt.Table, fill: Any) -> None:
    for number in range(9):
        t.add_computed_column(**{f'c{number}': t.n + number})
    t.optimize()
    (segment,) = segments(t)
    assert len(segment.files) == 1
    assert t.where(t.n == 3).select(t.c8).collect()['c8'] == [11]


def test_a_table_with_a_key_finds_its_rows(grace: Any, fill: Any, text_of: Any) -> None:
    t = pxt.create_table('k', {'n': pxt.Int, 's': pxt.String | None}, primary_key='n')
    for start in range(0, 600, 200):
        fill(t, start, 200)
    t.optimize()
    assert t.where(t.n == 417).collect()['s'] == [text_of(417)]
    with pytest.raises(pxt.RequestError, match='417'):
        t.insert(n=417)


def test_a_group_that_another_writer_touched_is_planned_anew(
    t: pxt.Table, objects: Any, named: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, left = Catalog.commit, [lambda: t.delete(where=t.n == 1)]

    def interrupted(self: Catalog, change: Any) -> Any:
        if change.operation == 'optimize' and left:
            left.pop()()
        return commit(self, change)

    monkeypatch.setattr(Catalog, 'commit', interrupted)
    assert t.optimize().segments_after == 1
    assert t.count() == 203
    assert objects() == named()  # what the lost race had written is deleted


def test_it_happens_by_itself(grace: Any, fill: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flush, 'MAX_INLINED', 8)
    t = pxt.create_table('many', {'n': pxt.Int, 's': pxt.String})
    for n in range(320):
        fill(t, n, 1)
    session().maintenance.drain()
    assert len(segments(t)) < 10
    assert t.order_by(t.n).collect()['n'] == list(range(320))


def test_what_fails_by_itself_is_tried_again(t: pxt.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def failing(self: Automatic, table_id: str) -> None:
        looked.append(table_id)
        raise Error(pxt.ErrorCode.STORE_UNAVAILABLE, 'no')

    monkeypatch.setattr(Automatic, 'look', failing)
    maintenance = session().maintenance
    maintenance._work = lambda table_id: Automatic.look(None, table_id)  # type: ignore[arg-type]
    for _ in range(2):
        maintenance.look_at('t')
        maintenance.drain()
    assert looked == ['t', 't']


def test_a_past_version_is_not_optimized(t: pxt.Table) -> None:
    with pytest.raises(pxt.RequestError, match='past version'):
        pxt.get_table('t:2').optimize()


def test_the_line_about_it(t: pxt.Table) -> None:
    assert t.optimize().message.startswith('Optimized 4 segments into 1 (')
    assert t.optimize().message == 'Nothing to optimize in 1 segment.'
