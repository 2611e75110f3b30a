from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import films
import PIL.Image
import pytest
from provider_calls import ask, png
from wire import Reply, Wire

import pixeltable as pxt
from pixeltable.functions import gemini
from pixeltable.functions.gemini.provider import GEMINI

pytestmark = pytest.mark.needs('google.genai')
PATH = '/v1beta/models/gemini-2.5-flash:generateContent'
USAGE = {'promptTokenCount': 10, 'candidatesTokenCount': 3, 'totalTokenCount': 13}


def said(*parts: Any) -> dict[str, Any]:
    candidate = {'content': {'role': 'model', 'parts': list(parts)}, 'finishReason': 'STOP'}
    return {'candidates': [candidate], 'usageMetadata': USAGE, 'modelVersion': 'gemini-2.5-flash'}


@pytest.fixture(autouse=True)
def _configured(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('GEMINI_API_KEY', 'key')
    monkeypatch.setenv('GEMINI_BASE_URL', wire.url)


def test_content_with_an_image(wire, t) -> None:
    wire.says(PATH, said({'text': 'hello'}))
    found = gemini.generate_content(['what?', t.img], model='gemini-2.5-flash', config={'temperature': 0.5})
    t.add_computed_column(a=found)
    assert ask(t, t.a.candidates[0].content.parts[0].text) == 'hello'
    sent = wire.requests[0]
    parts = sent.body['contents'][0]['parts']
    assert (sent.headers['x-goog-api-key'], parts[0]) == ('key', {'text': 'what?'})
    assert parts[1]['inlineData']['mime_type'].startswith('image/')
    assert sent.body['generationConfig'] == {'temperature': 0.5}
    assert (pxt.usage()['input_tokens'], pxt.usage()['output_tokens']) == ([10], [3])
    assert ask(t, gemini.generate_content(t.text, model='gemini-2.5-flash').candidates[0].finish_reason) == 'STOP'


def test_tools(wire, t) -> None:
    @pxt.udf
    def double(n: int) -> int:
        return 2 * n

    tools = pxt.tools(double)
    wire.says(PATH, said({'functionCall': {'name': 'double', 'args': {'n': 4}}}))
    t.add_computed_column(a=gemini.generate_content(t.text, model='gemini-2.5-flash', tools=tools))
    assert ask(t, gemini.invoke_tools(tools, t.a)) == {'double': [8]}
    declared = wire.requests[0].body['tools'][0]['functionDeclarations'][0]
    assert (declared['name'], declared['parameters']['properties']['n']['type'].upper()) == ('double', 'INTEGER')


def embedded(request: Any) -> dict[str, Any]:
    return {'embeddings': [{'values': [0.5] * 8} for _ in request.body['requests']]}


def test_embeddings(wire, t) -> None:
    wire.says('/v1beta/models/gemini-embedding-001:batchEmbedContents', embedded)
    short = {'output_dimensionality': 8}
    for value in (t.text, t.img):
        found = gemini.embed_content(value, model='gemini-embedding-001', config=short)
        assert found.col_type.array.shape == (8,)
        assert ask(t, found).tolist() == [0.5] * 8
    assert gemini.embed_content(t.text, model='gemini-embedding-001').col_type.array.shape == (3072,)


def test_an_image(wire, t) -> None:
    picture = {'inlineData': {'mimeType': 'image/png', 'data': base64.b64encode(png()).decode()}}
    wire.says(PATH, said({'text': 'here'}, picture), said({'text': 'I cannot'}))
    found = gemini.generate_images(t.text, model='gemini-2.5-flash')
    assert ask(t, found).size == (3, 2)
    assert wire.requests[0].body['generationConfig'] == {'responseModalities': ['IMAGE']}
    pxt.ledger.clear()
    with pytest.raises(pxt.Error, match='it has no image'):
        ask(t, found)


VERTEX = '/v1beta1/publishers/google/models'


@pytest.fixture
def vertex(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('GOOGLE_GENAI_USE_VERTEXAI', 'true')


@pytest.mark.usefixtures('vertex')
def test_imagen(wire, t) -> None:
    picture = {'mimeType': 'image/png', 'bytesBase64Encoded': base64.b64encode(png()).decode()}
    wire.says(f'{VERTEX}/imagen-4:predict', {'predictions': [picture]}, {'predictions': []})
    found = gemini.generate_images(t.text, model='imagen-4')
    assert ask(t, found).size == (3, 2)
    pxt.ledger.clear()
    with pytest.raises(pxt.Error, match='it has no image'):
        ask(t, found)


@pytest.mark.parametrize('make', [gemini.generate_images, gemini.generate_videos])
def test_what_only_vertex_has(wire, t, make) -> None:
    with pytest.raises(pxt.Error, match='GOOGLE_GENAI_USE_VERTEXAI') as caught:
        ask(t, make(t.text, model='imagen-4'))
    assert caught.value.__cause__.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    assert wire.requests == []


def test_vertex_needs_no_key(monkeypatch) -> None:
    monkeypatch.delenv('GEMINI_API_KEY')
    with pytest.raises(pxt.AuthorizationError):
        GEMINI.connection()
    monkeypatch.setenv('GOOGLE_GENAI_USE_VERTEXAI', '1')
    assert GEMINI.connection().api_key is None


OPERATION = {'name': 'models/veo/operations/1'}


def made(**film: str) -> dict[str, Any]:
    return {**OPERATION, 'done': True, 'response': {'videos': [film]}}


@pytest.mark.usefixtures('vertex')
def test_a_film(wire, t, tmp_path) -> None:
    content = films.film(tmp_path / 'a.mp4').read_bytes()
    wire.says(f'{VERTEX}/veo:predictLongRunning', OPERATION)
    encoded = made(bytesBase64Encoded=base64.b64encode(content).decode(), mimeType='video/mp4')
    wire.says('/v1beta1/models/veo:fetchPredictOperation', OPERATION, encoded, made(gcsUri='gs://mine/a.mp4'))
    t.add_computed_column(film=gemini.generate_videos(t.text, t.img, model='veo', config={'aspect_ratio': '16:9'}))
    assert Path(ask(t, t.film)).read_bytes() == content
    sent = wire.requests[0].body
    assert (sent['instances'][0]['prompt'], sent['parameters']) == ('hi', {'aspectRatio': '16:9'})
    assert sent['instances'][0]['image']['bytesBase64Encoded']
    t.add_computed_column(elsewhere=gemini.generate_videos(t.text, model='veo'))
    assert ask(t, t.elsewhere.fileurl) == 'gs://mine/a.mp4'
    with pytest.raises(pxt.Error, match='give a prompt'):
        ask(t, gemini.generate_videos(model='veo'))


@pxt.udf
def both_ways(image: PIL.Image.Image) -> list[PIL.Image.Image]:
    return [image, image.rotate(180)]


@pytest.mark.usefixtures('vertex')
@pytest.mark.parametrize(
    ('given', 'types'),
    [
        (lambda t: {'images': [t.img, t.img]}, ['ASSET', 'ASSET']),
        (lambda t: {'images': both_ways(t.img), 'reference_types': ['style', 'asset']}, ['STYLE', 'ASSET']),
    ],
)
def test_a_film_of_what_images_show(wire, t, tmp_path, given, types) -> None:
    content = films.film(tmp_path / 'a.mp4').read_bytes()
    wire.says(f'{VERTEX}/veo:predictLongRunning', OPERATION)
    encoded = made(bytesBase64Encoded=base64.b64encode(content).decode(), mimeType='video/mp4')
    wire.says('/v1beta1/models/veo:fetchPredictOperation', encoded)
    t.add_computed_column(film=gemini.generate_videos(t.text, **given(t), model='veo', config={'seed': 1}))
    assert Path(ask(t, t.film)).read_bytes() == content
    (instance,), parameters = wire.requests[0].body['instances'], wire.requests[0].body['parameters']
    shown = instance['referenceImages']
    assert (instance['prompt'], parameters, [each['referenceType'] for each in shown]) == ('hi', {'seed': 1}, types)
    pictures = [PIL.Image.open(io.BytesIO(base64.b64decode(each['image']['bytesBase64Encoded']))) for each in shown]
    assert [(each.size, each.getpixel((0, 0))) for each in pictures] == [((3, 2), (0, 0, 255))] * 2


@pytest.mark.usefixtures('vertex')
def test_images_that_no_film_is_made_of(wire, t) -> None:
    t.add_column(more=pxt.Image | None)
    for images, types, why in (
        ([t.img, t.img], ['asset'], '1 reference_types for 2 images'),
        ([t.img], ['thing'], "'asset' or 'style', unlike"),
        ([t.img, t.more], None, 'one of the images is NULL'),
        ([], None, 'give a prompt'),
    ):
        with pytest.raises(pxt.RequestError, match=why):
            ask(t, gemini.generate_videos(images=images, model='veo', reference_types=types))
    assert wire.requests == []


@pytest.mark.usefixtures('vertex')
def test_a_film_that_is_not_made(wire, t) -> None:
    wire.says(f'{VERTEX}/veo:predictLongRunning', OPERATION)
    wire.says('/v1beta1/models/veo:fetchPredictOperation', {**OPERATION, 'done': True, 'error': {'message': 'no cats'}})
    with pytest.raises(pxt.Error, match='could not do it: no cats'):
        ask(t, gemini.generate_videos(t.text, model='veo'))
    assert len(wire.requests) == 2  # it is not begun again


@pytest.mark.parametrize('voices', [{'voice': 'Kore'}, {'voices': {'Ann': 'Kore', 'Bob': 'Puck'}}])
def test_speech(wire, t, voices) -> None:
    sound = {'mimeType': 'audio/L16;codec=pcm;rate=8000', 'data': base64.b64encode(bytes(8000)).decode()}
    wire.says(PATH, said({'inlineData': sound}))
    t.add_computed_column(a=gemini.generate_speech(t.text, model='gemini-2.5-flash', **voices))
    assert t.select(d=t.a.get_metadata().streams[0].duration_seconds).collect()['d'] == [0.5]
    asked = wire.requests[0].body['generationConfig']
    assert asked['responseModalities'] == ['AUDIO']
    assert 'Kore' in str(asked['speechConfig'])


def test_large_files_are_sent_before(wire, t, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr('pixeltable.functions.gemini.contents.LARGEST', 10)
    place = {'name': 'files/a', 'uri': f'{wire.url}/files/a', 'mimeType': 'audio/x-wav'}
    wire.says('/upload/v1beta/files', Reply({}, headers={'x-goog-upload-url': f'{wire.url}/put'}))
    wire.says('/put', Reply({'file': place}, headers={'x-goog-upload-status': 'final'}))
    wire.says('/v1beta/files/a', {**place, 'state': 'PROCESSING'}, {**place, 'state': 'ACTIVE'})
    wire.says(PATH, said({'text': 'silence'}))
    sounds = pxt.create_table('sounds', {'sound': pxt.Audio})
    sounds.insert([{'sound': str(films.sound(tmp_path / 'a.wav'))}])
    assert ask(sounds, gemini.transcribe(sounds.sound, model='gemini-2.5-flash', prompt='what?')) == 'silence'
    assert wire.requests[-1].body['contents'][0]['parts'][1]['fileData']['file_uri'] == place['uri']
