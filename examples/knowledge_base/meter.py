"""Counts the texts that reach the embedding model: the demo claims how few these are, and shows the count itself."""

from __future__ import annotations

from typing import Any

from sentence_transformers import SentenceTransformer


class Meter:
    """`texts` grows by one for each text that any sentence-transformers model of this process encodes."""

    def __init__(self) -> None:
        self.texts = 0
        self._seen = 0
        encode = SentenceTransformer.encode

        def counted(model: Any, sentences: Any, *args: Any, **kwargs: Any) -> Any:
            self.texts += 1 if isinstance(sentences, str) else len(sentences)
            return encode(model, sentences, *args, **kwargs)

        SentenceTransformer.encode = counted

    def since_last(self) -> str:
        """What was embedded since the last call, in words."""
        count, self._seen = self.texts - self._seen, self.texts
        return f'{count:,} text{"" if count == 1 else "s"} embedded'
