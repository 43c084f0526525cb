"""The events log: appended in any order, read in time order, each event visible after its lag."""

from bisect import bisect_left, bisect_right
from collections import defaultdict

from app.sandbox.amocrm.model import Event


class Journal:
    """All events of an account, sorted by id (an id starts with its milliseconds)."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._by_id: dict[str, Event] = {}
        self._by_entity: dict[tuple[str, int], list[Event]] = defaultdict(list)
        self._sorted = True
        self.version = 0

    def __len__(self) -> int:
        return len(self._events)

    def append(self, event: Event) -> None:
        """Add one event; a late time is put where it belongs at the next read."""
        if self._events and self._sorted and event.id < self._events[-1].id:
            self._sorted = False
        self._events.append(event)
        self._by_id[event.id] = event
        self._by_entity[(event.entity, event.entity_id)].append(event)
        self.version += 1

    def get(self, event_id: str, now: float) -> Event | None:
        """One event, or None when unknown or not visible yet."""
        event = self._by_id.get(event_id)
        return event if event and event.visible_at <= now else None

    def all(self) -> list[Event]:
        """Every event in time order, visible or not."""
        if not self._sorted:
            self._events.sort(key=lambda event: event.id)
            self._sorted = True
        return self._events

    def between(self, since: int | None, until: int | None) -> list[Event]:
        """Events with since <= created_at <= until (unix seconds), in time order."""
        events = self.all()
        low = 0 if since is None else bisect_left(events, since, key=lambda event: event.created_at)
        high = len(events)
        if until is not None:
            high = bisect_right(events, until, key=lambda event: event.created_at)
        return events[low:high]

    def of(self, entity: str, entity_id: int) -> list[Event]:
        """Events of one entity (`lead`, `contact` …) in time order."""
        return sorted(self._by_entity.get((entity, entity_id), ()), key=lambda event: event.id)
