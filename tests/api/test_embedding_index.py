from __future__ import annotations

import numpy as np
import pytest

import pixeltable as pxt


@pytest.fixture
def embed(calls):
    """Counts the letters a to d: texts with the same letters are close."""
    path = calls.path

    @pxt.udf
    def letters(text: str) -> pxt.Array[(4,), pxt.Float]:
        with open(path, 'a') as log:
            log.write(f'{text}\n')
        return np.array([text.count(letter) for letter in 'abcd'], dtype=np.float32)

    return letters


@pytest.fixture
def docs(embed) -> pxt.Table:
    table = pxt.create_table('docs', {'text': pxt.String | None, 'n': pxt.Int})
    table.add_embedding_index('text', string_embed=embed)
    table.insert({'text': text, 'n': n} for n, text in enumerate(['aab', 'ab', 'b', 'ccd', None, 'd']))
    return table


def found(query) -> list[int]:
    return query.collect()['n']


def test_search(docs) -> None:
    sim = docs.text.similarity('aab')
    result = docs.order_by(sim, asc=False).limit(2).select(docs.text, sim).collect()
    assert result['text'] == ['aab', 'ab']
    assert result['similarity'] == pytest.approx([1, 3 / 10**0.5], abs=2e-3)


def test_both_spellings(docs, embed) -> None:
    other = pxt.create_table('other', {'text': pxt.String})
    other.insert([{'text': 'aab'}, {'text': 'd'}])
    other.add_embedding_index(other.text, embedding=embed)
    assert other.order_by(other.text.similarity(string='d'), asc=False).limit(1).collect()['text'] == ['d']


def test_the_embedding_is_a_column(docs) -> None:
    assert docs.columns() == ['text', 'n', 'text_embedding']
    vectors = docs.select(docs.text_embedding).collect()['text_embedding']
    assert vectors[0].tolist() == [2, 1, 0, 0]
    assert vectors[0].dtype == np.float16
    assert vectors[4] is None


def test_search_by_vector(docs) -> None:
    assert found(docs.order_by(docs.text.similarity(vector=[0, 0, 1, 1]), asc=False).limit(2)) == [3, 5]


def test_clauses_in_any_order(docs) -> None:
    sim = docs.text.similarity('a')
    best = docs.order_by(sim, asc=False)
    assert found(best.where(docs.n != 0).limit(2).select(docs.n, sim)) == [1, 2]
    assert found(docs.where(docs.n != 0).select(docs.n).limit(2).order_by(sim, asc=False)) == [1, 2]
    assert found(best.limit(2, offset=1)) == [1, 2]


def test_a_filter_in_python(docs) -> None:
    @pxt.udf
    def even(n: int) -> bool:
        return n % 2 == 0

    sim = docs.text.similarity('ab')
    assert found(docs.where(even(docs.n)).order_by(sim, asc=False).limit(1)) == [0]


def test_search_agrees_with_sorting(docs) -> None:
    sim = docs.text.similarity('abcd')
    searched = docs.order_by(sim, asc=False).limit(5).select(docs.n, sim).collect()
    scores = docs.where(docs.text != None).select(docs.n, sim).collect()  # noqa: E711
    assert searched == sorted(scores, key=lambda row: (-row['similarity'], row['n']))
    assert found(docs.order_by(sim, asc=False)) == [*searched['n'], 4]
    assert found(docs.order_by(sim, asc=False, nulls='first').limit(1)) == [4]


def test_rows_without_a_similarity_are_the_last(docs) -> None:
    sim = docs.text.similarity('aab')
    everything = docs.order_by(sim, asc=False).select(docs.n, sim)
    assert everything.collect()[-1] == {'n': 4, 'similarity': None}
    assert everything.limit(9).collect() == everything.collect()
    docs.delete(docs.n == 0)
    few = docs.where(docs.n.isin([0, 3, 4])).order_by(sim, asc=False).limit(2).select(docs.n, sim).collect()
    assert [row['n'] for row in few] == [3, 4]
    assert few[1, 'similarity'] is None


def test_similarity_as_a_value(docs) -> None:
    docs.where(docs.text.similarity('aab') > 0.99).delete()
    assert found(docs) == [1, 2, 3, 4, 5]


def test_deleted_rows_are_not_found(docs) -> None:
    docs.delete(docs.n == 0)
    assert found(docs.order_by(docs.text.similarity('aab'), asc=False).limit(1)) == [1]


def test_only_the_changed_row_is_embedded_again(docs, calls) -> None:
    assert calls.take() == ['aab', 'ab', 'b', 'ccd', 'd']
    status = docs.update({'text': 'dddd'}, where=docs.n == 2)
    assert calls.take() == ['dddd']
    assert status.num_computed_values == 1
    docs.update({'n': 50}, where=docs.n == 5)
    assert calls.take() == []
    assert found(docs.order_by(docs.text.similarity('dd'), asc=False).limit(2).select(docs.n)) == [2, 50]


def test_a_second_index_on_a_column(docs) -> None:
    @pxt.udf
    def length(text: str) -> pxt.Array[(2,), pxt.Float]:
        return np.array([len(text), 1], dtype=np.float32)

    docs.add_embedding_index('text', idx_name='by_length', string_embed=length, metric='l2')
    assert docs.columns()[-1] == 'text_by_length'
    sim = docs.text.similarity('abcd', idx='by_length')
    assert docs.order_by(sim, asc=False).limit(2).collect()['text'] == ['aab', 'ccd']
    with pytest.raises(pxt.RequestError, match='idx0, by_length'):
        docs.text.similarity('x')


