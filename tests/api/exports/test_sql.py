"""`export_sql` and `import_sql`, there and back, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime
import string
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st

import pixeltable as pxt
from pixeltable.api.exports import sql


@pytest.fixture(params=['sqlite', 'postgresql'])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == 'sqlite':
        return f'sqlite:///{tmp_path / "other.db"}'
    given: str = request.getfixturevalue('postgres_url')
    return given.replace('postgresql://', 'postgresql+psycopg://')


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def _table(engine: sa.Engine, name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=engine)


def test_there_and_back(things: pxt.Table, url: str, engine: sa.Engine) -> None:
    pxt.io.export_sql(things, 'copies', db_connect_str=url)
    target = _table(engine, 'copies')
    assert [column.name for column in target.columns] == things.columns()
    uuids = {'u': pxt.UUID | None}  # of which SQLite knows nothing
    about = {'comment': 'from afar', 'custom_metadata': {'a': 1}}
    back = pxt.io.import_sql(target, engine, 'back', primary_key='k', schema_overrides=uuids, **about)
    found = back.get_metadata()
    assert (found['primary_key'], {name: found[name] for name in about}) == (['k'], about)
    same = ['k', 's', 'f', 'ok', 'j', 'w', 'd', 'u', 'b']
    assert {name: str(back.select(back[name]).schema[name]) for name in ('k', 's', 'f', 'ok', 'j', 'd', 'u', 'b')} == {
        'k': 'Int', 's': 'String | None', 'f': 'Float | None', 'ok': 'Bool | None', 'j': 'Json | None',
        'd': 'Date | None', 'u': 'UUID | None', 'b': 'Binary | None',
    }  # fmt: skip
    rows, old = back.order_by(back.k).collect(), things.order_by(things.k).collect()
    assert [{name: row[name] for name in same} for row in rows] == [{name: row[name] for name in same} for row in old]
    assert (rows[0]['v'], rows[0]['m'], rows[0]['im'][:5]) == ([1.0, 2.0], [[1], [2]], 'file:')


def test_existing_tables(things: pxt.Table, url: str, engine: sa.Engine) -> None:
    k = things.select(things.k)
    with pytest.raises(pxt.NotFoundError, match='does not exist'):
        pxt.io.export_sql(k, 'n', db_connect_str=url, if_not_exists='error')
    pxt.io.export_sql(k, 'n', db_connect_str=url)
    with pytest.raises(pxt.AlreadyExistsError, match='exists already'):
        pxt.io.export_sql(k, 'n', db_connect_str=url)
    pxt.io.export_sql(k, 'n', db_connect_str=url, if_exists='insert')
    with pytest.raises(pxt.NotFoundError, match="no column 'kk'") as caught:
        pxt.io.export_sql(things.select(kk=things.k), 'n', db_connect_str=url, if_exists='insert')
    assert caught.value.error_code is pxt.ErrorCode.COLUMN_NOT_FOUND
    with engine.connect() as connection:
        assert sorted(connection.execute(sa.select(_table(engine, 'n').c.k)).scalars()) == [1, 1, 2, 2]
    pxt.io.export_sql(things.select(things.s), 'n', db_connect_str=url, if_exists='replace')
    assert [column.name for column in _table(engine, 'n').columns] == ['s']


def test_what_fails_changes_nothing(things: pxt.Table, url: str, engine: sa.Engine, monkeypatch) -> None:
    monkeypatch.setattr(sql, 'ROWS_AT_ONCE', 1)
    with engine.begin() as connection:
        connection.execute(sa.text('CREATE TABLE n (k BIGINT PRIMARY KEY, s VARCHAR NOT NULL)'))
        connection.execute(sa.text("INSERT INTO n VALUES (7, 'seven')"))
    for code, query, mode in (
        ('CONSTRAINT_VIOLATION', things.select(things.k, things.s), 'insert'),  # the second row has NULL
        ('UNSUPPORTED_OPERATION', things.select(x=things.im.rotate(90)), 'replace'),
        ('UNSUPPORTED_OPERATION', things.select(bad=fails(things.k)), 'replace'),
    ):
        with pytest.raises(pxt.RequestError) as caught:
            pxt.io.export_sql(query.order_by(things.k), 'n', db_connect_str=url, if_exists=mode)
        assert caught.value.error_code is pxt.ErrorCode[code]
    with pytest.raises(pxt.RequestError, match='two'):
        pxt.io.export_sql(things.select(bad=fails(things.k)).order_by(things.k), 'new', db_connect_str=url)
    assert sa.inspect(engine).get_table_names() == ['n']
    with engine.connect() as connection:
        assert connection.execute(sa.select(_table(engine, 'n'))).all() == [(7, 'seven')]


@pxt.udf
def fails(k: int) -> int:
    if k == 2:
        raise ValueError('two')
    return k


def test_mistakes(things: pxt.Table, tmp_path) -> None:
    url = f'sqlite:///{tmp_path / "other.db"}'

    def check(code: str, text: str, *arguments: object, **options: object) -> None:
        with pytest.raises(pxt.Error, match=text) as caught:
            pxt.io.export_sql(*arguments, **options)
        assert caught.value.error_code is pxt.ErrorCode[code]

    check('INVALID_ARGUMENT', 'table or a query', 5, 'n', db_connect_str=url)
    check('INVALID_ARGUMENT', 'if_exists', things, 'n', db_connect_str=url, if_exists='append')
    check('INVALID_ARGUMENT', 'if_not_exists', things, 'n', db_connect_str=url, if_not_exists='x')
    check('INVALID_ARGUMENT', 'parse', things, 'n', db_connect_str='nonsense')
    check('INVALID_ARGUMENT', 'target_table_name', things, 5, db_connect_str=url)
    check('INVALID_CONFIGURATION', 'driver', things, 'n', db_connect_str='foo://bar')
    check('UNSUPPORTED_OPERATION', 'zz', things, 'n', db_connect_str=url, target_schema_name='zz')
    far = 'postgresql+psycopg://user:password@127.0.0.1:1/x'
    with pytest.raises(pxt.ServiceUnavailableError) as caught:
        pxt.io.export_sql(things, 'n', db_connect_str=far)
    assert caught.value.error_code is pxt.ErrorCode.DATABASE_UNAVAILABLE
    assert ':password' not in caught.value.message


def test_queries_and_appending(engine: sa.Engine) -> None:
    table = sa.Table(
        'source', sa.MetaData(), sa.Column('Id', sa.Integer), sa.Column('my price', sa.Numeric(10, 2)),
        sa.Column('kind', sa.Enum('a', 'b', name='kinds')), sa.Column('seen', sa.DateTime),
    )  # fmt: skip
    table.create(engine)
    with engine.begin() as connection:
        when = datetime.datetime(2024, 1, 1)
        connection.execute(table.insert(), [{'Id': 1, 'my price': 1.5, 'kind': 'a', 'seen': when}])
        connection.execute(table.insert(), [{'Id': 2}])
    first = sa.select(table).where(table.c.Id == 1)
    t = pxt.io.import_sql(first, engine, 't')
    assert t.columns() == ['id', 'my_price', 'kind', 'seen']
    with engine.connect() as connection:
        second = sa.select(table.c.Id.label('id')).where(table.c.Id == 2)
        assert pxt.io.import_sql(second, connection, 't', if_exists='append') == t
    assert t.order_by(t.id).collect()['my_price'] == [1.5, None]
    assert t.get_metadata()['version'] == 1
    none = pxt.io.import_sql(sa.select(table).where(table.c.Id == 9), engine, 'none', if_exists='append')
    assert none.count() == 0
    text = sa.text('SELECT 1 AS a').columns(a=sa.Integer)
    assert pxt.io.import_sql(text, engine, 'text', schema_overrides={'a': pxt.Float}).collect()['a'] == [1.0]


def test_mistakes_of_imports(engine: sa.Engine) -> None:
    t = pxt.create_table('t', {'a': pxt.Int})
    one = sa.select(sa.literal(1).label('a'))

    def check(code: str, text: str, *arguments: object, **options: object) -> None:
        with pytest.raises(pxt.Error, match=text) as caught:
            pxt.io.import_sql(*arguments, **options)
        assert caught.value.error_code is pxt.ErrorCode[code]
        assert pxt.list_tables() == ['t']

    check('INVALID_ARGUMENT', 'selectable', 'SELECT 1', engine, 'x')
    check('INVALID_ARGUMENT', 'selectable', sa.text('SELECT 1 AS a'), engine, 'x')
    check('INVALID_ARGUMENT', 'conn', one, 'sqlite://', 'x')
    check('INVALID_ARGUMENT', 'if_exists', one, engine, 'x', if_exists='replace')
    check('PATH_ALREADY_EXISTS', "'t'", one, engine, 't')
    check('INVALID_TYPE', "'u'", sa.select(sa.literal_column('1').label('u')), engine, 'x')
    check('COLUMN_NOT_FOUND', "'b'", sa.select(sa.literal(1).label('b')), engine, 't', if_exists='append')
    check('TYPE_MISMATCH', 'Float', sa.select(sa.literal(1.5).label('a')), engine, 't', if_exists='append')
    check('UNSUPPORTED_OPERATION', 'gone', sa.table('gone', sa.column('a', sa.Integer)), engine, 'x')
    check(
        'UNSUPPORTED_OPERATION', "'a'", sa.select(sa.null().cast(sa.Integer).label('a')), engine, 'x', primary_key='a'
    )
    assert t.count() == 0


VALUES = st.fixed_dictionaries(
    {
        'i': st.integers(-(2**63), 2**63 - 1),
        's': st.none() | st.text(st.characters(codec='utf-8', exclude_characters='\0'), max_size=9),
        'f': st.none() | st.floats(allow_nan=False),
        'w': st.none() | st.datetimes(timezones=st.just(datetime.UTC)),
        'd': st.none() | st.dates(),
        'j': st.none() | st.dictionaries(st.text(string.ascii_letters, max_size=3), st.integers(-9, 9) | st.booleans()),
        'b': st.none() | st.binary(max_size=9),
    }
)


@hypothesis.settings(max_examples=15, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(rows=st.lists(VALUES, min_size=1, max_size=5, unique_by=lambda row: row['i']))
def test_every_value_comes_back(url: str, engine: sa.Engine, rows: list[dict[str, object]]) -> None:
    types = {
        'i': pxt.Int,
        's': pxt.String,
        'f': pxt.Float,
        'w': pxt.Timestamp,
        'd': pxt.Date,
        'j': pxt.Json,
        'b': pxt.Binary,
    }
    schema = {name: type_ if name == 'i' else type_ | None for name, type_ in types.items()}
    t = pxt.create_table('t', schema, if_exists='replace')
    t.insert(rows)
    pxt.io.export_sql(t, 'values', db_connect_str=url, if_exists='replace')
    pxt.drop_table('back', if_not_exists='ignore')
    back = pxt.io.import_sql(_table(engine, 'values'), engine, 'back', schema_overrides={'i': pxt.Int})
    assert back.order_by(back.i).collect() == t.order_by(t.i).collect()
