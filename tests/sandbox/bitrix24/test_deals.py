"""Deals by both families of methods, and what moving them does."""

from app.sandbox.bitrix24.state import Act, Robot
from tests.sandbox.bitrix24.world import World

DEAL = {"entityTypeId": 2}


async def test_the_universal_method_answers_numbers_and_nulls(world: World) -> None:
    deal = world.deal(opportunity=1500.0)
    item = (await world.call("crm.item.get", {**DEAL, "id": deal.id}))["item"]
    assert (item["id"], item["categoryId"], item["stageId"], item["opportunity"]) == (deal.id, 0, "NEW", 1500)
    assert (item["companyId"], item["contactId"], item["closed"], item["webformId"]) == (0, None, "N", 0)
    assert item["assignedById"] == world.seller
    assert item["createdTime"].endswith("+03:00")
    assert "previousStageId" not in item


async def test_the_old_method_answers_strings(world: World) -> None:
    deal = world.deal(opportunity=1500.0)
    row = await world.call("crm.deal.get", {"id": deal.id})
    assert (row["ID"], row["CATEGORY_ID"], row["STAGE_ID"], row["OPPORTUNITY"]) == (
        str(deal.id),
        "0",
        "NEW",
        "1500.00",
    )
    assert row["STAGE_SEMANTIC_ID"] == "P"


async def test_a_deal_that_is_not_there_is_an_empty_code_in_one_family_and_not_found_in_the_other(
    world: World,
) -> None:
    old = await world.ask("crm.deal.get", {"id": 1})
    assert (old.status_code, old.json()) == (400, {"error": "", "error_description": "Not found"})
    new = await world.ask("crm.item.get", {**DEAL, "id": 1})
    assert (new.status_code, new.json()["error"]) == (400, "NOT_FOUND")


async def test_an_unknown_filter_is_ignored_by_one_family_and_refused_by_the_other(world: World) -> None:
    world.deal(), world.deal()
    assert len(await world.call("crm.deal.list", {"filter": {"NO_SUCH": 1}})) == 2
    refused = await world.ask("crm.item.list", {**DEAL, "filter": {"noSuch": 1}})
    assert (refused.status_code, refused.json()["error"]) == (400, "INVALID_ARG_VALUE")


async def test_lists_come_in_pages_of_fifty_and_the_last_has_no_next(world: World) -> None:
    for _ in range(120):
        world.deal()
    first = (await world.ask("crm.item.list", DEAL)).json()
    assert (len(first["result"]["items"]), first["total"], first["next"]) == (50, 120, 50)
    last = (await world.ask("crm.item.list", {**DEAL, "start": 100})).json()
    assert (len(last["result"]["items"]), last["total"], "next" in last) == (20, 120, False)


async def test_a_list_without_counting_has_neither_total_nor_next(world: World) -> None:
    for _ in range(60):
        world.deal()
    answer = (await world.ask("crm.item.list", {**DEAL, "start": -1})).json()
    assert len(answer["result"]["items"]) == 50
    assert not {"total", "next"} & set(answer)


async def test_a_keyset_loop_reads_every_deal_once(world: World) -> None:
    made = [world.deal().id for _ in range(120)]
    seen: list[int] = []
    for spelling in ("id", "ID", "id"):
        page = await world.call(
            "crm.item.list",
            {
                **DEAL,
                "filter": {f">{spelling}": seen[-1] if seen else 0},
                "order": {spelling: "ASC"},
                "start": -1,
            },
        )
        seen += [item["id"] for item in page["items"]]
    assert seen == made


async def test_filters_compare_numbers_texts_moments_and_lists(world: World) -> None:
    first = world.deal(opportunity=100.0)
    world.clock.advance(3600)
    second = world.deal("PREPARATION", opportunity=900.0)
    since = world.portal.iso(world.clock.now())

    async def found(**wanted: object) -> list[int]:
        page = await world.call("crm.item.list", {**DEAL, "filter": wanted})
        return [item["id"] for item in page["items"]]

    assert await found(**{">=opportunity": 500}) == [second.id]
    assert await found(stageId="NEW") == [first.id]
    assert await found(stageId=["NEW", "PREPARATION"]) == [first.id, second.id]
    assert await found(**{"!stageId": "NEW"}) == [second.id]
    assert await found(**{">=updatedTime": since}) == [second.id]
    assert await found(**{"<createdTime": since}) == [first.id]
    assert await found(**{"@id": [first.id]}) == [first.id]


async def test_saving_equal_values_saves_nothing_and_tells_nobody(world: World) -> None:
    deal = world.deal()
    await world.subscribe()
    await world.events()
    await world.call("crm.item.update", {**DEAL, "id": deal.id, "fields": {"stageId": "NEW"}})
    assert await world.events() == []


