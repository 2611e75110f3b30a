"""Speech to text by the real WhisperX, with tiny models that the libraries make and save.

The package asks for an older release of torch than the others have, so `dev` does not bring it: the tests run in an environment
of their own, with `pip install whisperx pytest hypothesis -e .`.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.functions import whisperx

with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    pytest.importorskip('whisperx', exc_type=ImportError)

pytestmark = pytest.mark.filterwarnings('ignore')
RATE = 16_000
HEARD = ' Hello world.'


def listener(folder: Path) -> str:
    """The folder of a model in the format of CTranslate2 that hears `HEARD` in all speech."""
    import torch
    import transformers
    from ctranslate2.converters import TransformersConverter
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = Tokenizer(
        models.BPE({letter: n for n, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}, [])
    )
    letters.pre_tokenizer, letters.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    names = ['endoftext', 'startoftranscript', 'en', 'translate', 'transcribe', 'startoflm', 'startofprev', 'nospeech']
    names += ['notimestamps', *(f'{step / 50:.2f}' for step in range(1501))]
    letters.add_special_tokens([f'<|{name}|>' for name in names])
    end = letters.token_to_id('<|endoftext|>')
    sizes = {
        f'{part}_{size}': 2 if size == 'attention_heads' else 16
        for part in ('encoder', 'decoder')
        for size in ('ffn_dim', 'attention_heads')
    }
    config = transformers.WhisperConfig(
        vocab_size=letters.get_vocab_size(), d_model=16, encoder_layers=1, decoder_layers=1, **sizes, num_mel_bins=80,
        bos_token_id=end, eos_token_id=end, pad_token_id=end, decoder_start_token_id=end + 1, suppress_tokens=None,
        begin_suppress_tokens=None,
    )  # fmt: skip
    model = transformers.WhisperForConditionalGeneration(config)
    decoder = model.model.decoder
    with torch.no_grad():  # only its place in the text decides which token comes next, after two that begin it
        decoder.embed_tokens.weight.zero_()
        decoder.embed_positions.weight.zero_()
        for place, token in enumerate([*letters.encode(HEARD).ids, end]):
            decoder.embed_tokens.weight[token, place] += 10.0
            decoder.embed_positions.weight[place + 1, place] = 1000.0
        for layer in (
            decoder.layers[0].self_attn.out_proj,
            decoder.layers[0].encoder_attn.out_proj,
            decoder.layers[0].fc2,
        ):
            layer.weight.zero_()
            layer.bias.zero_()
    tokens = transformers.PreTrainedTokenizerFast(tokenizer_object=letters, eos_token='<|endoftext|>')
    for part in (model, tokens, transformers.WhisperFeatureExtractor(feature_size=80)):
        part.save_pretrained(folder / 'transformers')
    TransformersConverter(
        str(folder / 'transformers'), copy_files=['tokenizer.json', 'preprocessor_config.json']
    ).convert(str(folder / 'listener'))
    return str(folder / 'listener')


def aligner(folder: Path) -> None:
    import transformers

    folder.mkdir()
    letters = {
        letter: n for n, letter in enumerate(['<pad>', '<s>', '</s>', '<unk>', '|', *'ABCDEFGHIJKLMNOPQRSTUVWXYZ'])
    }
    (folder / 'vocab.json').write_text(json.dumps(letters))
    tokens = transformers.Wav2Vec2CTCTokenizer(str(folder / 'vocab.json'))
    config = transformers.Wav2Vec2Config(
        vocab_size=len(letters), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        conv_dim=[8] * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    transformers.Wav2Vec2Processor(transformers.Wav2Vec2FeatureExtractor(), tokens).save_pretrained(folder)
    transformers.Wav2Vec2ForCTC(config).save_pretrained(folder)


def diarizer(folder: Path) -> None:
    """Saves a pipeline of pyannote."""
    import torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import XVectorSincNet
    from pyannote.audio.models.segmentation import PyanNet

    torch.manual_seed(0)
    folder.mkdir()
    hears = PyanNet(lstm={'hidden_size': 8, 'num_layers': 1}, linear={'hidden_size': 8, 'num_layers': 1})
    hears.specifications = Specifications(
        Problem.MONO_LABEL_CLASSIFICATION, Resolution.FRAME, 2.0, classes=['a', 'b'], powerset_max_classes=2,
        permutation_invariant=True,
    )  # fmt: skip
    knows = XVectorSincNet(dimension=8)
    knows.specifications = Specifications(Problem.REPRESENTATION, Resolution.CHUNK, 2.0)
    for name, model in (('hears', hears), ('knows', knows)):
        model.build()
        if model is hears:
            model.classifier.bias.data[1] = 50.0  # always the second of nobody, a, b and both
        saved: dict[str, Any] = {'state_dict': model.state_dict(), 'hyper_parameters': dict(model.hparams)}
        saved['pytorch-lightning_version'] = '2.0.0'
        model.on_save_checkpoint(saved)
        torch.save(saved, folder / f'{name}.bin')
    same, nothing = np.eye(8), np.zeros(8)
    np.savez(folder / 'xvec_transform.npz', mean1=nothing, mean2=nothing, lda=same)
    np.savez(folder / 'plda.npz', mu=nothing, tr=same, psi=np.arange(8, 0, -1.0))
    (folder / 'config.yaml').write_text(f"""
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    segmentation: {folder}/hears.bin
    embedding: {folder}/knows.bin
    clustering: AgglomerativeClustering
    plda: {folder}
