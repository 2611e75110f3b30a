"""Tiny models with random weights, built and saved by the real library, and loaded by the real code."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import tiny
from tiny import WORDS, bert, saved

import pixeltable as pxt
from pixeltable.functions import huggingface as hf

pytestmark = [pytest.mark.needs('transformers'), pytest.mark.usefixtures('same_weights')]


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('models')


@pytest.fixture
def t(home) -> pxt.Table:
    table = pxt.create_table('t', {'text': pxt.String | None, 'img': pxt.Image | None})
    table.insert([{'text': 'red fish', 'img': PIL.Image.new('RGB', (20, 30), 'red')}, {'text': None}])
    return table


def ask(table: pxt.Table, expression: Any) -> list[Any]:
    return table.select(found=expression).order_by(table.id).collect()['found']


def test_clip(t, folder) -> None:
    model = tiny.clip(folder / 'clip')
    for column in (t.text, t.img):
        found = hf.clip(column, model_id=model)
        assert found.col_type.array.shape == (6,)
        vectors = ask(t, found)
        assert (vectors[0].shape, vectors[1]) == ((6,), None)
    t.add_embedding_index('img', embedding=hf.clip.using(model_id=model), precision='fp32')
    assert t.order_by(t.img.similarity(PIL.Image.new('RGB', (9, 9))), asc=False).limit(1).count() == 1
    by_text = t.select(x=t.img.similarity(string='red fish')).order_by(t.id).collect()['x'][0]
    words, picture = ask(t, hf.clip(t.text, model_id=model))[0], ask(t, hf.clip(t.img, model_id=model))[0]
    cosine = float(words @ picture / np.linalg.norm(words) / np.linalg.norm(picture))
    assert by_text == pytest.approx(cosine, abs=1e-5)


def test_detr(t, folder) -> None:
    model = tiny.detr(folder / 'detr')
    t.add_computed_column(found=hf.detr_for_object_detection(t.img, model_id=model, threshold=0.0))
    found = ask(t, t.found)
    assert set(found[0]['label_text']) <= {'cat', 'dog'}
    assert len(found[0]['boxes']) == len(found[0]['scores']) == 4
    assert found[1] is None
    coco = ask(t, hf.detr_to_coco(t.img, t.found))[0]
    x1, _, x2, _ = found[0]['boxes'][0]
    assert (coco['image'], coco['annotations'][0]['bbox'][2]) == ({'width': 20, 'height': 30}, pytest.approx(x2 - x1))


def test_detr_for_segmentation(t, folder) -> None:
    model = tiny.detr(folder / 'segments', 'DetrForSegmentation')
    found, nothing = ask(t, hf.detr_for_segmentation(t.img, model_id=model, threshold=0.0))
    assert nothing is None
    assert found['segmentation'].shape == (30, 20)
    ids = {info['id'] for info in found['segments_info']}
    assert ids <= set(np.unique(found['segmentation'])) | {0}
    assert {info['label_text'] for info in found['segments_info']} <= {'cat', 'dog'}


@pytest.mark.parametrize('kind', ['DetrForObjectDetection', 'DetrForSegmentation'])
def test_a_model_in_half_precision(t, tmp_path, kind: str) -> None:
    model = tiny.halved(tiny.detr(tmp_path / 'half', kind), kind)
    function = hf.detr_for_object_detection if kind == 'DetrForObjectDetection' else hf.detr_for_segmentation
    found, nothing = ask(t, function(t.img, model_id=model, threshold=0.0))
    assert found is not None
    assert nothing is None


def test_captions(t, folder) -> None:
    model = tiny.captioner(folder / 'captions')
    found = ask(t, hf.image_captioning(t.img, model_id=model, model_kwargs={'max_new_tokens': 4}))
    assert set(found[0].split()) <= set(WORDS)
    assert found[1] is None


def test_vit(t, folder) -> None:
    model = tiny.vit(folder / 'vit')
    found = ask(t, hf.vit_for_image_classification(t.img, model_id=model))
    assert (sum(found[0]['scores']), found[1]) == (pytest.approx(1), None)
    assert found[0]['label_text'] == [f'LABEL_{n}' for n in found[0]['labels']]
    assert len(ask(t, hf.vit_for_image_classification(t.img, model_id=model, top_k=2))[0]['labels']) == 2


def test_text_classification(t, folder) -> None:
    model = bert(folder / 'text', 'BertForSequenceClassification', num_labels=2)
    found = ask(t, hf.text_classification(t.text, model_id=model))
    assert (sum(each['score'] for each in found[0]), found[1]) == (pytest.approx(1), None)
    assert {each['label_text'] for each in found[0]} == {'LABEL_0', 'LABEL_1'}


def test_cross_encoder(t, folder) -> None:
    model = bert(folder / 'cross', 'BertForSequenceClassification', num_labels=1)
    found = ask(t, hf.cross_encoder(t.text, 'blue fish', model_id=model))
    assert isinstance(found[0], float)
    assert found[1] is None


def test_token_classification(t, folder) -> None:
    model = bert(folder / 'token', 'BertForTokenClassification', id2label={0: 'A', 1: 'B'}, label2id={'A': 0, 'B': 1})
    found = ask(t, hf.token_classification(t.text, model_id=model))
    assert {each['entity_group'] for each in found[0]} <= {'A', 'B'}
    assert ' '.join(each['word'] for each in found[0]) == 'red fish'


def test_question_answering(t, folder) -> None:
    model = bert(folder / 'answers', 'BertForQuestionAnswering')
    found = ask(t, hf.question_answering(t.text, 'one fish?', model_id=model))
    assert found[0]['answer'] == 'red fish'[found[0]['start'] : found[0]['end']] != ''
    assert 0 < found[0]['score'] <= 1
    assert found[1] is None


def test_text_generation(t, folder) -> None:
    model = bert(folder / 'causal', 'BertLMHeadModel', is_decoder=True)
    found = ask(t, hf.text_generation(t.text, model_id=model, model_kwargs={'max_new_tokens': 3}))
    assert len(found[0].split()) <= 3
    assert found[1] is None


def test_translation_and_summary(t, folder) -> None:
    import transformers

    config = transformers.BartConfig(
        vocab_size=len(WORDS), d_model=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=8, decoder_ffn_dim=8, bos_token_id=2, eos_token_id=3, pad_token_id=0,
        decoder_start_token_id=3, forced_eos_token_id=3, max_length=6, max_position_embeddings=1024,
    )  # fmt: skip
    bert(folder / 'words', 'BertModel')
    tokens = transformers.BertTokenizerFast(
        str(folder / 'words' / 'vocab.txt'), model_input_names=['input_ids', 'attention_mask']
    )
    model = saved(folder / 'bart', transformers.BartForConditionalGeneration(config), tokens)
    assert isinstance(ask(t, hf.summarization(t.text, model_id=model, model_kwargs={'max_new_tokens': 3}))[0], str)
    assert ask(t, hf.translation(t.text, model_id=model))[1] is None
    with pytest.raises(pxt.Error, match='knows no language'):
        ask(t, hf.translation(t.text, model_id=model, target_lang='xx'))


def test_a_missing_model(t, monkeypatch) -> None:
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)  # it would try for half a minute
    with pytest.raises(pxt.Error, match="the model 'nobody/nothing' cannot be loaded"):
        ask(t, hf.text_classification(t.text, model_id='nobody/nothing'))
    with pytest.raises(pxt.Error, match=r"^the model 'nobody/nothing' cannot be loaded"):  # and not that it takes texts
        hf.clip(t.img, model_id='nobody/nothing')


def test_speech_recognition(home, folder, tmp_path) -> None:
    import transformers

    place = folder / 'speech'
    place.mkdir()
    letters = [chr(n) for n in range(33, 127)] + ['Ġ']
    (place / 'vocab.json').write_text(json.dumps({letter: n for n, letter in enumerate([*letters, '<|endoftext|>'])}))
    (place / 'merges.txt').write_text('#version: 0.2\n')
    tokens = transformers.WhisperTokenizer(str(place / 'vocab.json'), str(place / 'merges.txt'))
    last = tokens.convert_tokens_to_ids('<|endoftext|>')
    config = transformers.WhisperConfig(
        vocab_size=len(tokens) + 1600, d_model=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=8, decoder_ffn_dim=8, pad_token_id=last, bos_token_id=last,
        eos_token_id=last, decoder_start_token_id=last, max_target_positions=16, suppress_tokens=[], begin_suppress_tokens=[],
    )  # fmt: skip
    model = transformers.WhisperForConditionalGeneration(config)
    model.generation_config.max_length = 8
    path = saved(place, model, transformers.WhisperProcessor(transformers.WhisperFeatureExtractor(), tokens))
    with wave.open(str(tmp_path / 'a.wav'), 'wb') as file:
        file.setparams((1, 2, 8000, 0, 'NONE', ''))
        file.writeframes((np.sin(np.arange(8000) / 5) * 9000).astype(np.int16).tobytes())
    sounds = pxt.create_table('sounds', {'sound': pxt.Audio | None})
    sounds.insert([{'sound': str(tmp_path / 'a.wav')}, {'sound': None}])
    found = ask(sounds, hf.automatic_speech_recognition(sounds.sound, model_id=path))
    assert isinstance(found[0], str)
    assert found[1] is None
