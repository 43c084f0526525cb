"""Who the caller is, and who works here.

https://apidocs.bitrix24.com/api-reference/common/users/profile.html
https://apidocs.bitrix24.com/api-reference/user/user-get.html
"""

from app.sandbox.bitrix24.model import User
from app.sandbox.bitrix24.rest.registry import BASIC, method
from app.sandbox.bitrix24.rest.wire import PAGE, Answer, Call, Json, as_list, truth, whole

BRIEF = ("ID", "ACTIVE", "NAME", "LAST_NAME", "SECOND_NAME", "WORK_POSITION", "PERSONAL_PHOTO", "USER_TYPE")


@method("profile", scope=BASIC)
def profile(call: Call) -> object:
    """The caller, with his admin flag; empty for somebody who has left."""
    user = call.user
    if not user.is_active:
        return []
    return {
        "ID": str(user.id),
        "ADMIN": user.is_admin,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "PERSONAL_GENDER": "",
        "TIME_ZONE": "Europe/Moscow",
        "TIME_ZONE_OFFSET": call.portal.config.utc_offset * 3600,
    }


@method("user.admin", scope=BASIC)
def is_admin(call: Call) -> object:
    """Whether the caller is an administrator."""
    return call.user.is_admin


def _user(call: Call, user: User) -> Json:
    row: Json = {
        "ID": str(user.id),
        "XML_ID": str(user.id),
        "ACTIVE": user.is_active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": "",
        "EMAIL": user.email,
        "LAST_LOGIN": call.portal.iso(call.portal.now()),
        "WORK_POSITION": user.position,
        "PERSONAL_PHOTO": "",
        "UF_DEPARTMENT": [1],
        "USER_TYPE": "employee",
    }
    if "user" not in call.app.scope and "user_basic" not in call.app.scope:
        return {name: row[name] for name in BRIEF}
    return row


@method("user.current", scope="user")
def current(call: Call) -> object:
    """The caller as an employee; nothing here says whether he is an administrator."""
    return _user(call, call.user)


@method("user.get", "user.search", scope="user")
def get(call: Call) -> object:
    """Employees; the filter lies at the top of the parameters or under FILTER."""
    wanted = {key.upper(): value for key, value in (call.params | call.tree("filter")).items()}
    numbers = [whole(item) for item in as_list(wanted.get("ID"))]
    active = wanted.get("ACTIVE")
    rows = [
        user
        for user in call.portal.users.values()
        if (not numbers or user.id in numbers)
        and (active is None or user.is_active == truth(active))
        and (not truth(wanted.get("ADMIN_MODE")) or call.user.is_admin)
    ]
    begin = max(call.start, 0)
    more = begin + PAGE if len(rows) > begin + PAGE else None
    return Answer([_user(call, user) for user in rows[begin : begin + PAGE]], len(rows), more)


@method("department.get", scope="user")
def departments(call: Call) -> object:
    """The company's one department."""
    return [{"ID": "1", "NAME": call.portal.name, "SORT": 500, "UF_HEAD": "1"}]
