from __future__ import annotations

import PIL.Image
import pytest
from wire import Reply, Wire

import pixeltable as pxt
from pixeltable.functions import ollama

pytestmark = pytest.mark.needs('ollama')
COUNTS = {'prompt_eval_count': 4, 'eval_count': 2, 'done': True, 'model': 'm'}


@pytest.fixture
def t(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    monkeypatch.setenv('OLLAMA_HOST', wire.url)
    table = pxt.create_table('t', {'text': pxt.String | None, 'img': pxt.Image | None})
    table.insert([{'text': 'hi', 'img': PIL.Image.new('RGB', (3, 2))}, {'text': None}])
    return table


def test_generate(wire, t) -> None:
    wire.says('/api/generate', {'response': 'yes', **COUNTS})
    found = ollama.generate(t.text, model='m', format='{"type": "object"}', options={'seed': 1})
    assert t.select(x=found.response).collect()['x'] == ['yes', None]
    body = wire.requests[0].body
    assert (body['prompt'], body['format'], body['options']) == ('hi', {'type': 'object'}, {'seed': 1})


def test_chat(wire, t) -> None:
    wire.says('/api/chat', {'message': {'role': 'assistant', 'content': 'yes'}, **COUNTS})
    asked = [{'role': 'user', 'content': 'what?', 'images': [t.img]}]
    t.where(t.text == 'hi').select(x=ollama.chat(asked, model='m').message.content).collect()
    assert len(wire.requests[0].body['messages'][0]['images'][0]) > 20
    assert (wire.requests[0].body['model'], wire.requests[0].body['stream']) == ('m', False)


def test_embed(wire, t) -> None:
    wire.says('/api/embed', {'embeddings': [[1.0, 2.0]], **COUNTS})
    found = t.select(x=ollama.embed(t.text, model='m')).collect()['x']
    assert (found[0].tolist(), found[1]) == ([1.0, 2.0], None)
    wire.says('/api/embed', {'embeddings': [], **COUNTS})
    with pytest.raises(pxt.Error, match='0 embeddings for 1 inputs'):
        t.select(x=ollama.embed(t.text, model='other')).collect()


def test_failures(wire, t, monkeypatch) -> None:
    wire.says('/api/generate', Reply({'error': 'model not found'}, 404))
    with pytest.raises(pxt.Error, match=r'ollama answered with status 404.*model not found'):
        t.select(x=ollama.generate(t.text, model='m')).collect()
    assert len(wire.requests) == 1
    wire.says('/api/generate', Reply({'error': 'busy'}, 500), {'response': 'yes', **COUNTS})
    assert t.select(x=ollama.generate(t.text, model='m').response).collect()['x'] == ['yes', None]
    monkeypatch.setenv('OLLAMA_HOST', 'http://127.0.0.1:9')
    pxt.ledger.clear()
    with pytest.raises(pxt.Error, match='ollama could not be reached'):
        t.select(x=ollama.generate(t.text, model='m')).collect()


def test_an_index(wire, t) -> None:
    wire.says('/api/embed', lambda request: {'embeddings': [[len(s), 1.0] for s in request.body['input']], **COUNTS})
    t.add_embedding_index('text', string_embed=ollama.embed.using(model='m'))
    t.insert([{'text': 'a longer text'}])
    assert t.order_by(t.text.similarity('as long as it'), asc=False).limit(1).collect()['text'] == ['a longer text']
