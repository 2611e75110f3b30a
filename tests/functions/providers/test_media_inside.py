"""Media inside of requests: whatever an image expression stands for, the provider gets a picture."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import films
import papers
import PIL.Image
import pytest
from provider_calls import CHAT, GEMINI, OLLAMA
from wire import Reply, Wire

import pixeltable as pxt
from pixeltable.functions import anthropic, gemini, ollama, openai
from pixeltable.functions.image import tile_iterator
from pixeltable.functions.video import frame_iterator

Ask = Callable[[Any], Any]
ASKS: dict[str, Ask] = {
    'openai': lambda image: openai.chat_completions(
        [{'role': 'user', 'content': [{'type': 'image_url', 'image_url': image}]}], model='m'
    ),
    'anthropic': lambda image: anthropic.messages(
        [{'role': 'user', 'content': [{'type': 'image', 'source': image}]}], model='m', max_tokens=5
    ),
    'gemini': lambda image: gemini.generate_content(['what?', image], model='m'),
    'ollama': lambda image: ollama.chat([{'role': 'user', 'content': 'what?', 'images': [image]}], model='m'),
}
ANSWERS = {
    '/chat/completions': CHAT,
    '/v1/messages': {'content': [{'type': 'text', 'text': 'yes'}]},
    '/v1beta/models/m:generateContent': GEMINI,
    '/api/chat': {'message': {'role': 'assistant', 'content': 'yes'}, **OLLAMA},
}


@pytest.fixture(params=ASKS)
def ask(request: pytest.FixtureRequest, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Ask:
    pytest.importorskip({'gemini': 'google.genai'}.get(request.param, request.param))
    for name in ('OPENAI', 'ANTHROPIC', 'GEMINI'):
        monkeypatch.setenv(f'{name}_API_KEY', 'a-key')
        monkeypatch.setenv(f'{name}_BASE_URL', wire.url)
    monkeypatch.setenv('OLLAMA_HOST', wire.url)
    for path, answer in ANSWERS.items():
        wire.says(path, answer)
    return ASKS[request.param]


def pictures(value: Any) -> list[PIL.Image.Image]:
    """The pictures of a request."""
    if isinstance(value, dict | list):
        return [found for each in (value.values() if isinstance(value, dict) else value) for found in pictures(each)]
    if not isinstance(value, str) or len(value) < 60:
        return []
    text = value.rpartition(',')[2].replace('-', '+').replace('_', '/')
    return [PIL.Image.open(io.BytesIO(base64.b64decode(text)))]


@pytest.fixture
def videos(home, tmp_path) -> pxt.Table:
    table = pxt.create_table('videos', {'video': pxt.Video})
    table.insert(video=str(films.film(tmp_path / 'a.mp4')))
    return table


def test_frames_of_a_view(ask, wire, videos) -> None:
    frames = pxt.create_view('frames', videos, iterator=frame_iterator(videos.video, fps=1))
    frames.add_computed_column(seen=ask(frames.frame))
    assert [[each.size for each in pictures(request.body)] for request in wire.requests] == [[(64, 48)], [(64, 48)]]
    assert frames.where(frames.seen == None).count() == 0  # noqa: E711


def test_a_frame_of_the_shorthand(ask, wire, videos) -> None:
    videos.select(ask(videos.frame[0])).collect()
    assert [each.size for each in pictures(wire.requests[0].body)] == [(64, 48)]


def test_tiles(ask, wire, t) -> None:
    tiles = pxt.create_view('tiles', t, iterator=tile_iterator(t.img, (2, 2)))
    tiles.limit(1).select(ask(tiles.tile)).collect()
    assert [each.size for each in pictures(wire.requests[0].body)] == [(2, 2)]


def test_files_are_sent_as_they_are(ask, wire, t, tmp_path) -> None:
    PIL.Image.effect_noise((40, 30), 9).save(tmp_path / 'a.jpg')
    t.insert(img=str(tmp_path / 'a.jpg'))
    t.where(t.text == None).select(ask(t.img)).collect()  # noqa: E711
    assert [each.format for each in pictures(wire.requests[0].body)] == ['JPEG']


def test_pictures_at_a_url(ask, wire, t, tmp_path) -> None:
    PIL.Image.effect_noise((40, 30), 9).save(tmp_path / 'a.jpg')
    wire.says('/a.jpg', Reply((tmp_path / 'a.jpg').read_bytes(), headers={'content-type': 'image/jpeg'}))
    t.insert(img=f'{wire.url}/a.jpg')
    wire.requests.clear()
    t.where(t.text == None).select(ask(t.img)).collect()  # noqa: E711
    sent = [request for request in wire.requests if request.content]
    assert [each.format for each in pictures(sent[0].body)] == ['JPEG']


def test_a_picture_that_is_gone(ask, wire, t, tmp_path) -> None:
    path = tmp_path / 'a.png'
    PIL.Image.new('RGB', (3, 2)).save(path)
    t.insert(img=str(path))
    path.unlink()
    with pytest.raises(pxt.Error, match=r'a\.png'):
        t.where(t.text == None).select(ask(t.img)).collect()  # noqa: E711
    assert wire.requests == []


def test_messages_of_a_column(wire, videos, monkeypatch) -> None:
    monkeypatch.setenv('OPENAI_API_KEY', 'a-key')
    monkeypatch.setenv('OPENAI_BASE_URL', wire.url)
    wire.says('/chat/completions', CHAT)
    frames = pxt.create_view('frames', videos, iterator=frame_iterator(videos.video, fps=1))
    parts = [{'type': 'image_url', 'image_url': frames.frame}]
    frames.add_computed_column(messages=[{'role': 'user', 'content': parts}])
    frames.limit(1).select(openai.chat_completions(frames.messages, model='m')).collect()
    assert [each.size for each in pictures(wire.requests[0].body)] == [(64, 48)]


@pytest.mark.parametrize('part', [lambda sound: sound, lambda sound: {'data': sound, 'format': 'wav'}])
def test_sounds(wire, videos, monkeypatch, part) -> None:
    monkeypatch.setenv('OPENAI_API_KEY', 'a-key')
    monkeypatch.setenv('OPENAI_BASE_URL', wire.url)
    wire.says('/chat/completions', CHAT)
    parts = [{'type': 'input_audio', 'input_audio': part(videos.audio)}]
    videos.select(openai.chat_completions([{'role': 'user', 'content': parts}], model='m')).collect()
    sent = wire.requests[0].body['messages'][0]['content'][0]['input_audio']
    assert (sent['format'], base64.b64decode(sent['data'])[:4]) == ('wav', b'RIFF')


def test_documents_and_films(wire, videos, monkeypatch, tmp_path) -> None:
    pytest.importorskip('google.genai')
    monkeypatch.setenv('GEMINI_API_KEY', 'a-key')
    monkeypatch.setenv('GEMINI_BASE_URL', wire.url)
    wire.says('/v1beta/models/m:generateContent', GEMINI)
    (tmp_path / 'a.pdf').write_bytes(papers.pdf([['one']]))
    videos.add_column(paper=pxt.Document | None)
    videos.update({'paper': str(tmp_path / 'a.pdf')})
    videos.select(gemini.generate_content(['?', videos.video, videos.audio, videos.paper], model='m')).collect()
    parts = wire.requests[0].body['contents'][0]['parts'][1:]
    kinds = [part['inlineData']['mime_type'].partition('/')[0] for part in parts]
    assert kinds == ['video', 'audio', 'application']
