"""Texts as logs may hold them: without what looks like a secret. A message of a provider may quote the key that it refused."""

from __future__ import annotations

import re

_PATTERNS = (
    (re.compile(r'(?<=://)([^:@/\s]*):[^@/\s]+@'), r'\1:***@'),
    (re.compile(r'\b(bearer|basic)\s+[\w.~+/=-]{6,}', re.IGNORECASE), r'\1 ***'),
    (
        re.compile(
            r'((?:api[-_ ]?key|access[-_ ]?key|authorization|token|secret|password|passwd|signature)["\']?\s*[:=]\s*["\']?)'
            r'(?!bearer|basic)[^\s"\'&,;)}\]*]{6,}',
            re.IGNORECASE,
        ),
        r'\1***',
    ),
    (re.compile(r'\b(sk|pk|rk|gsk|hf|xai|ghp|gho|glpat|AKIA|AIza)([-_]?)[A-Za-z0-9_-]{16,}'), r'\1\2***'),
)


def redacted(text: str) -> str:
    """`text` without passwords in URLs, credentials in headers and options, and keys of the usual forms."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
