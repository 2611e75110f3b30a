import importlib
import pkgutil

import pytest
from sqlalchemy import Delete, Insert, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.selectable import SelectBase

import pixeltable.catalog
from pixeltable.catalog import tables
from pixeltable.catalog.home import open_home
from pixeltable.catalog.read import contents


def statements():
    """Every statement that a module of the catalog holds."""
    for module in pkgutil.walk_packages(pixeltable.catalog.__path__, 'pixeltable.catalog.'):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, SelectBase | Insert | Update | Delete):
                yield pytest.param(value, id=f'{module.name}.{name}')


@pytest.mark.parametrize('statement', [*statements()])
def test_statements_compile_for_both_databases(statement):
    for dialect in (sqlite.dialect(paramstyle='named'), postgresql.dialect()):
        assert str(statement.compile(dialect=dialect))


@pytest.mark.parametrize('table', tables.METADATA.sorted_tables, ids=str)
def test_tables_compile_for_both_databases(table):
    assert 'INTEGER PRIMARY' not in str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert str(CreateTable(table).compile(dialect=sqlite.dialect()))


BY_INDEX = [*contents._BEGUN, *contents._ENDED, *contents._ALL]


@pytest.mark.parametrize('statement', BY_INDEX, ids=str)
def test_contents_are_found_by_index_in_sqlite(home, statement):
    catalog = open_home(home)
    text = str(statement.compile(dialect=sqlite.dialect(paramstyle='named')))
    raw = catalog._database.connection().raw
    plan = raw.execute(f'EXPLAIN QUERY PLAN {text}', {'table': '', 'at': 1, 'since': 0}).fetchall()
    catalog.close()
    searches = [row[-1] for row in plan if row[-1].startswith(('SEARCH', 'SCAN'))]
    assert searches
    assert all('(table_id=? AND end' in search for search in searches)


@pytest.mark.parametrize('statement', BY_INDEX, ids=str)
def test_contents_are_found_by_index_in_postgresql(home, postgres_url, statement):
    catalog = open_home(home, postgres_url)
    connection = catalog._database.connection()
    connection.command('SET enable_seqscan = off')  # an empty table would be read from end to end
    text = str(statement.compile(dialect=connection._driver.dialect))
    plan = connection.raw.execute(f'EXPLAIN {text}', {'table': '', 'at': 1, 'since': 0}).fetchall()
    catalog.close()
    conditions = [row[0] for row in plan if 'Index Cond' in row[0]]
    assert len(conditions) == str(statement).count('FROM')
    assert all('(table_id = ' in condition and '"end" ' in condition for condition in conditions)
