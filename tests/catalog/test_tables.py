import importlib
import pkgutil

import pytest
from sqlalchemy import Delete, Insert, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.selectable import SelectBase

import pixeltable.catalog
from pixeltable.catalog import tables
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


@pytest.mark.parametrize('statement', [*contents._BEGUN, *contents._ENDED, *contents._ALL], ids=str)
def test_contents_are_found_by_index(bench, statement):
    text = str(statement.compile(dialect=sqlite.dialect(paramstyle='named')))
    raw = bench.catalog._database.connection().raw
    plan = raw.execute(f'EXPLAIN QUERY PLAN {text}', {'table': '', 'at': 1, 'since': 0}).fetchall()
    searches = [row[-1] for row in plan if row[-1].startswith(('SEARCH', 'SCAN'))]
    assert searches
    assert all('(table_id=? AND end' in search for search in searches)
