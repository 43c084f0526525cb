"""About the application and the portal itself.

https://apidocs.bitrix24.com/api-reference/common/system/app-info.html
https://apidocs.bitrix24.com/api-reference/common/settings/app-option-set.html
"""

from app.sandbox.bitrix24.rest.registry import BASIC, METHODS, method
from app.sandbox.bitrix24.rest.wire import Call, Json, RestError

FEATURES = {"rest_offline_extended": "offline_reservation", "rest_auth_connector": "auth_connector"}


@method("app.info", scope=BASIC)
def app_info(call: Call) -> object:
    """The application as the portal sees it; another shape than the authorization server's."""
    app = call.app
    return {
        "ID": app.id,
        "CODE": app.code or app.client_id,
        "VERSION": app.version,
        "STATUS": app.status,
        "INSTALLED": app.installed,
        "PAYMENT_EXPIRED": "Y" if app.payment_expired else "N",
        "DAYS": None,
        "LANGUAGE_ID": "ru",
        "LICENSE": f"ru_{call.portal.config.license_type}",
        "LICENSE_TYPE": call.portal.config.license_type,
        "LICENSE_FAMILY": call.portal.config.license_type,
    }


@method("scope", scope=BASIC)
def scope(call: Call) -> object:
    """What the application may use."""
    return list(call.app.scope)


@method("methods", scope=BASIC)
def methods(call: Call) -> object:
    """The methods that the application may call."""
    return sorted(name for name, found in METHODS.items() if found.in_scope(call.app.scope))


@method("method.get", scope=BASIC)
def method_known(call: Call) -> object:
    """Whether there is such a method and the application may call it."""
    found = METHODS.get(call.text("name").lower())
    return {"isExisting": found is not None, "isAvailable": bool(found and found.in_scope(call.app.scope))}


@method("server.time", scope=BASIC)
def server_time(call: Call) -> object:
    """The portal's clock."""
    return call.portal.iso(call.portal.now())


@method("feature.get", scope=BASIC)
def feature(call: Call) -> object:
    """Whether the plan has a feature."""
    switch = FEATURES.get(call.text("CODE"))
    return {"value": "Y" if switch and getattr(call.portal.faults, switch) else "N"}


@method("app.option.get", scope=BASIC, for_app=True)
def get_options(call: Call) -> object:
    """The application's settings, or one of them."""
    name = call.text("option")
    return call.app.options.get(name, "") if name else call.app.options or []


@method("app.option.set", scope=BASIC, for_app=True, for_admin=True)
def set_options(call: Call) -> object:
    """Keep settings; only an administrator may."""
    call.app.options.update(call.tree("options"))
    return True


@method("user.option.get", scope=BASIC, for_app=True)
def get_user_options(call: Call) -> object:
    """The caller's settings, or one of them."""
    own: Json = {name: value for (user, name), value in call.app.user_options.items() if user == call.user.id}
    name = call.text("option")
    return own.get(name, "") if name else own or []


@method("user.option.set", scope=BASIC, for_app=True)
def set_user_options(call: Call) -> object:
    """Keep the caller's settings."""
    for name, value in call.tree("options").items():
        call.app.user_options[call.user.id, name] = value
    return True


@method("crm.automation.trigger.add", for_app=True, for_admin=True)
def add_trigger(call: Call) -> object:
    """A trigger that an administrator can put on a stage."""
    code = call.text("CODE")
    if not code or not all(character in "abcdefghijklmnopqrstuvwxyz0123456789.-_" for character in code):
        raise RestError(400, "ERROR_WRONG_TRIGGER_CODE", "Wrong trigger code!")
    call.app.triggers[code] = call.text("NAME")
    return True


@method("crm.automation.trigger.list", for_app=True, for_admin=True)
def triggers(call: Call) -> object:
    """The application's triggers."""
    return [{"CODE": code, "NAME": name} for code, name in call.app.triggers.items()]


@method("crm.automation.trigger.delete", for_app=True, for_admin=True)
def delete_trigger(call: Call) -> object:
    """A trigger goes."""
    return call.app.triggers.pop(call.text("CODE"), None) is not None


@method("crm.automation.trigger.execute", for_app=True, for_admin=True)
def execute_trigger(call: Call) -> object:
    """Fire a trigger: true says nothing about whether the deal moved."""
    if call.text("CODE") not in call.app.triggers:
        raise RestError(400, "ERROR_TRIGGER_NOT_FOUND", "Trigger not found!")
    call.portal.fire_trigger(call.text("CODE"), call.number("OWNER_ID"))
    return True