params:
  clustering: {{method: centroid, min_cluster_size: 1, threshold: 0.7}}
  segmentation: {{min_duration_off: 0.0}}
""")


def speech(path: Path, seconds: float = 3.0) -> str:
    """A file of what sounds like a voice, with silence before and after it: vowels, three a second."""
    times = np.arange(int(RATE * seconds)) / RATE
    wave = 2 * (np.cumsum(120 + 20 * np.sin(4 * np.pi * times)) / RATE % 1) - 1
    for frequency, width in ((700, 80), (1200, 90), (2600, 120)):
        fading = np.exp(-np.pi * width / RATE) ** np.arange(2000)
        wave = np.convolve(wave, fading * np.sin(2 * np.pi * frequency / RATE * np.arange(1, 2001)))[: len(times)]
    wave *= np.sqrt(np.clip(np.sin(6 * np.pi * times), 0, 1))
    silence = np.zeros(RATE)
    samples = (np.concatenate([silence, wave / np.abs(wave).max() / 2, silence]) * 32767).astype(np.int16)
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('pcm_s16le', rate=RATE, layout='mono')
        frame = av.AudioFrame.from_ndarray(samples[None], 's16', 'mono')
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return str(path)


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return listener(tmp_path_factory.mktemp('models'))


@pytest.fixture
def t(home: Any, tmp_path: Path) -> pxt.Table:
    table = pxt.create_table('t', {'sound': pxt.Audio | None})
    table.insert([{'sound': speech(tmp_path / 'a.wav')}, {'sound': None}])
    return table


def found(t: pxt.Table, **options: Any) -> list[Any]:
    rows: list[Any] = t.order_by(t.id).select(found=whisperx.transcribe(t.sound, **options)).collect()['found']
    return rows


def test_segments(t: pxt.Table, model: str) -> None:
    spoken, nothing = found(t, model=model)
    (segment,) = spoken['segments']
    assert (segment['text'].strip(), spoken['language']) == (HEARD.strip(), 'en')
    assert 0.5 < segment['start'] < 1.5 < 3.5 < segment['end'] < 4.5
    assert nothing is None


def test_options(t: pxt.Table, model: str) -> None:
    options = {'compute_type': 'float32', 'language': 'en', 'task': 'translate', 'chunk_size': 10}
    assert found(t, model=model, **options)[0]['segments'][0]['text'].strip() == HEARD.strip()


def test_words_with_their_times_and_speakers(
    t: pxt.Table, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nltk

    sentences = tmp_path / 'nltk' / 'tokenizers' / 'punkt_tab' / 'english'
    sentences.mkdir(parents=True)
    for name in ('collocations.tab', 'sent_starters.txt', 'abbrev_types.txt', 'ortho_context.tab'):
        (sentences / name).touch()
    monkeypatch.setattr(nltk.data, 'path', [str(tmp_path / 'nltk')])
    monkeypatch.setenv('HF_MODELS', str(tmp_path))
    aligner(tmp_path / 'aligner')
    diarizer(tmp_path / 'diarizer')
    t.add_computed_column(
        spoken=whisperx.transcribe(
            t.sound, model=model, diarize=True, alignment_model_name='aligner', diarization_model_name='diarizer',
            interpolate_method='nearest', return_char_alignments=True, min_speakers=1, max_speakers=2,
        )
    )  # fmt: skip
    spoken = t.order_by(t.id).collect()[0, 'spoken']
    assert [word['word'] for word in spoken['word_segments']] == ['Hello', 'world.']
    assert [word['speaker'] for word in spoken['word_segments']] == ['SPEAKER_00'] * 2
    assert spoken['language'] == 'en'


def test_mistakes(t: pxt.Table, model: str, tmp_path: Path) -> None:
    for options, message in (
        ({'model': str(tmp_path)}, 'cannot be loaded'),
        ({'model': model, 'compute_type': 'float9'}, 'float9'),
    ):
        with pytest.raises(pxt.Error, match=message):
            found(t, **options)
