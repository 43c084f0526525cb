"""Open lines: which dialogues a deal has, and what was said in them.

https://apidocs.bitrix24.com/api-reference/imopenlines/openlines/index.html
"""

from app.sandbox.bitrix24.model import COMPANY, CONTACT, DEAL, TYPE_NAMES, Chat
from app.sandbox.bitrix24.rest.registry import method
from app.sandbox.bitrix24.rest.wire import Call, Json, RestError, truth, whole


@method("imopenlines.crm.chat.get", scope="imopenlines")
def of_record(call: Call) -> object:
    """The chats of a record; only those whose session goes on unless ACTIVE_ONLY is N."""
    kind = TYPE_NAMES.get(call.text("CRM_ENTITY_TYPE").lower(), 0)
    link = (kind, whole(call.param("CRM_ENTITY")) or 0)
    active = call.param("ACTIVE_ONLY")
    only_active = active is None or truth(active)
    return [
        {
            "CHAT_ID": str(chat.id),
            "CONNECTOR_ID": chat.connector_id,
            "CONNECTOR_TITLE": chat.connector_title,
        }
        for chat in (call.portal.chats[number] for number in call.portal.chats_of.get(link, []))
        if not (only_active and call.portal.activities[chat.activity_id].completed)
    ]


def _chat(call: Call) -> Chat:
    number = whole(call.param("CHAT_ID"))
    session = whole(call.param("SESSION_ID"))
    for chat in call.portal.chats.values():
        if number == chat.id or (number is None and session == chat.session_id):
            return chat
    raise RestError(400, "ACCESS_ERROR", "You do not have access to the specified dialog")


@method("imopenlines.dialog.get", scope="imopenlines")
def dialog(call: Call) -> object:
    """One dialogue; the sixth part of entity_data_1 is the session."""
    chat = _chat(call)
    bound = dict(chat.bindings)
    crm = f"LEAD|0|COMPANY|{bound.get(COMPANY, 0)}|CONTACT|{bound.get(CONTACT, 0)}|DEAL|{bound.get(DEAL, 0)}"
    return {
        "id": chat.id,
        "title": f"{chat.client_name} — {chat.connector_title}",
        "owner": 0,
        "type": "lines",
        "entity_type": "LINES",
        "entity_id": f"{chat.connector_id}|{chat.line_id}|{chat.id}|{chat.client_user_id}",
        "entity_data_1": f"Y|DEAL|{bound.get(DEAL, 0)}|N|N|{chat.session_id}|{int(chat.started)}|0|0|0",
        "entity_data_2": crm,
        "date_create": call.portal.iso(chat.started),
        "message_count": len(chat.messages),
        "dialog_id": f"chat{chat.id}",
    }


@method("imopenlines.session.history.get", scope="imopenlines")
def history(call: Call) -> object:
    """Messages and people of a session; `connector` marks people of an outer channel."""
    chat = _chat(call)
    messages: Json = {}
    for message in chat.messages:
        messages[str(message.id)] = {
            "id": str(message.id),
            "chatid": str(chat.id),
            "senderid": str(message.sender_id),
            "recipientid": f"chat{chat.id}",
            "date": call.portal.iso(message.at),
            "text": message.text,
            "textlegacy": message.text,
        }
    return {
        "chatId": chat.id,
        "sessionId": str(chat.session_id),
        "canJoin": "Y",
        "message": messages or [],
        "usersMessage": {f"chat{chat.id}": [str(message.id) for message in chat.messages]},
        "users": _people(call, chat),
        "openlines": {"canVoteHead": "N"},
    }


def _people(call: Call, chat: Chat) -> Json:
    people: Json = {}
    for sender in dict.fromkeys(message.sender_id for message in chat.messages):
        user = call.portal.users.get(sender)
        if sender and (user is not None or sender == chat.client_user_id):
            people[str(sender)] = {
                "id": str(sender),
                "name": user.full_name if user else chat.client_name,
                "active": True,
                "extranet": user is None,
                "bot": False,
                "connector": user is None,
            }
    return people