@pytest.mark.parametrize(('metric', 'best', 'score'), [('cosine', 'a', 1.0), ('ip', 'aaaa', 8.0), ('l2', 'a', -1.0)])
def test_metrics(embed, metric, best, score) -> None:
    table = pxt.create_table('m', {'text': pxt.String})
    table.insert({'text': text} for text in ('a', 'aab', 'aaaa', 'd'))
    table.add_embedding_index('text', string_embed=embed, metric=metric)
    sim = table.text.similarity('aa')
    (row,) = table.order_by(sim, asc=False).limit(1).select(table.text, sim).collect()
    assert row['text'] == best
    assert row['similarity'] == pytest.approx(score)


def test_precision(embed) -> None:
    table = pxt.create_table('m', {'text': pxt.String})
    table.insert(text='a' * 2049)
    table.add_embedding_index('text', idx_name='half', string_embed=embed)
    table.add_embedding_index('text', idx_name='full', string_embed=embed, precision='fp32')
    row = table.collect()[0]
    assert (row['text_embedding'][0], row['text_full'][0]) == (2048, 2049)
    assert row['text_full'].dtype == np.float32


def test_back_filled(embed, docs) -> None:
    table = pxt.create_table('late', {'text': pxt.String})
    table.insert({'text': 'ab' * n} for n in range(1, 50))
    table.add_embedding_index('text', embedding=embed)
    assert table.get_metadata()['indexes']['idx0']['columns'] == ['text']
    assert table.where(table.text_embedding == None).count() == 0  # noqa: E711


def test_drop(docs) -> None:
    docs.drop_embedding_index(column='text')
    assert docs.columns() == ['text', 'n']
    with pytest.raises(pxt.NotFoundError, match='add_embedding_index') as caught:
        docs.text.similarity('a')
    assert caught.value.error_code is pxt.ErrorCode.INDEX_NOT_FOUND
    docs.drop_embedding_index(column='text', if_not_exists='ignore')


def test_drop_of_an_index_of_a_view_on_a_column_of_its_base(docs, embed) -> None:
    view = pxt.create_view('view', docs.where(docs.n < 3))
    view.add_embedding_index('text', string_embed=embed, metric='ip')
    view.drop_embedding_index(column='text')
    assert (view.get_metadata()['indexes'], list(docs.get_metadata()['indexes'])) == ({}, ['idx0'])
    with pytest.raises(pxt.RequestError, match="belongs to 'docs'"):
        view.drop_embedding_index(column='text')


def test_the_same_index_twice(docs, embed) -> None:
    with pytest.raises(pxt.AlreadyExistsError, match='idx0'):
        docs.add_embedding_index('text', string_embed=embed)
    docs.add_embedding_index('text', idx_name='idx0', string_embed=embed, if_exists='ignore')
    docs.add_embedding_index('text', idx_name='idx0', string_embed=embed, metric='ip', if_exists='replace')
    assert docs.get_metadata()['indexes']['idx0']['parameters']['metric'] == 'ip'
    assert docs.columns() == ['text', 'n', 'text_embedding']


def test_a_failing_embedding_is_an_error_cell(docs) -> None:
    @pxt.udf
    def picky(text: str) -> pxt.Array[(1,), pxt.Float]:
        if text == 'ccd':
            raise ValueError('not this one')
        return np.ones(1, dtype=np.float32)

    with pytest.warns(pxt.PixeltableWarning, match='not this one'):
        docs.add_embedding_index('text', idx_name='picky', embedding=picky)
    assert docs.where(docs.text_picky.errortype != None).collect()['n'] == [3]  # noqa: E711
    sim = docs.text.similarity('x', idx='picky')
    assert found(docs.order_by(sim, asc=False).limit(10)) == [0, 1, 2, 5, 3, 4]


def test_after_reopening(docs, reopen, calls) -> None:
    calls.take()
    reopen()
    docs = pxt.get_table('docs')
    assert found(docs.order_by(docs.text.similarity('ccd'), asc=False).limit(1)) == [3]
    assert calls.take() == ['ccd']


def test_a_column_is_dropped_with_its_indexes(docs, embed) -> None:
    docs.add_embedding_index('text', idx_name='again', embedding=embed, metric='l2')
    docs.drop_column('text')
    assert (docs.columns(), docs.get_metadata()['indexes']) == (['n'], {})
    docs.revert()
    assert docs.order_by(docs.text.similarity('d', idx='again'), asc=False).limit(1).collect()['n'] == [5]


def test_a_column_whose_embeddings_are_read_stays(docs) -> None:
    docs.add_computed_column(first=docs.text_embedding[0])
    with pytest.raises(pxt.RequestError, match="'text_embedding' of 'docs' cannot be dropped: 'first'"):
        docs.drop_column('text')


def test_the_rows_of_a_table_are_copied_without_its_embeddings(docs) -> None:
    assert pxt.create_table('copy', source=docs).columns() == ['text', 'n']
    other = pxt.create_table('other', {'text': pxt.String | None, 'n': pxt.Int})
    assert (other.insert(docs).num_rows, other.insert(docs.where(docs.n > 3)).num_rows) == (6, 2)
    chosen = pxt.create_table('chosen', source=docs.select(docs.n, docs.text_embedding))
    assert chosen.columns() == ['n', 'text_embedding']


def test_a_function_gets_embeddings_in_the_precision_that_it_declares(docs) -> None:
    @pxt.udf
    def precision(vector: pxt.Array[(4,), pxt.Float]) -> str:
        return str(vector.dtype)

    assert docs.where(docs.n == 1).select(v=precision(docs.text_embedding)).collect()['v'] == ['float32']
    assert docs.where(docs.n == 1).select(v=precision(docs.text.embedding())).collect()['v'] == ['float32']
