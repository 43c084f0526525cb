"""Secrets at rest: sealed with an operator's key, bound to their tenant and purpose."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class VaultError(Exception):
    """A sealed value cannot be opened here: another key, another tenant, or damaged."""


class Vault:
    """Seals bytes. The first key seals and signs, every key opens and recognises."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are Fernet keys, newest first. Raises ValueError for none or a malformed one."""
        if not keys:
            raise ValueError("a vault needs at least one key")
        self._keys = [key.encode() for key in keys]
        self._fernet = MultiFernet([Fernet(key) for key in self._keys])

    def seal(self, installation_id: int, purpose: str, value: bytes) -> bytes:
        """`value` so that only the same tenant and purpose can open it.

        Fernet binds nothing to a ciphertext, so the plaintext itself names its owner: a row that
        was copied to another tenant does not open there.
        """
        owner = {"t": installation_id, "p": purpose, "v": base64.b64encode(value).decode()}
        return self._fernet.encrypt(json.dumps(owner, separators=(",", ":")).encode())

    def open(self, installation_id: int, purpose: str, sealed: bytes) -> bytes:
        """What was sealed. Raises VaultError."""
        try:
            owner = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise VaultError("sealed with a key that is not among the secret keys") from None
        if owner.get("t") != installation_id or owner.get("p") != purpose:
            raise VaultError("sealed for another tenant or purpose")
        return base64.b64decode(owner["v"])

    def reseal(self, installation_id: int, purpose: str, sealed: bytes) -> bytes:
        """The same value under the first key. Raises VaultError."""
        return self.seal(installation_id, purpose, self.open(installation_id, purpose, sealed))

    def digest(self, purpose: str, value: str) -> bytes:
        """A keyed hash of 32 bytes, so that a look-up table tells nothing without the key."""
        return self.digests(purpose, value)[0]

    def digests(self, purpose: str, value: str) -> list[bytes]:
        """The keyed hash under every key, newest first: rows outlive a change of keys."""
        return [
            hmac.new(key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
            for key in self.derived_keys(purpose)
        ]

    def derived_keys(self, purpose: str) -> list[bytes]:
        """A key of 32 bytes for that purpose from every secret key, newest first."""
        return [
            HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"stepgate:{purpose}".encode()).derive(
                base64.urlsafe_b64decode(key)
            )
            for key in self._keys
        ]


def new_key() -> str:
    """A fresh key for the vault."""
    return Fernet.generate_key().decode()
