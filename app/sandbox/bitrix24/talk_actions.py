"""Open-line dialogues: a client writes in a messenger, an operator answers."""

from app.sandbox.bitrix24.activity_actions import ActivityActions
from app.sandbox.bitrix24.model import INCOMING, PROVIDER, Chat, ChatMessage, Item
from app.sandbox.bitrix24.state import Act

CONNECTORS = {
    "telegrambot": "Telegram",
    "whatsappbytwilio": "WhatsApp",
    "livechat": "Онлайн-чат",
    "avito": "Avito",
    "vkgroup": "ВКонтакте",
}
LINE = 1


class TalkActions(ActivityActions):
    """Changes of dialogues. Built-in channels raise no message event: only the activity speaks."""

    def add_message(
        self,
        deal: Item,
        act: Act,
        text: str,
        *,
        incoming: bool = True,
        connector: str = "telegrambot",
    ) -> ChatMessage:
        """A message of the client, or one of an operator, in the deal's dialogue of that channel."""
        chat = self.chat_of(deal, connector) or self._open(deal, connector, act)
        sender = chat.client_user_id if incoming else act.by
        message = ChatMessage(self.take_id("message"), sender, text, self.moment(act))
        chat.messages.append(message)
        activity = self.activities[chat.activity_id]
        if self.faults.session_activity_updates and len(chat.messages) > 1:
            activity.end = activity.last_updated = self.moment(act)
            self.tell_activity("UPDATE", activity, act)
        return message

    def chat_of(self, deal: Item, connector: str = "") -> Chat | None:
        """The last dialogue of a deal, in one channel when asked."""
        found = [self.chats[number] for number in self.chats_of.get(deal.link, [])]
        mine = [chat for chat in found if connector in {"", chat.connector_id}]
        return mine[-1] if mine else None

    def _open(self, deal: Item, connector: str, act: Act) -> Chat:
        contact = self.contact_of(deal)
        session, title = self.take_id("session"), CONNECTORS.get(connector, connector)
        name = contact.full_name if contact else "Гость"
        activity = self.put_activity(
            self.links_of(deal),
            act,
            type_id=PROVIDER,
            provider_id="IMOPENLINES_SESSION",
            provider_type_id=str(LINE),
            subject=f"Чат с клиентом {name} ({title})",
            direction=INCOMING,
            completed=False,
            responsible_id=deal.assigned_by_id,
            associated_id=session,
            is_incoming=True,
            provider_params={"USER_CODE": f"{connector}|{LINE}|{deal.id}|{session}"},
        )
        chat = Chat(
            self.take_id("chat"),
            session,
            activity.id,
            connector,
            title,
            self.take_id("outsider"),
            name,
            LINE,
            self.links_of(deal),
            self.moment(act),
        )
        self.chats[chat.id] = chat
        for link in chat.bindings:
            self.chats_of.setdefault(link, []).append(chat.id)
        return chat