async def test_a_move_by_the_api_writes_a_history_row_without_an_author(world: World) -> None:
    deal = world.deal()
    world.clock.advance(60)
    await world.call("crm.item.update", {**DEAL, "id": deal.id, "fields": {"stageId": "PREPARATION"}})
    rows = (await world.call("crm.stagehistory.list", {**DEAL, "filter": {"OWNER_ID": deal.id}}))["items"]
    assert [(row["TYPE_ID"], row["STAGE_ID"], row["STAGE_SEMANTIC_ID"]) for row in rows] == [
        (1, "NEW", "P"),
        (2, "PREPARATION", "P"),
    ]
    assert set(rows[0]) == {
        "ID",
        "TYPE_ID",
        "OWNER_ID",
        "CREATED_TIME",
        "CATEGORY_ID",
        "STAGE_SEMANTIC_ID",
        "STAGE_ID",
    }
    item = (await world.call("crm.item.get", {**DEAL, "id": deal.id}))["item"]
    assert (item["movedBy"], item["stageId"]) == (world.admin, "PREPARATION")


async def test_the_history_names_finals_and_changes_of_funnel_by_their_types(world: World) -> None:
    deal, born_won = world.deal(), world.deal("WON")
    world.portal.move_item(deal, "C1:NEW", Act(by=world.seller))
    world.portal.move_item(deal, "C1:WON", Act(by=world.seller))
    rows = world.portal.history_of[deal.link]
    assert [(row.type_id, row.stage_id) for row in rows] == [(1, "NEW"), (5, "C1:NEW"), (3, "C1:WON")]
    assert [row.type_id for row in world.portal.history_of[born_won.link]] == [3]
    assert deal.closed


async def test_the_old_update_ignores_a_stage_of_another_funnel_and_says_true(world: World) -> None:
    deal = world.deal()
    assert await world.call("crm.deal.update", {"id": deal.id, "fields": {"STAGE_ID": "C1:NEW"}}) is True
    assert deal.stage_id == "NEW"


async def test_the_universal_update_changes_the_funnel_and_lands_in_its_first_stage(world: World) -> None:
    deal = world.deal()
    await world.call("crm.item.update", {**DEAL, "id": deal.id, "fields": {"categoryId": 1}})
    assert (deal.category_id, deal.stage_id) == (1, "C1:NEW")


async def test_a_required_field_of_the_stage_stops_a_move(world: World) -> None:
    deal = world.deal("PREPARATION")
    stage = world.portal.stage(2, "NEW")
    assert stage is not None
    stage.required = ["comments"]
    refused = await world.ask("crm.item.update", {**DEAL, "id": deal.id, "fields": {"stageId": "NEW"}})
    assert (refused.status_code, refused.json()["error"]) == (400, "CRM_FIELD_ERROR_REQUIRED")
    assert deal.stage_id == "PREPARATION"
    fields = {"stageId": "NEW", "comments": "есть"}
    await world.call("crm.item.update", {**DEAL, "id": deal.id, "fields": fields})
    assert deal.stage_id == "NEW"


async def test_a_required_custom_field_stops_people_but_not_the_api_by_default(world: World) -> None:
    deal = world.deal("PREPARATION")
    field = world.portal.add_field("Бюджет", "double")
    stage = world.portal.stage(2, "NEW")
    assert stage is not None
    stage.required = [field.name]
    await world.call("crm.item.update", {**DEAL, "id": deal.id, "fields": {"stageId": "NEW"}})
    assert deal.stage_id == "NEW"
    world.portal.move_item(deal, "PREPARATION", Act(by=world.seller))
    world.portal.faults.required_custom_fields = True
    refused = await world.ask("crm.item.update", {**DEAL, "id": deal.id, "fields": {"stageId": "NEW"}})
    assert refused.json()["error"] == "CRM_FIELD_ERROR_REQUIRED"


async def test_a_role_refuses_a_stage_to_a_seller_but_not_to_an_admin(world: World) -> None:
    deal = world.deal()
    world.portal.users[world.seller].refused_stages = {"EXECUTING"}
    change = {**DEAL, "id": deal.id, "fields": {"stageId": "EXECUTING"}}
    refused = await world.ask("crm.item.update", change, token=world.token_of(world.seller))
    assert (refused.status_code, refused.json()["error"]) == (400, "0")
    await world.call("crm.item.update", change)
    assert deal.stage_id == "EXECUTING"


async def test_a_role_may_refuse_one_way_to_a_stage_and_leave_another_open(world: World) -> None:
    deal = world.deal()
    world.portal.users[world.seller].refused_stages = {"NEW>EXECUTING"}
    token = world.token_of(world.seller)
    straight = {**DEAL, "id": deal.id, "fields": {"stageId": "EXECUTING"}}
    assert (await world.ask("crm.item.update", straight, token=token)).status_code == 400
    around = {**DEAL, "id": deal.id, "fields": {"stageId": "PREPARATION"}}
    assert (await world.ask("crm.item.update", around, token=token)).status_code == 200
    assert (await world.ask("crm.item.update", straight, token=token)).status_code == 200


