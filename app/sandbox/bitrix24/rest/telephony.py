"""The call statistics.

https://apidocs.bitrix24.com/api-reference/telephony/voximplant/statistic/voximplant-statistic-get.html
"""

from collections.abc import Callable

from app.sandbox.bitrix24.model import Call as PhoneCall
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.table import Column, Table
from app.sandbox.bitrix24.rest.wire import Call, Json

FIELDS: dict[str, tuple[str, Callable[[PhoneCall], object]]] = {
    "ID": ("integer", lambda row: row.id),
    "PORTAL_USER_ID": ("integer", lambda row: row.user_id),
    "PORTAL_NUMBER": ("string", lambda row: row.portal_number),
    "PHONE_NUMBER": ("string", lambda row: row.phone),
    "CALL_ID": ("string", lambda row: row.call_id),
    "EXTERNAL_CALL_ID": ("string", lambda _: None),
    "CALL_CATEGORY": ("string", lambda _: "external"),
    "CALL_DURATION": ("integer", lambda row: row.duration),
    "CALL_START_DATE": ("datetime", lambda row: row.started),
    "CALL_RECORD_URL": ("string", lambda _: ""),
    "CALL_VOTE": ("integer", lambda _: 0),
    "COST": ("double", lambda _: 0.0),
    "COST_CURRENCY": ("string", lambda _: "RUR"),
    "CALL_FAILED_CODE": ("string", lambda row: row.failed_code),
    "CALL_FAILED_REASON": ("string", lambda row: row.failed_reason),
    "CRM_ENTITY_TYPE": ("string", lambda row: row.crm_type or None),
    "CRM_ENTITY_ID": ("integer", lambda row: row.crm_id or None),
    "CRM_ACTIVITY_ID": ("integer", lambda row: row.activity_id),
    "REST_APP_ID": ("string", lambda row: row.rest_app_id or None),
    "REST_APP_NAME": ("string", lambda _: None),
    "TRANSCRIPT_ID": ("integer", lambda row: row.id if row.transcript else None),
    "TRANSCRIPT_PENDING": ("boolean", lambda _: False),
    "SESSION_ID": ("integer", lambda row: row.id),
    "REDIAL_ATTEMPT": ("integer", lambda _: None),
    "COMMENT": ("string", lambda _: None),
    "RECORD_DURATION": ("integer", lambda row: row.duration or None),
    "RECORD_FILE_ID": ("integer", lambda _: None),
    "CALL_TYPE": ("integer", lambda row: row.kind),
}


@method("voximplant.statistic.get", scope="telephony")
def statistic(call: Call) -> object:
    """Rows of the statistics; SORT and ORDER name one column and its direction."""
    columns = {name: Column(name, kind, read) for name, (kind, read) in FIELDS.items()}
    table: Table[PhoneCall] = Table(columns, "ID", offset=call.portal.config.utc_offset)
    sort = call.text("SORT").upper()
    order: Json = {sort: call.text("ORDER") or "ASC"} if sort in FIELDS else {}
    call.params = {key: value for key, value in call.params.items() if key.lower() not in {"order", "sort"}}
    call.params["order"] = order
    rows = list(call.portal.calls.values())
    visible = rows if call.user.is_admin else [row for row in rows if row.user_id == call.user.id]
    return table.page(visible, call, select=list(FIELDS))
