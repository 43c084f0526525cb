"""Clients that others have published, each in an environment of its own, in front of a simulated CRM.

`make clients` sets the environments up. A script takes a JSON object on standard input and
answers one on standard output.
"""

import datetime
import ipaddress
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[2]
SET_UP = ROOT / "build" / "clients"
WAIT_S = 300.0
HERE = "127.0.0.1"


def certificate_in(folder: Path, *names: str) -> Path:
    """A fresh certificate for this machine and `names`, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HERE)])
    now = datetime.datetime.now(datetime.UTC)
    known = [x509.IPAddress(ipaddress.ip_address(HERE)), *(x509.DNSName(each) for each in names)]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "crm.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def python_answer(crm: str, script: str, given: Mapping[str, Any], certificate: Path) -> dict[str, Any]:
    """What a script of tests/sandbox/`crm`/clients answers in the environment of its Python libraries."""
    python = _present(SET_UP / crm / "bin" / "python")
    trusted = {"REQUESTS_CA_BUNDLE": str(certificate), "SSL_CERT_FILE": str(certificate)}
    return _answer([str(python), _script(crm, script)], given, trusted)


def node_answer(crm: str, script: str, given: Mapping[str, Any], certificate: Path) -> dict[str, Any]:
    """What a script of tests/sandbox/`crm`/clients answers in the environment of its Node.js libraries."""
    modules = _present(SET_UP / crm / "node_modules")
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    trusted = {"NODE_EXTRA_CA_CERTS": str(certificate), "NODE_PATH": str(modules), "PATH": paths}
    return _answer(["node", _script(crm, script)], given, trusted)


def _present(path: Path) -> Path:
    if not path.exists():
        pytest.fail("The published clients are not set up. Run: make clients", pytrace=False)
    return path


def _script(crm: str, name: str) -> str:
    return str(Path(__file__).parent / crm / "clients" / name)


def _answer(command: list[str], given: Mapping[str, Any], more: Mapping[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        command,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        env={**os.environ, **more, "NO_PROXY": HERE},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found