async def test_a_stage_robot_moves_the_deal_on_and_endless_robots_are_cut(world: World) -> None:
    world.portal.robots = {"NEW": [Robot("move", "PREPARATION")], "PREPARATION": [Robot("move", "NEW")]}
    deal = world.deal()
    assert deal.stage_id in {"NEW", "PREPARATION"}
    assert deal.moved_by == 0
    assert len(world.portal.history_of[deal.link]) < 30


async def test_deleting_a_deal_erases_its_history(world: World) -> None:
    deal = world.deal()
    await world.call("crm.item.delete", {**DEAL, "id": deal.id})
    rows = await world.call("crm.stagehistory.list", {**DEAL, "filter": {"OWNER_ID": deal.id}})
    assert rows["items"] == []


async def test_a_seller_with_own_deals_only_does_not_see_others(world: World) -> None:
    other = world.portal.add_user("Пётр", "Ким")
    other.sees = "own"
    deal, token = world.deal(), world.token_of(other.id)
    assert (await world.call("crm.item.list", DEAL, token=token))["items"] == []
    refused = await world.ask("crm.item.get", {**DEAL, "id": deal.id}, token=token)
    assert (refused.status_code, refused.json()["error"]) == (400, "ACCESS_DENIED")
    assert (await world.call("crm.stagehistory.list", DEAL, token=token))["items"] == []


async def test_custom_fields_have_both_spellings(world: World) -> None:
    field = world.portal.add_field("Тип клиента", "enumeration", choices=["Срочно", "Выбирают"])
    deal = world.deal()
    choice = next(iter(field.items))
    camel = "ufCrm_" + field.name.removeprefix("UF_CRM_")
    await world.call("crm.item.update", {**DEAL, "id": deal.id, "fields": {camel: choice}})
    assert (await world.call("crm.item.get", {**DEAL, "id": deal.id}))["item"][camel] == choice
    assert (await world.call("crm.deal.get", {"id": deal.id}))[field.name] == str(choice)
    original = await world.call("crm.item.get", {**DEAL, "id": deal.id, "useOriginalUfNames": "Y"})
    assert original["item"][field.name] == choice
    described = (await world.call("crm.item.fields", DEAL))["fields"][camel]
    assert (described["type"], described["upperName"], described["title"]) == (
        "enumeration",
        field.name,
        "Тип клиента",
    )


async def test_smart_invoices_know_their_deal_and_the_stage_before(world: World) -> None:
    deal = world.deal()
    added = await world.call(
        "crm.item.add", {"entityTypeId": 31, "fields": {"title": "Счёт", "parentId2": deal.id}}
    )
    number = added["item"]["id"]
    change = {"entityTypeId": 31, "id": number, "fields": {"stageId": added["item"]["stageId"][:-1] + "P"}}
    item = (await world.call("crm.item.update", change))["item"]
    assert (item["parentId2"], item["stageSemanticId"]) == (deal.id, "S")
    assert item["previousStageId"] == added["item"]["stageId"]
    page = await world.call("crm.item.list", {"entityTypeId": 31, "filter": {"parentId2": deal.id}})
    assert [row["id"] for row in page["items"]] == [number]


async def test_funnels_and_stages_are_listed_with_the_default_one_at_zero(world: World) -> None:
    categories = (await world.call("crm.category.list", DEAL))["categories"]
    assert [(row["id"], row["isDefault"]) for row in categories] == [(0, "Y"), (1, "N")]
    wanted = {"filter": {"ENTITY_ID": "DEAL_STAGE"}, "order": {"SORT": "ASC"}}
    stages = await world.call("crm.status.list", wanted)
    assert [row["STATUS_ID"] for row in stages] == [
        "NEW",
        "PREPARATION",
        "PREPAYMENT_INVOICE",
        "EXECUTING",
        "WON",
        "LOSE",
    ]
    assert [row["SEMANTICS"] for row in stages] == [None, None, None, None, "S", "F"]
    assert {row["CATEGORY_ID"] for row in stages} == {None}
    second = await world.call("crm.status.list", {"filter": {"ENTITY_ID": "DEAL_STAGE_1"}})
    assert {row["CATEGORY_ID"] for row in second} == {"1"}


async def test_rows_that_go_away_while_paging_make_one_be_missed(world: World) -> None:
    made = [world.deal().id for _ in range(60)]
    world.portal.faults.shifting_pages = True
    pages = [await world.call("crm.item.list", {**DEAL, "start": start}) for start in (0, 50)]
    seen = [item["id"] for page in pages for item in page["items"]]
    assert set(made) - set(seen) == {made[50]}
