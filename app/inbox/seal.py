"""Bodies of deliveries at rest: AES-GCM bound to the tenant, ten times cheaper than a vault's token.

The keys come from the vault's, so a backup without the operator's keys tells nothing. Bodies live for
days only, so they are not sealed anew when keys change: every known key is tried.
"""

import os
from collections.abc import Iterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PURPOSE = "delivery"
NONCE = 12
COUNTED = 4


class BodySeal:
    """Seals with the first of `keys` (32 bytes each), opens with any."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = [AESGCM(key) for key in keys]
        self._nonces = _nonces()

    def seal(self, installation_id: int, body: bytes) -> bytes:
        """`body` so that it opens for the same tenant only."""
        nonce = next(self._nonces)
        return nonce + self._ciphers[0].encrypt(nonce, body, _owner(installation_id))

    def open(self, installation_id: int, sealed: bytes) -> bytes:
        """What was sealed. Raises ValueError for another tenant, another key or damage."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], _owner(installation_id))
            except InvalidTag:
                continue
        raise ValueError("the body was sealed for another tenant or with another key")


def _nonces() -> Iterator[bytes]:
    # Never twice with one key: a random beginning per process, then a counter. Asking the system
    # for every nonce would hand the interpreter's lock to and fro between loop and writer.
    while True:
        beginning = os.urandom(NONCE - COUNTED)
        for number in range(256**COUNTED):
            yield beginning + number.to_bytes(COUNTED, "big")


def _owner(installation_id: int) -> bytes:
    return b"%s:%d" % (PURPOSE.encode(), installation_id)
