"""Models that listen."""

from __future__ import annotations

from typing import Any

from pixeltable._support.optional import require
from pixeltable.functions._provider.sound import samples
from pixeltable.functions.huggingface.loading import EXTRA, load, running
from pixeltable.types.spelling import Audio
from pixeltable.udf.decorators import udf


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
