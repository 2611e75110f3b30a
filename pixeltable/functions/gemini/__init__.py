"""Google's Gemini, Imagen and Veo models. Needs the extra `gemini` and `GEMINI_API_KEY`, or `api_key` in section `[gemini]`.

Calls for one model share the resource pool `gemini:<model>`; the tokens and the cost of each are recorded. Files above
4 MB are sent before the request that needs them.
"""

from __future__ import annotations

from pixeltable.functions.gemini.embeddings import embed_content
from pixeltable.functions.gemini.making import generate_images, generate_speech, generate_videos
from pixeltable.functions.gemini.text import generate_content, invoke_tools, transcribe

__all__ = [
    'embed_content',
    'generate_content',
    'generate_images',
    'generate_speech',
    'generate_videos',
    'invoke_tools',
    'transcribe',
]
