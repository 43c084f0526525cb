"""The adapter put together."""

from app.crm.adapters.bitrix24.api import Bitrix24Api
from app.crm.adapters.bitrix24.catalog import USUAL_RATE
from app.crm.adapters.bitrix24.client import Bitrix24Client
from app.crm.adapters.bitrix24.frames import Bitrix24Frames
from app.crm.adapters.bitrix24.hosts import HostList
from app.crm.adapters.bitrix24.lock import ROLES_PATH
from app.crm.adapters.bitrix24.oauth import Bitrix24OAuth
from app.crm.adapters.bitrix24.proofs import Prover
from app.crm.adapters.bitrix24.queue import Plan
from app.crm.adapters.bitrix24.settings import Bitrix24Settings
from app.crm.adapters.bitrix24.subscriptions import Subscriptions
from app.crm.adapters.bitrix24.webhooks import Bitrix24Webhooks
from app.crm.adapters.bitrix24.widget_auth import Bitrix24WidgetAuth
from app.crm.port import Capability, CrmAdapter, CrmClient, Session
from app.crm.registry import AdapterEnvironment
from app.domain.evidence import EvidenceKind

NAME = "bitrix24"


def build(environment: AdapterEnvironment) -> CrmAdapter:
    """The adapter with its own settings. Raises pydantic's ValidationError for bad ones."""
    settings = Bitrix24Settings()
    hosts = HostList(environment.trusted_origins, settings.box_hosts)
    prover = Prover(hosts, environment.transport)
    public_url = environment.public_url.rstrip("/")

    def open_client(session: Session) -> CrmClient:
        api = Bitrix24Api(session, hosts, environment.clock, environment.transport)
        plan = Plan(api, environment.clock)
        subscriptions = Subscriptions(api, public_url, NAME, plan if settings.offline_events else None)
        return Bitrix24Client(api, settings, environment.clock, subscriptions, plan)

    def deal_url(host: str, deal_id: str) -> str:
        return f"{hosts.origin(host)}/crm/deal/details/{deal_id}/"

    def roles_url(host: str) -> str:
        return f"{hosts.origin(host)}{ROLES_PATH}"

    return CrmAdapter(
        name=NAME,
        title="Bitrix24",
        webhooks=Bitrix24Webhooks(),
        oauth=Bitrix24OAuth(settings, hosts, prover, environment.clock),
        widget=Bitrix24WidgetAuth(settings, hosts, prover),
        open_client=open_client,
        deal_url=deal_url,
        capabilities=frozenset({Capability.EVENT_LOG, Capability.NATIVE_LOCK, Capability.RIGHTS_IN_PROOF}),
        hook_reply=200,
        calls_per_second=USUAL_RATE[0],
        saved_calls=USUAL_RATE[1],
        frames=Bitrix24Frames(),
        roles_url=roles_url,
        unseen=frozenset({EvidenceKind.TAG}),
    )
