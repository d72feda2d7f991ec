"""Files that nobody can read who has not the token of their visit.

The key is made of the token, which the visit's page has and the server keeps only while the visit
goes on, in memory.  So what a crash, a full disk or a disk itself keeps of a deleted file is noise.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
"""Bytes; drawn by lot for each file."""


def key_of(token: str) -> bytes:
    """32 bytes, of a token that was drawn by lot; from a hash of the token they cannot be found."""
    derive = HKDF(hashes.SHA256(), length=32, salt=None, info=b"Mien's gallery")
    return derive.derive(token.encode())


def seal(key: bytes, name: str, content: bytes) -> bytes:
    """`content` as the file of this name holds it (AES-256-GCM)."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, name.encode())


def unseal(key: bytes, name: str, sealed: bytes) -> bytes:
    """Raises OSError for what was not sealed with this key and name, or has been damaged."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], name.encode())
    except (InvalidTag, ValueError):
        raise OSError("a file of the gallery is damaged") from None
