"""amoCRM and Kommo behind the port. What is known and what is not: NOTES.md, quality.yaml."""

from app.crm.adapters.amocrm.api import AmocrmApi
from app.crm.adapters.amocrm.client import AmocrmClient
from app.crm.adapters.amocrm.hosts import HostList
from app.crm.adapters.amocrm.oauth import AmocrmOAuth
from app.crm.adapters.amocrm.settings import AmocrmSettings
from app.crm.adapters.amocrm.webhooks import AmocrmWebhooks
from app.crm.adapters.amocrm.widget_auth import AmocrmWidgetAuth
from app.crm.port import Capability, CrmAdapter, CrmClient, Session
from app.crm.registry import AdapterEnvironment

SETTINGS = AmocrmSettings


def build(environment: AdapterEnvironment) -> CrmAdapter:
    """The adapter with its own settings. Raises pydantic's ValidationError for bad ones."""
    settings = AmocrmSettings()
    hosts = HostList(environment.trusted_origins)
    public_url = environment.public_url.rstrip("/")

    def open_client(session: Session) -> CrmClient:
        return AmocrmClient(AmocrmApi(session, hosts, environment.transport), settings, environment.clock)

    return CrmAdapter(
        name="amocrm",
        title="amoCRM",
        webhooks=AmocrmWebhooks(),
        oauth=AmocrmOAuth(settings, hosts, public_url, environment.clock, environment.transport),
        widget=AmocrmWidgetAuth(settings, hosts, public_url),
        open_client=open_client,
        deal_url=lambda host, deal_id: f"{hosts.origin(host)}/leads/detail/{deal_id}",
        capabilities=frozenset({Capability.EVENT_LOG, Capability.MOVE_AUTHOR}),
    )
