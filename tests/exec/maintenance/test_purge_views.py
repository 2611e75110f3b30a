"""A purge takes along what views of queries have made of the rows, in all of their versions; groups are computed again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

import pytest

import pixeltable as pxt
from pixeltable import functions as fn
from pixeltable.catalog.catalog import Catalog

SECRET = 'the name of Bob'


class Letter(TypedDict):
    letter: str


@pxt.iterator
def letters(text: str) -> Iterator[Letter]:
    for letter in text:
        yield {'letter': f'{letter} of {text}'}


@pytest.fixture
def people(grace: Any) -> pxt.Table:
    people = pxt.create_table('people', {'k': pxt.Int, 'name': pxt.String, 'town': pxt.String | None, 'age': pxt.Int})
    towns = ['Rome', 'Oslo', None]
    people.insert([{'k': k, 'name': f'person {k}', 'town': towns[k % 3], 'age': 20 + k} for k in range(9)])
    people.update({'name': SECRET, 'town': 'Bern'}, where=people.k == 4)
    return people


@pytest.fixture
def visits(people: pxt.Table) -> pxt.Table:
    visits = pxt.create_table('visits', {'k': pxt.Int, 'at': pxt.String})
    visits.insert([{'k': k % 5, 'at': f'place {k}'} for k in range(10)])
    return visits


def holding(home: Path) -> list[str]:
    """The files of the home that hold the secret."""
    files = (path for path in home.rglob('*') if path.is_file() and path.parent.name != 'logs')
    return [path.name for path in files if SECRET.encode() in path.read_bytes()]


def rows(table: Any) -> list[str]:
    return sorted(repr(tuple(row.values())) for row in table.collect())


QUERIES = {
    'inner': lambda p, v: p.join(v, on=p.k == v.k).select(p.name, v.at),
    'left': lambda p, v: v.join(p, on=p.k == v.k, how='left').select(v.at, p.name),
    'full': lambda p, v: v.join(p, on=p.k == v.k, how='full_outer').select(v.at, p.name),
    'groups': lambda p, v: p.group_by(p.town).select(p.town, n=fn.count(p.k), last=fn.max(p.name)),
    'having': lambda p, v: (
        p.group_by(p.town).having(fn.count(p.k) > 0).select(p.town, m=fn.mean(p.age), x=fn.max(p.name))
    ),
    'whole': lambda p, v: p.select(last=fn.max(p.name), n=fn.count(p.k)),
    'distinct': lambda p, v: p.select(p.name, p.town).distinct(),
    'top': lambda p, v: p.order_by(p.age, asc=False).limit(6).select(p.name, p.age),
    'joined_groups': lambda p, v: p.join(v, on=p.k == v.k).group_by(v.at).select(v.at, who=fn.max(p.name)),
    'before': lambda p, v: p.select(p.k, other=fn.max(p.name).over(partition_by=p.town)),
}


@pytest.mark.parametrize('name', QUERIES)
def test_nothing_is_left(home, people, visits, name: str) -> None:
    query = QUERIES[name](people, visits)
    view = pxt.create_view('view', query)
    chosen = view.where(view[view.columns()[-1]] == view[view.columns()[-1]])
    above = pxt.create_view('above', chosen)
    old = pxt.create_snapshot('old', query)
    people.update({'age': 99}, where=people.k == 4)
    people.update({'name': 'person 4', 'town': 'Oslo'}, where=people.k == 4)
    visits.delete(visits.at == 'place 3')
    assert holding(home) != []
    status = people.purge(where=people.k == 4)
    assert holding(home) == []
    assert set(status.views) >= {'old', 'view'}
    assert ' of 3 views' in status.message or ' of 2 views' in status.message
    assert rows(view) == rows(query)
    assert rows(above) == rows(chosen)
    for number in range(view.get_metadata()['version'] + 1):
        assert SECRET not in repr(rows(pxt.get_table(f'view:{number}')))
    assert rows(old) == rows(view) or name in ('left', 'full', 'inner', 'joined_groups')  # `visits` was another then
    people.insert([{'k': 4, 'name': 'new', 'town': 'Bern', 'age': 1}])
    assert rows(view) == rows(query)
    report = pxt.verify()
    assert (report.problems, report.notes) == ((), ())


def test_other_groups_keep_their_past_and_their_cells(people) -> None:
    view = pxt.create_view(
        'view',
        people.group_by(people.town).select(people.town, n=fn.count(people.k)),
        additional_columns={'note': pxt.String | None},
    )
    view.update({'note': 'mine'})
    ids = dict(view.select(view.town, view.id).collect().to_pandas().values.tolist())
    people.insert([{'k': 10, 'name': 'last', 'town': 'Rome', 'age': 1}])
    status = people.purge(where=people.k == 1)  # of Oslo, which has others
    assert status.views == {'view': 1}
    assert view.order_by(view.town).collect() == [
        {'town': 'Bern', 'n': 1, 'note': 'mine'},
        {'town': 'Oslo', 'n': 1, 'note': 'mine'},
        {'town': 'Rome', 'n': 4, 'note': 'mine'},
        {'town': None, 'n': 3, 'note': 'mine'},
    ]
    assert dict(view.select(view.town, view.id).collect().to_pandas().values.tolist()) == ids
    past = pxt.get_table('view:1')
    assert past.order_by(past.town).collect()['town'] == ['Bern', 'Rome', None]
    assert view.get_versions(1)[0]['updates'] == 1


def test_a_value_that_only_the_past_of_the_view_holds(home, people) -> None:
    people.insert([{'k': k, 'name': f'{SECRET} {k}', 'town': None, 'age': 0} for k in range(100, 400)])
    view = pxt.create_view('view', people.order_by(people.k, asc=False).limit(300).select(people.k, people.name))
    people.update({'name': 'Bob'}, where=people.k == 200)
    people.vacuum(retain=1)
    status = people.purge(where=people.name == f'{SECRET} 200')
    assert (status.rows, status.views) == (0, {'view': 1})
    assert view.where(view.k == 200).collect()['name'] == ['Bob']
    assert f'{SECRET} 200' not in pxt.get_table('view:0').collect()['name']
    assert pxt.verify().problems == ()


@pytest.mark.parametrize('name', [*QUERIES, 'rows', 'parts'])
def test_nothing_is_left_in_dropped_views(home, people, visits, name: str) -> None:
    made = {'rows': people.where(people.age > 20), 'parts': people}
    query = made[name] if name in made else QUERIES[name](people, visits)
    view = pxt.create_view('view', query, iterator=letters(people.name) if name == 'parts' else None)
    if name in made:
        view.add_computed_column(loud=view.name.upper())
        pxt.create_view('inner', view.where(view.k > 2))
    people.update({'name': 'Bob'}, where=people.k == 4)
    pxt.drop_table('view', force=True)
    status = people.purge(where=people.k == 4)
    assert (status.rows, 'view (dropped)' in status.views, 'inner (dropped)' in status.views) == (1, True, name in made)
    assert (holding(home), pxt.verify().problems) == ([], ())
    view = pxt.restore('view')
    assert holding(home) == []
    if name == 'rows':
        assert view.order_by(view.k).select(view.k, view.loud).collect()['k'] == [1, 2, 3, 5, 6, 7, 8]
    elif name == 'parts':
        assert view.count() == 8 * len('person 0')
    else:
        assert rows(view) == rows(query)
    assert pxt.verify().problems == ()


def test_a_dropped_view_whose_function_is_gone(home, people, reopen, tmp_path, monkeypatch) -> None:
    code = tmp_path / 'gone.py'
    code.write_text('import pixeltable as pxt\n@pxt.udf\ndef same(text: str) -> str:\n    return text\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    import gone

    query = people.group_by(gone.same(people.town)).select(town=gone.same(people.town), last=fn.max(people.name))
    pxt.create_view('view', query)
    pxt.drop_table('view')
    code.write_text('')
    monkeypatch.delitem(sys.modules, 'gone')
    reopen()
    people = pxt.get_table('people')
    assert people.purge(where=people.k == 4).views == {'view (dropped)': 4}
    assert holding(home) == []


def test_a_view_over_a_table_and_a_view_of_it(people) -> None:
    old = pxt.create_view('old', people.where(people.age > 23))
    query = people.join(old, on=people.k == old.k).group_by(old.town).select(old.town, n=fn.count(people.k))
    view = pxt.create_view('view', query)
    people.purge(where=people.k == 5)
    assert rows(view) == rows(query)
    assert pxt.verify().problems == ()


def test_all_rows_go(people) -> None:
    views = {name: pxt.create_view(name, QUERIES[name](people, people)) for name in ('groups', 'whole', 'distinct')}
    people.purge(where=people.k >= 0)
    assert {name: view.count() for name, view in views.items()} == {'groups': 0, 'whole': 1, 'distinct': 0}


def test_rows_that_come_meanwhile(people, monkeypatch: pytest.MonkeyPatch) -> None:
    query = people.group_by(people.town).select(people.town, n=fn.count(people.k))
    view = pxt.create_view('view', query)
    commit, done = Catalog.commit, []

    def interrupted(self: Catalog, change: Any) -> Any:
        if change.operation == 'purge' and not done:
            done.append(people.insert([{'k': 20, 'name': SECRET, 'town': 'Rome', 'age': 1}]))
        return commit(self, change)

    monkeypatch.setattr(Catalog, 'commit', interrupted)
    assert people.purge(where=people.name == SECRET).rows == 2
    assert rows(view) == rows(query)
    assert pxt.verify().problems == ()
