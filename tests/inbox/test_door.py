from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update

from app.db.engine import Database
from app.db.tables import delivery, hook_key, installation, lane
from app.inbox.body import BODY_LIMIT, TooSlow, read_body
from app.inbox.seal import PURPOSE, BodySeal
from tests.factories import NOW, TestClock, add_installation
from tests.inbox.door_kit import VAULT, Doorstep, call_raw, doorstep


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def step(db: Database, installation_id: int, clock: TestClock) -> AsyncIterator[Doorstep]:
    async with doorstep(db, installation_id, clock) as found:
        yield found


def _deliveries(conn: Connection) -> list[Any]:
    return list(conn.execute(select(delivery).order_by(delivery.c.id)))


def _lanes(conn: Connection) -> list[tuple[Any, ...]]:
    query = select(lane.c.entity, lane.c.entity_id, lane.c.want_seq).order_by(lane.c.entity, lane.c.entity_id)
    return [tuple(row) for row in conn.execute(query)]


async def test_a_delivery_is_stored_sealed_and_redacted_and_its_lanes_are_rung(
    db: Database, installation_id: int, step: Doorstep
) -> None:
    answer = await step.post("deal=7&contact=8&catalog=1&deal=7&deal=9&secret=s3cr3t&other=1")
    assert (answer.status_code, answer.content) == (204, b"")
    [stored] = await db.read(_deliveries)
    opened = BodySeal(VAULT.derived_keys(PURPOSE)).open(installation_id, stored.sealed_body)
    assert b"s3cr3t" not in opened
    assert opened.startswith(b"deal=7&contact=8")
    assert b"deal=7" not in stored.sealed_body
    assert (stored.state, stored.reason, stored.received_at) == ("routed", "", NOW)
    assert await db.read(_lanes) == [
        ("account", "catalog", 1),
        ("contact", "8", 1),
        ("deal", "7", 1),
        ("deal", "9", 1),
    ]


async def test_the_answer_is_the_one_that_the_adapter_asks_for(db: Database, installation_id: int) -> None:
    async with doorstep(db, installation_id, TestClock(), hook_reply=200) as step:
        answer = await step.post("deal=7")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("account=2002&deal=7", "wrong_account"),
        ("not a form", "not_understood"),
        (b"\xff\xfe\x00", "not_understood"),
        ("explode=1", "adapter_failed"),
        ("deal=" + "9" * 65, "not_understood"),
        ("deal=%00", "not_understood"),
    ],
)
async def test_what_cannot_be_used_is_set_aside_and_still_answered_with_success(
    db: Database, step: Doorstep, body: str | bytes, reason: str
) -> None:
    answer = await step.post(body)
    assert answer.status_code == 204
    [stored] = await db.read(_deliveries)
    assert (stored.state, stored.reason) == ("quarantined", reason)
    assert await db.read(_lanes) == []


async def test_a_forged_delivery_is_refused_and_nothing_of_it_is_kept(db: Database, step: Doorstep) -> None:
    answer = await step.post("forged=1&deal=7")
    assert answer.status_code == 403
    assert await db.read(_deliveries) == []
    assert await db.read(_lanes) == []


async def test_a_wrong_key_is_answered_like_any_unknown_path(db: Database, step: Doorstep) -> None:
    unknown = await step.client.post("/nothing/here/at-all")
    for path in (
        step.path[:-1],
        step.path + "x",
        step.path.swapcase(),
        "/hooks/fake/",
        "/hooks/other/" + step.path.rsplit("/", 1)[1],
        step.path + "/more",
    ):
        answer = await step.client.post(path, content=b"deal=7")
        assert (answer.status_code, answer.content) == (404, unknown.content), path
        assert answer.headers == unknown.headers
    assert await db.read(_deliveries) == []


async def test_guessing_is_slowed_down_per_address_and_a_right_key_still_gets_in(
    step: Doorstep, clock: TestClock
) -> None:
    statuses = [(await step.client.post(f"/hooks/fake/guess{n}")).status_code for n in range(22)]
    assert statuses == [404] * 20 + [429] * 2
    assert (await step.post("deal=7")).status_code == 204
    clock.advance(60)
    assert (await step.client.post("/hooks/fake/guess")).status_code == 404


@pytest.mark.parametrize("state", ["reauth_required", "paused"])
async def test_hooks_of_an_account_that_has_to_reconnect_are_still_stored(
    db: Database, installation_id: int, step: Doorstep, state: str
) -> None:
    await db.write(lambda conn: conn.execute(update(installation).values(state=state)))
    assert (await step.post("deal=7")).status_code == 204
    assert len(await db.read(_deliveries)) == 1


async def test_a_removed_account_is_unknown_within_seconds(
    db: Database, step: Doorstep, clock: TestClock
) -> None:
    assert (await step.post("deal=7")).status_code == 204
    await db.write(lambda conn: conn.execute(update(installation).values(state="disabled")))
    clock.advance(6)
    assert (await step.post("deal=7")).status_code == 404


