from __future__ import annotations

import numpy as np
import pytest

import pixeltable as pxt


@pxt.udf
def embed(text: str) -> pxt.Array[(2,), pxt.Float]:
    return np.array([len(text), 1], dtype=np.float32)


def declare(Base, value=1, **options):  # noqa: N803
    class Docs(Base, name='docs', **options):
        k: pxt.Int
        text: pxt.String | None
        note = pxt.Column(type=pxt.Int | None, comment='a number')
        upper = text.upper()  # noqa: F821
        more = pxt.Column(value=k + value, stored=False)  # noqa: F821
        __indexes__ = [pxt.BtreeIndex(k), pxt.EmbeddingIndex(text, embedding=embed)]  # noqa: F821, RUF012

    return Docs


@pytest.fixture
def Base():  # noqa: N802
    return pxt.model_base()


@pytest.fixture
def Docs(Base):  # noqa: N802, N803
    return declare(Base, comment='all docs')


def test_a_table_is_made_and_used(Base, Docs) -> None:  # noqa: N803
    found = Base.create_all()
    assert found['docs'].resolution == 'create'
    Docs.insert([{'k': 1, 'text': 'a'}, {'k': 2, 'text': 'b'}])
    rows = Docs.where(Docs.k > 1).select(Docs.k, Docs.upper, Docs.more).collect()
    assert list(rows) == [{'k': 2, 'upper': 'B', 'more': 3}]
    assert Docs.count() == 2
    metadata = Docs.get_metadata()
    assert (metadata['path'], metadata['comment'], list(metadata['indexes'])) == ('docs', 'all docs', ['idx0', 'idx1'])
    assert list(metadata['columns']) == ['k', 'text', 'note', 'upper', 'more', 'text_embedding']
    assert (metadata['columns']['note']['comment'], metadata['columns']['more']['is_stored']) == ('a number', False)
    assert Docs.table == pxt.get_table('docs')
    assert Docs.update({'text': 'long'}, where=Docs.k == 1).num_rows == 1
    assert Docs.order_by(Docs.text.similarity(string='four'), asc=False).limit(1).collect()['k'] == [1]


def test_a_computed_key(Base) -> None:  # noqa: N803
    class Films(Base, name='films'):
        title: pxt.String
        key = pxt.Column(value=pxt.functions.uuid.uuid7(), primary_key=True)

    Base.create_all()
    Films.insert([{'title': 'a'}, {'title': 'b'}])
    assert Films.get_metadata()['primary_key'] == ['key']
    key = Films.where(Films.title == 'b').collect()[0, 'key']
    assert Films.batch_update([{'key': key, 'title': 'c'}]).num_rows == 1
    assert Base.create_all()['films'].resolution == 'up_to_date'


def test_queries_from_before_there_is_a_table(Base, Docs) -> None:  # noqa: N803
    query = Docs.where(Docs.k > 1).order_by(Docs.k, asc=False).select(Docs.k, label=f'<{Docs.text}>')
    assert 'k > 1' in repr(query)
    with pytest.raises(pxt.RequestError, match='create_all') as caught:
        query.collect()
    assert caught.value.error_code is pxt.ErrorCode.NOT_BOUND
    Base.create_all()
    Docs.insert([{'k': k, 'text': str(k)} for k in range(4)])
    assert list(query.collect()) == [{'k': 3, 'label': '<3>'}, {'k': 2, 'label': '<2>'}]
    assert query.count() == 2


def test_binding(Base, Docs) -> None:  # noqa: N803
    with pytest.raises(pxt.RequestError) as caught:
        _ = Docs.table
    assert caught.value.error_code is pxt.ErrorCode.NOT_BOUND
    with pytest.raises(pxt.NotFoundError):
        Base.bind_all()
    pxt.create_dir('d')
    Base.create_all('d')
    Base.create_all('d')
    with pytest.raises(pxt.RequestError) as caught:
        Base.bind_all('')
    assert caught.value.error_code is pxt.ErrorCode.ALREADY_BOUND
    other = pxt.model_base()
    again = declare(other, comment='all docs')
    other.bind_all('d')
    assert again.table == Docs.table
    assert other.get_model_diff('d')['docs'].resolution == 'up_to_date'


def test_additive_changes(Base, Docs) -> None:  # noqa: N803
    Base.create_all()
    Docs.insert(k=1, text='a')
    base = pxt.model_base()

    class Changed(base, name='docs', comment='all docs'):
        k: pxt.Int
        text: pxt.String | None
        note = pxt.Column(type=pxt.Int | None, comment='a number')
        extra: pxt.Float | None
        upper = text.lower()  # noqa: F821
        more = pxt.Column(value=k + 1, stored=False)  # noqa: F821
        __indexes__ = [pxt.BtreeIndex(k), pxt.EmbeddingIndex(text, embedding=embed), pxt.BtreeIndex(note)]  # noqa: F821, RUF012

    (found,) = base.get_model_diff().values()
    assert found.resolution == 'update_additive'
    assert [(op.target, op.op, op.name) for op in found.ops] == [
        ('column', 'add', 'extra'),
        ('column', 'alter', 'upper'),
        ('index', 'add', 'note'),
    ]
    with pytest.raises(pxt.RequestError, match='extra') as caught:
        base.create_all()
    assert caught.value.error_code is pxt.ErrorCode.SCHEMA_MISMATCH
    base.update_all()
    assert Changed.get_metadata()['columns']['upper']['computed_with'] == 'text.lower()'
    assert [row['column'] for row in Changed.stale()] == ['upper']
    assert base.get_model_diff()['docs'].resolution == 'up_to_date'


