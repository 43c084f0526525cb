"""Fresh tokens on the local disk until the database has them.

A refresh token can be exchanged once. Between the CRM's answer and our commit its successor
exists nowhere else, so it is written here first: sealed, synced, and replayed at the next start.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from app.crm.port import TokenPair
from app.installations.credentials import pack_tokens, unpack_tokens
from app.installations.vault import Vault, VaultError

PURPOSE = "token_spool"
_NAME = re.compile(r"^([1-9][0-9]*)-([1-9][0-9]*)\.token$")


@dataclass(frozen=True, slots=True)
class SpooledTokens:
    """A pair that replaces `version` of an installation's tokens."""

    installation_id: int
    version: int
    tokens: TokenPair


class TokenSpool:
    """A folder with a file for each pair on its way. Its methods block for a disk sync."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def put(self, entry: SpooledTokens) -> None:
        """Keep the pair durably: file and folder are synced before this returns."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(entry.installation_id, entry.version)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        sealed = self._vault.seal(entry.installation_id, PURPOSE, pack_tokens(entry.tokens))
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, sealed)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(path)
        self._sync_folder()

    def remove(self, installation_id: int, version: int) -> None:
        """The database has the pair."""
        self._path(installation_id, version).unlink(missing_ok=True)

    def forget(self, installation_id: int) -> None:
        """Remove all pairs of an installation, also those that no key opens."""
        for path in self._folder.glob(f"{installation_id}-*.token") if self._folder.is_dir() else ():
            path.unlink(missing_ok=True)

    def entries(self, installation_id: int | None = None) -> list[SpooledTokens]:
        """Pairs that the database may not have, of one or of all installations.

        A file that no key opens is left where it is: its key may come back.
        """
        if not self._folder.is_dir():
            return []
        found = []
        for path in sorted(self._folder.iterdir()):
            name = _NAME.match(path.name)
            if not name or installation_id not in (None, int(name[1])):
                continue
            owner = int(name[1])
            try:
                tokens = unpack_tokens(self._vault.open(owner, PURPOSE, path.read_bytes()))
            except (VaultError, FileNotFoundError):
                continue
            found.append(SpooledTokens(owner, int(name[2]), tokens))
        return found

    def _path(self, installation_id: int, version: int) -> Path:
        return self._folder / f"{installation_id}-{version}.token"

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