async def test_an_old_key_works_until_its_time_is_over(
    db: Database, step: Doorstep, clock: TestClock
) -> None:
    until = clock.now().replace(hour=10)
    await db.write(lambda conn: conn.execute(update(hook_key).values(valid_until=until)))
    assert (await step.post("deal=7")).status_code == 204
    clock.advance(3601)
    assert (await step.post("deal=7")).status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
async def test_only_post_is_a_delivery(step: Doorstep, method: str) -> None:
    answer = await step.client.request(method, step.path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
async def test_an_encoded_body_is_refused_unread(db: Database, step: Doorstep, encoding: str) -> None:
    answer = await step.post("deal=7", {"content-encoding": encoding})
    assert (answer.status_code, answer.headers["connection"]) == (415, "close")
    assert await db.read(_deliveries) == []


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "application/json",
        "text/plain; charset=cp1251",
        "multipart/form-data; boundary=",
        "nonsense",
        "",
    ],
)
async def test_the_content_type_is_not_what_decides(db: Database, step: Doorstep, content_type: str) -> None:
    assert (await step.post("deal=7", {"content-type": content_type})).status_code == 204
    assert await db.read(_lanes) == [("deal", "7", 1)]


@pytest.mark.parametrize("length", ["2147483648", "9" * 30, "-1", "1e3", "１２"])
async def test_a_length_that_is_too_big_or_none_is_refused_before_the_body(
    step: Doorstep, length: str
) -> None:
    async def never() -> dict[str, Any]:
        raise AssertionError("the body was asked for")

    sent = await call_raw(step.app, step.path, never, {"content-length": length})
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_a_body_without_a_length_is_read_up_to_the_limit_only(db: Database, step: Doorstep) -> None:
    taken = 0

    async def endless() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    sent = await call_raw(step.app, step.path, endless)
    assert sent[0]["status"] == 413
    assert taken == BODY_LIMIT // 65_536 + 1
    assert await db.read(_deliveries) == []


async def test_a_body_of_exactly_the_limit_is_taken(db: Database, step: Doorstep) -> None:
    body = b"deal=7&x=" + b"y" * (BODY_LIMIT - 9)
    assert (await step.post(body)).status_code == 204
    assert await db.read(_lanes) == [("deal", "7", 1)]


async def test_a_body_in_pieces_is_put_together(db: Database, step: Doorstep) -> None:
    pieces = iter([b"de", b"", b"al=", b"7"])

    async def piecewise() -> dict[str, Any]:
        piece = next(pieces)
        return {"type": "http.request", "body": piece, "more_body": piece != b"7"}

    sent = await call_raw(step.app, step.path, piecewise)
    assert sent[0]["status"] == 204
    assert await db.read(_lanes) == [("deal", "7", 1)]


async def test_a_sender_that_hangs_up_gets_no_answer_and_leaves_nothing(db: Database, step: Doorstep) -> None:
    async def hangs_up() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert await call_raw(step.app, step.path, hangs_up) == []
    assert await db.read(_deliveries) == []


async def test_a_body_that_does_not_come_in_time_is_given_up() -> None:
    import asyncio

    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(TooSlow):
        await read_body(never, seconds=0)


async def test_a_flood_on_one_account_is_held_back_and_another_gets_in(
    db: Database, installation_id: int, clock: TestClock
) -> None:
    other = await db.write(lambda conn: add_installation(conn, external_id="2002"))
    async with doorstep(db, installation_id, clock) as first:
        floods = first.app.state.door._floods
        for _ in range(10_000):
            floods.take(installation_id)
        held = await first.post("deal=7")
        assert (held.status_code, held.headers["retry-after"]) == (503, "5")
    async with doorstep(db, other, clock) as second:
        assert (await second.post("deal=7")).status_code == 204
    assert await db.read(lambda conn: conn.scalar(select(func.count()).select_from(delivery))) == 1


async def test_a_replayed_delivery_only_moves_the_bell(db: Database, step: Doorstep) -> None:
    for _ in range(50):
        await step.post("deal=7")
    assert await db.read(_lanes) == [("deal", "7", 50)]


class Bell:
    def __init__(self) -> None:
        self.rung = 0

    def wake(self) -> None:
        self.rung += 1


async def test_the_worker_of_the_process_is_woken_for_work_and_for_nothing_else(
    db: Database, installation_id: int, clock: TestClock
) -> None:
    bell = Bell()
    async with doorstep(db, installation_id, clock, bell) as step:
        await step.post("deal=7")
        await step.post("nothing=7")
        await step.post("not a form")
    assert bell.rung == 1


def test_a_sealed_body_opens_for_its_tenant_and_after_a_change_of_keys_only() -> None:
    old, new = b"o" * 32, b"n" * 32
    sealed = BodySeal([old]).seal(1, b"deal=7")
    assert BodySeal([new, old]).open(1, sealed) == b"deal=7"
    assert BodySeal([old]).seal(1, b"deal=7") != sealed
    for opener, tenant, body in (
        (BodySeal([old]), 2, sealed),
        (BodySeal([new]), 1, sealed),
        (BodySeal([old]), 1, sealed[:-1]),
        (BodySeal([old]), 1, b""),
    ):
        with pytest.raises(ValueError):
            opener.open(tenant, body)