def test_changes_that_lose_something(Base, Docs, capsys) -> None:  # noqa: N803
    Base.create_all()
    base = pxt.model_base()

    class Smaller(base, name='docs', comment='all docs'):
        k: pxt.Int

    assert base.get_model_diff()['docs'].resolution == 'update_destructive'
    with pytest.raises(pxt.RequestError, match="'text' will be dropped") as caught:
        base.update_all()
    assert caught.value.error_code is pxt.ErrorCode.DESTRUCTIVE_SCHEMA_CHANGE
    base.diff_all()
    assert "'text' will be dropped" in capsys.readouterr().out
    base.update_all(allow_destructive=True)
    assert Smaller.columns() == ['k']


def test_changes_that_cannot_be_made(Base, Docs) -> None:  # noqa: N803
    Base.create_all()
    base = pxt.model_base()

    class Other(base, name='docs'):
        k: pxt.String

    assert base.get_model_diff()['docs'].resolution == 'unsupported'
    with pytest.raises(pxt.RequestError, match='comment') as caught:
        base.update_all(allow_destructive=True)
    assert caught.value.error_code is pxt.ErrorCode.SCHEMA_MISMATCH
    assert 'text' in pxt.get_table('docs').columns()


def test_a_model_that_fails_leaves_no_table(Base) -> None:  # noqa: N803
    class Wrong(Base, name='wrong'):
        k: pxt.Int
        __indexes__ = [pxt.EmbeddingIndex('k', embedding=embed)]  # noqa: RUF012

    with pytest.raises(pxt.RequestError):
        Base.create_all()
    assert pxt.list_tables() == []


def test_mistakes(Base) -> None:  # noqa: N803
    def check(code: str, make) -> None:
        with pytest.raises(pxt.Error) as caught:
            make()
        assert caught.value.error_code is pxt.ErrorCode[code]

    def body(**names):
        def make():
            space = type(Base).__prepare__('M', (Base,), name='m')
            for name, value in names.items():
                space[name] = value
            return space

        return make

    check('INVALID_EXPRESSION', body(x=5))
    check('INVALID_COLUMN_NAME', body(count=pxt.Column(type=pxt.Int)))
    check('INVALID_ARGUMENT', body(x=pxt.Column(type=pxt.Int, value=1)))
    check('INVALID_TYPE', body(x=pxt.Column(type='nonsense')))
    check('INVALID_ARGUMENT', lambda: type(Base)('M', (Base,), body(x=pxt.Column(type=pxt.Int))()))
    check(
        'INVALID_ARGUMENT', lambda: type(Base)('M', (Base,), body(x=pxt.Column(type=pxt.Int))(), name='m', colour='red')
    )
    check('INVALID_ARGUMENT', lambda: type(Base)('M', (Base,), body()(), name='m'))


def test_views(Base, Docs) -> None:  # noqa: N803
    class Long(Base, name='long', base=Docs.where(Docs.k > 1)):
        twice = Docs.k * 2
        remark: pxt.String | None

    class All(Base, name='all', base=Docs):
        plus = Long.twice if False else Docs.k + 1

    Base.create_all()
    Docs.insert([{'k': 1, 'text': 'a'}, {'k': 2, 'text': 'b'}])
    assert Long.collect()['twice'] == [4]
    assert All.order_by(All.k).collect()['plus'] == [2, 3]
    assert {diff.resolution for diff in Base.get_model_diff().values()} == {'up_to_date'}
    assert Long.get_metadata()['view_filter'] == 'k > 1'


def test_if_one_table_fails_there_is_none(Base, Docs) -> None:  # noqa: N803
    class Wrong(Base, name='wrong', base=Docs):
        text = Docs.text

    with pytest.raises(pxt.AlreadyExistsError):
        Base.create_all()
    assert pxt.list_tables() == []
    with pytest.raises(pxt.RequestError) as caught:
        Docs.count()
    assert caught.value.error_code is pxt.ErrorCode.NOT_BOUND


def test_a_column_that_is_named_like_a_verb(Base) -> None:  # noqa: N803
    class Calls(Base, name='calls'):
        usage: pxt.Int

    assert str(Calls.usage.col_type) == 'Int'
    Base.create_all()
    Calls.insert(usage=3)
    assert Calls.select(Calls.usage).collect()['usage'] == [3]
    assert Calls.stale().to_arrow().num_rows == 0


def test_a_name_twice(Base, Docs) -> None:  # noqa: N803
    with pytest.raises(pxt.RequestError, match="'docs'") as caught:
        declare(Base)
    assert caught.value.error_code is pxt.ErrorCode.INVALID_SCHEMA
