"""Functions of models whose packages are not installed here say what to install, and refuse wrong arguments before that."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode
from pixeltable.functions import huggingface as hf
from pixeltable.functions import llama_cpp, models, vllm, whisperx

PACKAGES = ('whisperx', 'llama_cpp', 'vllm', 'diffusers')


@pytest.fixture
def t(home, monkeypatch) -> pxt.Table:
    for package in PACKAGES:
        monkeypatch.setitem(sys.modules, package, None)
    table = pxt.create_table('t', {'text': pxt.String | None, 'img': pxt.Image, 'sound': pxt.Audio | None})
    table.insert([{'text': 'a', 'img': PIL.Image.new('RGB', (8, 8))}, {'img': PIL.Image.new('RGB', (8, 8))}])
    return table


@pytest.mark.parametrize(
    ('package', 'made'),
    [
        ('whisperx', lambda t: whisperx.transcribe(t.sound, model='base')),
        (
            'llama_cpp',
            lambda t: llama_cpp.create_chat_completion([{'role': 'user', 'content': t.text}], model_path='x'),
        ),
        ('vllm', lambda t: vllm.generate(t.text, model='x')),
        ('vllm', lambda t: vllm.chat_completions([{'role': 'user', 'content': t.text}], model='x')),
        ('diffusers', lambda t: hf.text_to_image(t.text, model_id='x')),
        ('diffusers', lambda t: hf.image_to_image(t.img, 'x', model_id='x')),
        ('diffusers', lambda t: hf.image_to_video(t.img, model_id='x')),
    ],
)
def test_without_the_package(t, tmp_path, package: str, made: Any) -> None:
    import films

    t.update({'sound': str(films.sound(tmp_path / 'a.wav'))})
    with pytest.raises(pxt.Error, match=rf'pixeltable\[{package}\]'):
        t.select(made(t)).collect()


def test_llama_takes_one_way_to_name_a_model(t) -> None:
    for ways in ({}, {'model_path': 'x', 'repo_id': 'y'}):
        with pytest.raises(pxt.Error, match='either model_path or repo_id'):
            t.select(llama_cpp.create_chat_completion([{'role': 'user', 'content': t.text}], **ways)).collect()


def test_llama_finds_the_file_in_a_local_repository(tmp_path) -> None:
    for name in ('small-q4.gguf', 'small-q8.gguf'):
        (tmp_path / name).touch()
    assert llama_cpp._file_in(str(tmp_path), '*q4.gguf') == str(tmp_path / 'small-q4.gguf')
    for pattern in ('*.gguf', '*q2.gguf', None):
        with pytest.raises(ValueError, match='files match'):
            llama_cpp._file_in(str(tmp_path), pattern)


def test_nothing_is_made_of_nothing(t) -> None:
    assert t.where(t.id == 2).select(x=vllm.generate(t.text, model='x')).collect()['x'] == [None]


def test_one_model_is_loaded_at_a_time_with_its_parts() -> None:
    loading: list[str] = []
    together: list[int] = []

    def load(place: str) -> str:
        if not place.endswith('part'):
            loading.append(place)
            together.append(len(loading))
            models.load_once('test_loading', f'{place} part', load)
            time.sleep(0.01)
            loading.remove(place)
        return place

    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda name: models.load_once('test_loading', name, load), 'abcabc')
        assert list(found) == list('abcabc')
    assert together == [1, 1, 1]


def test_models_are_forgotten_by_package() -> None:
    models.load_once('test_forget 1', 'a', lambda _: 'one')
    models.load_once('test_forget 2', 'a', lambda _: 'two')
    models.load_once('test_forgetful', 'a', lambda _: 'three')
    assert sorted(models.forget('test_forget')) == ['one', 'two']
    assert models.forget('test_forget') == []
    llama_cpp.cleanup()


def test_a_model_that_fails_to_load_is_named() -> None:
    def load(place: str) -> Any:
        raise OSError('no such thing')

    with pytest.raises(pxt.Error, match="the model 'abc' cannot be loaded: OSError: no such thing") as caught:
        models.load_once('test_failing', 'abc', load)
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_a_model_that_is_slow_to_fail_is_not_tried_again_at_once(monkeypatch) -> None:
    monkeypatch.setattr(models, 'SLOW_S', 0.4)
    tries: list[float] = []

    def load(place: str) -> Any:
        tries.append(0.5 if place == 'slow' else 0.0)
        time.sleep(tries[-1])
        raise OSError('no such thing')

    def ask(model: str) -> None:
        with pytest.raises(pxt.Error, match=f"the model '{model}' cannot be loaded: OSError: no such thing") as caught:
            models.load_once('test_slow', model, load)
        assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT

    for model in ('slow', 'slow', 'fast', 'fast'):
        ask(model)
    assert tries == [0.5, 0.0, 0.0]
    time.sleep(0.5)
    ask('slow')
    assert tries == [0.5, 0.0, 0.0, 0.5]
