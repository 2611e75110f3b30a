"""Models that listen and speak, tiny ones with random weights that the real library makes and saves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import films
import pytest
import tiny

import pixeltable as pxt
from pixeltable.functions import huggingface as hf

pytestmark = [pytest.mark.needs('transformers'), pytest.mark.usefixtures('same_weights')]


def found_in(table: pxt.Table, expression: Any) -> list[Any]:
    return table.select(found=expression).order_by(table.id).collect()['found']


def test_speech_is_made_of_a_text(home, tmp_path: Path) -> None:
    import transformers

    (tmp_path / 'vocab.json').write_text(json.dumps({letter: n for n, letter in enumerate('_abcdefgh ')}))
    tokens = transformers.VitsTokenizer(str(tmp_path / 'vocab.json'), pad_token='_', unk_token='_', phonemize=False)
    config = transformers.VitsConfig(
        vocab_size=10, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, ffn_dim=16, flow_size=16,
        spectrogram_bins=9, upsample_initial_channel=16, upsample_rates=[8, 8], upsample_kernel_sizes=[16, 16],
        resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1]], prior_encoder_num_flows=1, prior_encoder_num_wavenet_layers=1,
        posterior_encoder_num_wavenet_layers=1, duration_predictor_num_flows=1, wavenet_dilation_rate=1,
        duration_predictor_filter_channels=16, depth_separable_num_layers=1,
    )  # fmt: skip
    model = tiny.saved(tmp_path / 'voice', transformers.VitsModel(config), tokens)
    t = pxt.create_table('t', {'text': pxt.String | None})
    t.insert([{'text': 'a bad head'}, {'text': None}])
    t.add_computed_column(spoken=hf.text_to_speech(t.text, model_id=model))
    spoken, nothing = found_in(t, t.spoken)
    assert films.seconds(spoken) > 0.01
    assert nothing is None


@pytest.mark.parametrize('is_half', [False, True])
def test_speech_by_a_vocoder(home, tmp_path: Path, is_half: bool) -> None:
    import transformers

    config = transformers.SpeechT5Config(
        vocab_size=len(tiny.WORDS), hidden_size=16, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=16,
        decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=16, num_mel_bins=8, speech_decoder_prenet_units=16,
        speech_decoder_postnet_units=16, speech_decoder_postnet_layers=2, speaker_embedding_dim=12,
    )  # fmt: skip
    made = transformers.SpeechT5HifiGanConfig(
        model_in_dim=8, upsample_initial_channel=16, upsample_rates=[4, 4], upsample_kernel_sizes=[8, 8],
        resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1]],
    )  # fmt: skip
    model = tiny.saved(tmp_path / 'voice', transformers.SpeechT5ForTextToSpeech(config), tiny.tokenizer())
    vocoder = tiny.saved(tmp_path / 'vocoder', transformers.SpeechT5HifiGan(made))
    if is_half:  # the vocoder is not
        tiny.halved(model, 'SpeechT5ForTextToSpeech')
    t = pxt.create_table('t', {'text': pxt.String})
    t.insert(text='red fish')
    (spoken,) = found_in(t, hf.text_to_speech(t.text, model_id=model, vocoder=vocoder))
    assert films.seconds(spoken) > 0.001
    with pytest.raises(pxt.Error, match='has no voices by number'):
        found_in(t, hf.text_to_speech(t.text, model_id=model, vocoder=vocoder, speaker_id=1))


def test_a_missing_voice(home) -> None:
    t = pxt.create_table('t', {'text': pxt.String | None})
    t.insert(text='a')
    with pytest.raises(pxt.Error, match=r"the model '/no/voice' cannot be loaded"):
        found_in(t, hf.text_to_speech(t.text, model_id='/no/voice'))
