"""Secrets and tokens go to account hosts only: a corpus of hosts that only look like one."""

import pytest

from app.crm.adapters.amocrm.hosts import HostList
from app.errors import BadRequest

HOSTS = HostList(("http://127.0.0.1:9100",))
GOOD = ["etesttask.amocrm.ru", "a.amocrm.com", "my-shop2.kommo.com", "x1.amocrm.ru", "127.0.0.1:9100"]
EVIL = [
    "", " ", ".", "..", "amocrm.ru", "kommo.com", "www.amocrm.ru", "www.kommo.com", ".amocrm.ru",
    "evil.com", "amocrm.ru.evil.com", "etesttask.amocrm.ru.evil.com", "etesttaskamocrm.ru",
    "etesttask.amocrm.ru.", "etesttask.amocrm.ru:443", "etesttask.amocrm.ru:8443", "etesttask.amocrm.ru:",
    "user@etesttask.amocrm.ru", "etesttask.amocrm.ru@evil.com", "user:pw@etesttask.amocrm.ru",
    "evil.com/etesttask.amocrm.ru", "etesttask.amocrm.ru/path", "etesttask.amocrm.ru?x=1",
    "etesttask.amocrm.ru#x", "evil.com#etesttask.amocrm.ru", "evil.com?.amocrm.ru", "evil.com\\.amocrm.ru",
    "evil.com\\@etesttask.amocrm.ru", "https://etesttask.amocrm.ru", "//etesttask.amocrm.ru",
    "a.b.amocrm.ru", "etesttask.amocrm.ru\n", "\netesttask.amocrm.ru",
    "etesttask.amocrm.ru\r\nHost: evil.com",
    "etesttask.amocrm.ru\x00.evil.com", "etesttask.amocrm.ru%00.evil.com", "etesttask.amocrm.ru%2eevil.com",
    "etesttask%2eamocrm.ru", "ETESTTASK.AMOCRM.RU", "EtestTask.amocrm.ru", "еtesttask.amocrm.ru",
    "etesttask.аmocrm.ru", "etesttask.amocrm.rυ", "etesttask。amocrm。ru", "etesttask.amocrm．ru",
    "xn--80ak6aa92e.com", "-a.amocrm.ru", "a-.amocrm.ru", "a_b.amocrm.ru", "a b.amocrm.ru", "*.amocrm.ru",
    "a" * 64 + ".amocrm.ru", "a." * 200 + "amocrm.ru", "127.0.0.1", "127.0.0.1:9101", "127.0.0.1:09100",
    "localhost:9100", "localhost", "0x7f000001:9100", "2130706433:9100", "127.1:9100", "[::1]:9100", "[",
    "169.254.169.254", "metadata.google.internal", "0.0.0.0:9100", "127.0.0.1:9100/", "http://127.0.0.1:9100",
    "evil@127.0.0.1:9100", "127.0.0.1:9100.evil.com", "etesttask.amocrm.com.ua", "etesttask.amocrm.kz",
    "etesttask.amocrm", "amocrm.ru/etesttask", "etesttask.amocrm.ru,evil.com", "etesttask.amocrm.ru;evil.com",
    "\u202eetesttask.amocrm.ru", "etesttask\u200b.amocrm.ru", "etesttask.amocrm.ru\t", "１２７.0.0.1:9100",
]  # fmt: skip


def test_the_corpus_is_large_enough_and_has_no_doubles() -> None:
    assert len(EVIL) == len(set(EVIL)) >= 60


@pytest.mark.parametrize("host", GOOD)
def test_an_account_s_host_is_called_as_it_is(host: str) -> None:
    assert HOSTS.check(host) == host
    scheme = "http" if ":" in host else "https"
    assert HOSTS.origin(host) == f"{scheme}://{host}"
    assert HOSTS.host_of(f"{scheme}://{host}") == host


@pytest.mark.parametrize("host", EVIL)
def test_a_host_that_only_looks_like_one_is_refused(host: str) -> None:
    for ask in (HOSTS.check, HOSTS.origin):
        with pytest.raises(BadRequest) as caught:
            ask(host)
        assert caught.value.code == "host_not_allowed"


@pytest.mark.parametrize(
    "address",
    [
        "http://etesttask.amocrm.ru",
        "https://127.0.0.1:9100",
        "ftp://etesttask.amocrm.ru",
        "etesttask.amocrm.ru",
        "https://[",
        "https://etesttask.amocrm.ru:443",
        "https://u@etesttask.amocrm.ru",
        "https:// etesttask.amocrm.ru",
        "HTTPS://" + "a" * 300,
        "",
        "javascript:alert(1)",
        *(f"https://{host}" for host in EVIL[:40]),
    ],
)
def test_an_address_is_an_account_s_only_in_its_own_scheme(address: str) -> None:
    with pytest.raises(BadRequest):
        HOSTS.host_of(address)


def test_without_trusted_origins_nothing_local_is_called() -> None:
    with pytest.raises(BadRequest):
        HostList(()).check("127.0.0.1:9100")


def test_consent_is_given_at_the_vendor_s_page_or_at_the_first_trusted_origin() -> None:
    vendors = "https://www.amocrm.ru/oauth"
    assert HostList(()).consent_page(vendors) == vendors
    assert HOSTS.consent_page(vendors) == "http://127.0.0.1:9100/oauth"
