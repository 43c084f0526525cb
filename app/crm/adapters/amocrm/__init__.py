"""amoCRM and Kommo: one platform under two brands."""

from app.crm.adapters.amocrm.client import AmocrmClient
from app.crm.adapters.amocrm.hosts import HostList
from app.crm.adapters.amocrm.oauth import AmocrmOAuth
from app.crm.adapters.amocrm.settings import AmocrmSettings
from app.crm.adapters.amocrm.webhooks import AmocrmWebhooks
from app.crm.adapters.amocrm.widget_auth import AmocrmWidgetAuth
from app.crm.http import HttpClient
from app.crm.port import Capability, CrmAdapter, CrmClient, Session
from app.crm.registry import AdapterEnvironment

SETTINGS = AmocrmSettings


def build(environment: AdapterEnvironment) -> CrmAdapter:
    """The adapter with its own settings from the environment. Raises ValidationError."""
    settings = AmocrmSettings()
    hosts = HostList(environment.trusted_origins)

    def open_client(session: Session) -> CrmClient:
        http = HttpClient(environment.transport)
        return AmocrmClient(session, settings, hosts, http, environment.clock)

    oauth_http = HttpClient(environment.transport)
    return CrmAdapter(
        name="amocrm",
        title="amoCRM",
        webhooks=AmocrmWebhooks(),
        oauth=AmocrmOAuth(settings, hosts, oauth_http, environment.public_url, environment.clock),
        widget=AmocrmWidgetAuth(settings, hosts, environment.public_url),
        open_client=open_client,
        capabilities=frozenset({Capability.EVENT_LOG, Capability.MOVE_AUTHOR}),
        # 5 of the 7 calls a second that one integration may make.
        calls_per_second=5.0,
    )
