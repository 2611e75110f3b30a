"""Speech to text with the times of each word, and who says it, by WhisperX in this process. Needs the extra `whisperx`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from pixeltable._support.optional import require
from pixeltable.config import sections
from pixeltable.functions import models
from pixeltable.functions._provider.sound import samples
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Audio = str
else:
    from pixeltable.types.spelling import Audio

EXTRA = 'whisperx'
SPEAKERS = 'pyannote/speaker-diarization-community-1'
_running = threading.Lock()


@udf(cache=True)
def transcribe(
    audio: Audio,
    *,
    model: str,
    diarize: bool = False,
    compute_type: str | None = None,
    language: str | None = None,
    task: str | None = None,
    chunk_size: int | None = None,
    alignment_model_name: str | None = None,
    interpolate_method: str | None = None,
    return_char_alignments: bool | None = None,
    diarization_model_name: str | None = None,
    num_speakers: int | None = None,
    min_speakers: int | None = None,
    max_speakers: int | None = None,
) -> dict[str, Any]:
    """What is said in a recording, in segments with times in seconds; with `diarize`, with the time and speaker of each word.

    Args:
        audio: the recording.
        model: the name of a model of Whisper, or the folder of one in the format of CTranslate2.
        diarize: whether words are aligned with the sound and ascribed to speakers.
        compute_type: such as `'float16'` or `'int8'`; what suits the device if it is left out.
        language: the language that is spoken; found out if it is left out.
        task: `'transcribe'`, or `'translate'` into English.
        chunk_size: the longest piece in seconds.
        alignment_model_name: the model that finds the times of words.
        interpolate_method: how times are guessed that it does not find, such as `'nearest'`.
        return_char_alignments: whether there are times of letters, too.
        diarization_model_name: the model that tells speakers apart. It needs the token of the hub: `token` in section `[hf]`.
        num_speakers: how many speak, if that is known; `min_speakers` and `max_speakers` are bounds.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model,
            INVALID_DATA_FORMAT for a file without sound.
    """
    package, device = require('whisperx', EXTRA), _device()
    kind = compute_type or ('float16' if device == 'cuda' else 'int8')
    loaded = models.load_once(
        f'whisperx {kind} {language}',
        model,
        lambda place: package.load_model(place, device, compute_type=kind, language=language),
    )
    sound = samples(audio)
    if language is None and not loaded.model.model.is_multilingual:
        language = 'en'  # there is no other, and the package asks such a model all the same
    asked = {'language': language, 'task': task, 'chunk_size': chunk_size}
    with _running:
        found: dict[str, Any] = loaded.transcribe(sound, **_given(asked))
        if not diarize:
            return found
        spoken = found['language']
        aligner, metadata = models.load_once(
            f'whisperx alignment {spoken}',
            alignment_model_name or spoken,
            lambda place: package.load_align_model(
                spoken, device, model_name=None if alignment_model_name is None else place
            ),
        )
        how = {'interpolate_method': interpolate_method, 'return_char_alignments': return_char_alignments}
        aligned = package.align(found['segments'], aligner, metadata, sound, device, **_given(how))
        speakers = _diarizer(diarization_model_name, device)(
            sound, num_speakers=num_speakers, min_speakers=min_speakers, max_speakers=max_speakers
        )
        ascribed: dict[str, Any] = package.assign_word_speakers(speakers, aligned)
    return {**ascribed, 'language': spoken}


def _diarizer(name: str | None, device: str) -> Any:
    pipeline = require('whisperx.diarize', EXTRA).DiarizationPipeline
    options = _given({'token': sections.value('hf', 'token')})
    return models.load_once(
        'whisperx speakers', name or SPEAKERS, lambda place: pipeline(place, device=device, **options)
    )


def _device() -> str:
    """CTranslate2 knows no other graphics processors."""
    return 'cuda' if require('torch', EXTRA).cuda.is_available() else 'cpu'


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
