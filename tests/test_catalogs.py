"""What a test finds in a catalog of PostgreSQL that another one used."""

from __future__ import annotations

import pytest
from catalogs import EmptyCatalogs

import pixeltable as pxt
from pixeltable.api.default import session


@pytest.fixture
def catalogs(postgres, schema_names, tmp_path):
    catalogs = EmptyCatalogs(postgres, tmp_path, schema_names)
    yield catalogs
    catalogs.close()


@pytest.fixture
def schema(catalogs):
    return catalogs.take()


@pytest.fixture
def catalog_url(catalogs, schema):
    return catalogs.url(schema)


@pytest.fixture
def admin(postgres):
    with postgres.connect() as admin:
        yield admin


def contents(admin, schema):
    names = [row[0] for row in admin.execute('SELECT tablename FROM pg_tables WHERE schemaname = %s', [schema])]
    return {name: admin.execute(f'SELECT * FROM {schema}.{name} ORDER BY 1').fetchall() for name in names}


def use():
    @pxt.udf
    def doubled(k: int) -> int:
        return 2 * k

    t = pxt.create_table('t', {'k': pxt.Int})
    t.add_computed_column(x=doubled(t.k))
    t.insert({'k': k} for k in range(9))


def test_it_is_as_it_was_but_for_its_id(catalogs, schema, admin, home):
    before = contents(admin, schema)
    use()
    session().close()
    assert contents(admin, schema) != before
    catalogs.give_back(schema)
    assert catalogs.take() == schema
    after = contents(admin, schema)
    assert after['meta'] != before['meta']
    for state in (before, after):
        state['meta'] = [row for row in state['meta'] if row[0] != 'catalog_id']
    assert after == before


def test_one_that_is_still_used_is_not_given_again(catalogs, schema, home):
    catalogs.give_back(schema)
    assert catalogs.take() != schema


def test_one_of_another_shape_is_not_given_again(catalogs, schema, admin):
    admin.execute(f'CREATE INDEX new ON {schema}.files (size)')
    catalogs.give_back(schema)
    assert catalogs.take() != schema
