"""Contacts and companies, and finding them by phone."""

from collections.abc import Sequence

from app.sandbox.bitrix24.item_actions import ItemActions
from app.sandbox.bitrix24.model import COMPANY, CONTACT, DEAL, Client, Item
from app.sandbox.bitrix24.state import Act

EVENT_WORDS = {CONTACT: "CONTACT", COMPANY: "COMPANY"}


class ClientActions(ItemActions):
    """Changes of clients."""

    def create_client(
        self,
        name: str,
        act: Act,
        *,
        entity_type_id: int = CONTACT,
        last_name: str = "",
        assigned_by_id: int = 0,
        phones: Sequence[str] = (),
        emails: Sequence[str] = (),
        company_id: int = 0,
    ) -> Client:
        """A new contact, or a company with its type."""
        at = self.moment(act)
        client = Client(
            entity_type_id,
            self.take_id(f"client{entity_type_id}"),
            name,
            last_name,
            assigned_by_id or act.by,
            act.by,
            at,
            at,
            list(phones),
            list(emails),
            company_id,
        )
        self.clients[entity_type_id][client.id] = client
        self.tell(f"ONCRM{EVENT_WORDS[entity_type_id]}ADD", {"FIELDS": {"ID": client.id}}, act)
        return client

    def update_client(self, client: Client, act: Act, **changes: object) -> bool:
        """Save what differs; False when nothing does."""
        wanted = {name: value for name, value in changes.items() if getattr(client, name) != value}
        for name, value in wanted.items():
            setattr(client, name, value)
        if wanted:
            client.updated_time = self.moment(act)
            event = f"ONCRM{EVENT_WORDS[client.entity_type_id]}UPDATE"
            self.tell(event, {"FIELDS": {"ID": client.id}}, act)
        return bool(wanted)

    def contact_of(self, deal: Item) -> Client | None:
        """The first contact of a deal."""
        return self.clients[CONTACT].get(deal.contact_ids[0]) if deal.contact_ids else None

    def by_phone(self, phone: str) -> Client | None:
        """The contact with that number, compared by its last ten digits."""
        wanted = _digits(phone)
        for client in self.clients[CONTACT].values():
            if any(_digits(number) == wanted for number in client.phones):
                return client
        return None

    def open_deals_of(self, client: Client) -> list[Item]:
        """The client's deals that are not closed, newest first."""
        deals = self.items[DEAL].values()
        mine = [deal for deal in deals if client.id in deal.contact_ids and not deal.closed]
        return sorted(mine, key=lambda deal: -deal.id)


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())[-10:]
