"""Vendors that make images and films, or embed them: what is sent, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
import base64
import io
from typing import Any

import films
import PIL.Image
import pytest
from provider_calls import ask, at, png
from wire import Reply, Wire

import pixeltable as pxt
from pixeltable.errors import ErrorCode, ExternalServiceError
from pixeltable.functions import bfl, fabric, fal, replicate, runwayml, twelvelabs, voyageai
from pixeltable.functions._provider import waiting

SECRETS = dict.fromkeys(('bfl', 'fal', 'voyage', 'twelvelabs'), 'api_key') | {
    'replicate': 'api_token',
    'runwayml': 'api_secret',
}


@pytest.fixture(autouse=True)
def _configured(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    for section, credential in SECRETS.items():
        monkeypatch.setenv(f'{section}_{credential}'.upper(), 'key')
        monkeypatch.setenv(f'{section}_base_url'.upper(), wire.url)


@pytest.fixture
def t(tmp_path) -> pxt.Table:
    columns = {'text': pxt.String | None, 'img': pxt.Image | None, 'sound': pxt.Audio | None, 'film': pxt.Video | None}
    table = pxt.create_table('t', columns)
    image = PIL.Image.new('RGB', (3, 2))
    sound, film = films.sound(tmp_path / 'a.wav'), films.film(tmp_path / 'a.mp4')
    table.insert([{'text': 'hi', 'img': image, 'sound': str(sound), 'film': str(film)}])
    return table


def test_replicate(wire, t) -> None:
    wire.says('/models/owner/name/predictions', {'id': 'x'})
    wire.says('/predictions', {'id': 'x'})
    wire.says('/predictions/x', {'status': 'succeeded', 'output': 'made'}, {'status': 'failed', 'error': 'no cats'})
    given = {'prompt': t.text, 'image': t.img, 'film': t.film, 'more': [t.img]}
    assert ask(t, replicate.run(given, ref='owner/name')) == 'made'
    sent = wire.requests[0]
    assert (sent.headers['authorization'], sent.body['input']['prompt']) == ('Bearer key', 'hi')
    starts = [sent.body['input'][name].partition('/')[0] for name in ('image', 'film')]
    assert starts == ['data:image', 'data:video']
    assert sent.body['input']['more'][0].startswith('data:image/')
    with pytest.raises(pxt.Error, match='replicate could not do it: no cats'):
        ask(t, replicate.run({'prompt': t.text}, ref='owner/name:abc'))
    assert [r.body for r in wire.requests if r.path == '/predictions'] == [
        {'input': {'prompt': 'hi'}, 'version': 'abc'}
    ]


def test_text_that_looks_like_a_file_stays_text(wire, t) -> None:
    wire.says('/predictions', {'id': 'x'})
    wire.says('/predictions/x', {'status': 'succeeded', 'output': 'made'})
    ask(t, replicate.run({'prompt': 'file:///etc/a.png', 'name': 'file:///etc/passwd'}, ref='abc'))
    assert wire.requests[0].body['input'] == {'prompt': 'file:///etc/a.png', 'name': 'file:///etc/passwd'}


def test_fal(wire, t) -> None:
    wire.says('/app', at('', status_url='/status', response_url='/response'))
    wire.says('/status', {'status': 'COMPLETED', 'error': 'no cats'})
    with pytest.raises(pxt.Error, match='no cats'):
        ask(t, fal.run({'image_url': t.img}, app='app'))
    assert wire.requests[0].headers['authorization'] == 'Key key'


def test_bfl(wire, t) -> None:
    wire.says('/flux', at('', polling_url='/wait'))
    moderated = {'status': 'Request Moderated', 'details': {'Moderation Reasons': ['cats']}}
    wire.says('/wait', lambda request: {'status': 'Ready', 'result': at('', sample='/a.png')(request)}, moderated)
    wire.says('/a.png', Reply(png()))
    found = bfl.edit(t.text, t.img, model='flux', reference_images=[t.img], seed=4)
    assert ask(t, found).size == (3, 2)
    sent = wire.requests[0]
    assert (sent.headers['x-key'], sent.body['seed'], 'width' in sent.body) == ('key', 4, False)
    pictures = [io.BytesIO(base64.b64decode(sent.body[name])) for name in ('input_image', 'input_image_2')]
    assert [PIL.Image.open(picture).size for picture in pictures] == [(3, 2)] * 2
    assert 'x-key' not in wire.requests[-1].headers  # where the image lies is no business of the key
    pxt.ledger.clear()
    with pytest.raises(pxt.Error, match=r'Request Moderated.*cats'):
        ask(t, found)


@pytest.mark.parametrize(
    ('path', 'make'),
    [
        ('/app', lambda t: fal.run({'prompt': t.text}, app='app')),
        ('/flux', lambda t: bfl.generate(t.text, model='flux')),
        ('/predictions', lambda t: replicate.run({'prompt': t.text}, ref='abc')),
        ('/text_to_video', lambda t: runwayml.text_to_video(t.text, 'm', '1:1')),
        ('/assets', lambda t: twelvelabs.embed(t.sound, model_name='marengo3.0')),
    ],
)
def test_an_answer_that_names_no_result(wire, t, path, make) -> None:
    wire.says(path, {})
    with pytest.raises(pxt.Error, match='does not say where the result will be'):
        ask(t, make(t))


@pytest.mark.parametrize('url', ['http://[', None, 'x'])
def test_an_image_that_is_nowhere(wire, t, url) -> None:
    wire.says('/flux', at('', polling_url='/wait'))
    wire.says('/wait', {'status': 'Ready', 'result': {'sample': url}})
    with pytest.raises(pxt.Error) as caught:
        ask(t, bfl.generate(t.text, model='flux'))
    assert isinstance(caught.value.__cause__, ExternalServiceError)


def test_runway(wire, t) -> None:
    wire.says('/image_to_video', {'id': 'x'})
    wire.says('/tasks/x', {'status': 'FAILED', 'failure': 'no cats'})
    kwargs = {'content_moderation': {'publicFigureThreshold': 'low'}}
    with pytest.raises(pxt.Error, match='no cats'):
        ask(t, runwayml.image_to_video(t.img, 'gen4_turbo', '1280:720', prompt_text=t.text, model_kwargs=kwargs))
    sent = wire.requests[0]
    assert sent.headers['x-runway-version'] == '2024-11-06'
    assert (sent.body['promptText'], sent.body['ratio'], 'seed' in sent.body) == ('hi', '1280:720', False)
    assert sent.body['contentModeration'] == {'publicFigureThreshold': 'low'}
    assert sent.body['promptImage'].startswith('data:image/')


def embedding(option: str | None = None, value: float = 0.5) -> dict[str, Any]:
    return {'embedding': [value] * 512, 'embedding_option': option}


def test_twelvelabs(wire, t) -> None:
    wire.says('/embed-v2', {'data': [embedding()]})
    wire.says('/assets', {'_id': 'a', 'status': 'processing'})
    wire.says('/assets/a', {'_id': 'a', 'status': 'processing'}, {'_id': 'a', 'status': 'ready'})
    wire.says('/embed-v2/tasks', {'_id': 'b'})
    both = [embedding('audio'), embedding('visual', 0.25)]
    wire.says('/embed-v2/tasks/b', {'status': 'processing'}, {'status': 'ready', 'data': both})
    for model, kind in (('marengo3.0', 'text_image'), ('marengo3.5', 'multi_input')):
        assert ask(t, twelvelabs.embed(t.text, t.img, model_name=model)).shape == (512,)
        assert wire.requests[-1].body['input_type'] == kind
    assert ask(t, twelvelabs.embed(t.img, model_name='marengo3.0')).shape == (512,)
    found = twelvelabs.embed(t.film, model_name='marengo3.0', start_sec=1, embedding_option=['visual', 'audio'])
    assert (ask(t, found)[0], found.col_type.array.shape) == (0.25, (512,))
    task = next(r for r in wire.requests if r.path == '/embed-v2/tasks').body
    assert (task['input_type'], task['video']['start_sec'], task['video']['media_source']) == (
        'video',
        1,
        {'asset_id': 'a'},
    )
    assert b'name="method"' in next(r for r in wire.requests if r.path == '/assets').content
    assert ask(t, twelvelabs.embed(t.sound, model_name='marengo3.0', embedding_option=['transcription'])) is None
    wire.says('/embed-v2/tasks/b', {'status': 'failed', 'error': {'message': 'no cats'}})
    with pytest.raises(pxt.Error, match='no cats'):
        ask(t, twelvelabs.embed(t.sound, model_name='marengo3.0', end_sec=1))


def test_an_index(wire, t) -> None:
    wire.says('/embed-v2', {'data': [embedding()]})
    t.add_embedding_index('img', embedding=twelvelabs.embed.using(model_name='marengo3.0'))
    found = t.order_by(t.img.similarity(string='a cat'), asc=False).select(t.text).collect()['text']
    assert (found, wire.requests[-1].body['text']) == (['hi'], {'input_text': 'a cat'})


def test_voyage(wire, t) -> None:
    wire.says('/multimodalembeddings', {'data': [{'embedding': [0.5] * 1024}]})
    for value, kind in ((t.text, 'text'), (t.img, 'image_base64'), (t.film, 'video_base64')):
        assert ask(t, voyageai.multimodal_embed(value, model='m')).shape == (1024,)
        assert wire.requests[-1].body['inputs'][0]['content'][0]['type'] == kind
    lengths = {
        model: voyageai.embeddings(t.text, model=model).col_type.array.shape[0]
        for model in ('voyage-3.5', 'voyage-3-lite')
    }
    assert lengths == {'voyage-3.5': 1024, 'voyage-3-lite': 512}
    assert voyageai.embeddings(t.text, model='x', output_dtype='binary').col_type.array.shape == (128,)
    with pytest.raises(pxt.Error, match='input_type'):
        voyageai.embeddings(t.text, model='x', input_type='question')


def test_a_notebook_of_fabric(wire, t, tmp_path, monkeypatch) -> None:
    package = tmp_path / 'synapse' / 'ml' / 'fabric'
    package.mkdir(parents=True)
    (package / 'service_discovery.py').write_text(
        'from types import SimpleNamespace as N\n'
        f'def get_fabric_env_config(): return N(fabric_env_config=N(ml_workload_endpoint="{wire.url}/"))\n'
    )
    (package / 'token_utils.py').write_text(
        'class TokenUtils:\n    def get_openai_auth_header(self): return "Bearer of-the-notebook"\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    wire.says('/cognitive/openai/openai/deployments/gpt-4.1/embeddings', {'data': [{'embedding': [0.5]}]})
    assert ask(t, fabric.embeddings(t.text, model='gpt-4.1')).tolist() == [0.5]
    sent = wire.requests[0]
    assert (sent.headers['authorization'], sent.path.partition('?')[2]) == (
        'Bearer of-the-notebook', 'api-version=2024-02-15-preview',
    )  # fmt: skip


@pytest.mark.parametrize(('failures', 'code'), [(3, None), (9, ErrorCode.PROVIDER_OVERLOADED)])
def test_a_look_that_fails_does_not_end_the_wait(monkeypatch, failures, code) -> None:
    monkeypatch.setattr(waiting, '_FIRST_WAIT', 0.001)
    left = [ExternalServiceError(ErrorCode.PROVIDER_OVERLOADED, 'busy')] * failures

    async def look() -> str | None:
        if left:
            raise left.pop()
        return 'done'

    if code is None:
        assert asyncio.run(waiting.finished('x', look)) == 'done'
    else:
        with pytest.raises(ExternalServiceError) as caught:
            asyncio.run(waiting.finished('x', look))
        assert caught.value.error_code is code


def test_what_never_ends(monkeypatch) -> None:
    monkeypatch.setattr(waiting, '_FIRST_WAIT', 0.001)
    monkeypatch.setattr(waiting, 'SECONDS', 0.01)

    async def look() -> None:
        return None

    with pytest.raises(ExternalServiceError, match='x did not finish'):
        asyncio.run(waiting.finished('x', look))
