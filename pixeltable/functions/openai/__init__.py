"""OpenAI's models. Needs the extra `openai` and a credential: `OPENAI_API_KEY`, or `api_key` in section `[openai]`.

Also for what speaks the same format elsewhere: `base_url` says where, and with `api_version` it is a resource of Azure. Calls for
one model share the resource pool `openai:<model>`; the tokens and the cost of each are recorded. All functions raise
ExternalServiceError where the provider fails, MISSING_CREDENTIALS without a credential, and INVALID_CONFIGURATION without the
package; in a computed column that is the error of the cell.
"""

from __future__ import annotations

from pixeltable.functions.openai.audio import (
    Logprob,
    TranscriptionLanguage,
    TranscriptionResponse,
    TranscriptionSegment,
    TranscriptionWord,
    TranslationResponse,
    speech,
    transcriptions,
    translations,
)
from pixeltable.functions.openai.images import (
    ImagesResponse,
    Usage,
    UsageInputTokensDetails,
    UsageOutputTokensDetails,
    image_edits,
    image_generations,
    image_variations,
)
from pixeltable.functions.openai.moderation import (
    Categories,
    CategoryAppliedInputTypes,
    CategoryScores,
    Moderation,
    ModerationCreateResponse,
    moderations,
)
from pixeltable.functions.openai.text import chat_completions, embeddings, invoke_tools, responses, vision

__all__ = [
    'Categories',
    'CategoryAppliedInputTypes',
    'CategoryScores',
    'ImagesResponse',
    'Logprob',
    'Moderation',
    'ModerationCreateResponse',
    'TranscriptionLanguage',
    'TranscriptionResponse',
    'TranscriptionSegment',
    'TranscriptionWord',
    'TranslationResponse',
    'Usage',
    'UsageInputTokensDetails',
    'UsageOutputTokensDetails',
    'chat_completions',
    'embeddings',
    'image_edits',
    'image_generations',
    'image_variations',
    'invoke_tools',
    'moderations',
    'responses',
    'speech',
    'transcriptions',
    'translations',
    'vision',
]
