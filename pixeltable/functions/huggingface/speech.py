"""Models that listen and speak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixeltable._support.optional import require
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions import models
from pixeltable.functions._provider.sound import samples
from pixeltable.functions.audio.changing import encode_audio
from pixeltable.functions.huggingface.loading import EXTRA, bounded, given_options, load, load_part, running
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Audio = str
else:
    from pixeltable.types.spelling import Audio


@udf(cache=True)
def automatic_speech_recognition(
    audio: Audio,
    *,
    model_id: str,
    language: str | None = None,
    chunk_length_s: int | None = None,
    return_timestamps: bool = False,
) -> str:
    """What is said in a recording, by a model such as Whisper.

    Args:
        audio: the recording.
        model_id: a model that writes what it hears.
        language: the language that is spoken, such as `'en'`; found out if it is left out.
        chunk_length_s: seconds of the pieces into which a long recording is cut.
        return_timestamps: whether the model marks times, which lets it go on after 30 seconds.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model,
            INVALID_DATA_FORMAT for a file without sound.
    """
    loaded = load('AutoModelForSpeechSeq2Seq', 'AutoProcessor', model_id)
    pipeline = require('transformers', EXTRA).AutomaticSpeechRecognitionPipeline
    extractor = loaded.processor.feature_extractor
    heard = {'raw': samples(audio, extractor.sampling_rate), 'sampling_rate': extractor.sampling_rate}
    options: dict[str, Any] = {} if chunk_length_s is None else {'chunk_length_s': chunk_length_s}
    if return_timestamps:
        options['return_timestamps'] = True
    if language is not None:
        options['generate_kwargs'] = {'language': language}
    with running:
        hear = pipeline(
            model=loaded.model,
            tokenizer=loaded.processor.tokenizer,
            feature_extractor=extractor,
            device=loaded.device,
        )
        return str(hear(heard, **options)['text'])


@udf(cache=True)
def speech2text_for_conditional_generation(audio: Audio, *, model_id: str, language: str | None = None) -> str:
    """What is said in a recording, by a model such as `'facebook/s2t-small-librispeech-asr'`; a model that translates is told
    the `language` to write.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model or it
            knows no such language, INVALID_DATA_FORMAT for a file without sound.
    """
    torch = require('torch', EXTRA)
    loaded = load('Speech2TextForConditionalGeneration', 'Speech2TextProcessor', model_id)
    tokenizer, rate = loaded.processor.tokenizer, loaded.processor.feature_extractor.sampling_rate
    options: dict[str, Any] = {}
    if language is not None:
        codes = getattr(tokenizer, 'lang_code_to_id', None) or {}
        if language not in codes:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'the model {model_id!r} knows no language {language!r}.')
        options['forced_bos_token_id'] = codes[language]
    with running, torch.inference_mode():
        heard = loaded.tensors(samples(audio, rate), sampling_rate=rate)
        written = loaded.model.generate(**heard, **bounded(loaded.model, options))
        return str(loaded.processor.batch_decode(written, skip_special_tokens=True)[0])


@udf(is_deterministic=False, cache=True)
def text_to_speech(text: str, *, model_id: str, speaker_id: int | None = None, vocoder: str | None = None) -> Audio:
    """A text as it is spoken, in a WAV file.

    Args:
        text: the text.
        model_id: a model such as `'facebook/mms-tts-eng'`, `'suno/bark'` or `'microsoft/speecht5_tts'`.
        speaker_id: which of the model's voices, if it has several.
        vocoder: for models such as SpeechT5, the model that makes sound of what they give; its usual one if it is left out.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model or it
            has no voices by number.
    """
    import numpy as np

    torch, transformers = require('torch', EXTRA), require('transformers', EXTRA)
    device = models.best_device()

    def made(place: str) -> Any:
        options = {} if vocoder is None else {'vocoder': load_part('SpeechT5HifiGan', vocoder)}
        pipeline = transformers.pipeline('text-to-speech', model=place, device=device, **options, **given_options())
        if pipeline.vocoder is not None:
            pipeline.vocoder.to(pipeline.device, pipeline.model.dtype)
        return pipeline

    speak = models.load_once(f'text_to_speech {vocoder}', model_id, made)
    voice = {} if speaker_id is None else {'speaker_id': speaker_id}
    size = getattr(speak.model.config, 'speaker_embedding_dim', None)
    if size is not None:  # such as SpeechT5, which is told a voice by a vector: zeros are an even one
        if speaker_id is not None:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'the model {model_id!r} has no voices by number; leave out speaker_id.'
            )
        voice = {'speaker_embeddings': torch.zeros((1, size), dtype=speak.model.dtype)}
    with running, torch.inference_mode():
        speak.call_count = 0  # after ten it says that many texts at once were faster on a graphics processor
        spoken = speak(text, forward_params=voice)
    sound = np.asarray(spoken['audio'], np.float32).reshape(-1)
    path: str = encode_audio.py_fn(audio_data=sound, input_sample_rate=int(spoken['sampling_rate']), format='wav')
    return path
