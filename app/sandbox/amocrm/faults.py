"""Every switch of the sandbox: faults to inject and the documented uncertainties, one field each."""

from dataclasses import asdict, dataclass, fields


@dataclass
class Faults:
    """Rates are chances from 0 to 1, times are seconds. The defaults are a healthy account."""

    # webhooks on their way
    drop_rate: float = 0.0
    duplicate_rate: float = 0.0
    reorder_rate: float = 0.0
    reorder_seconds: float = 30.0
    delay_min: float = 0.0
    delay_max: float = 0.0
    echo_delay_max: float = 0.0
    # webhooks: what they say
    account_block: str = "first"  # first | last | random
    account_block_id: bool = True
    thin_hooks: bool = False
    old_pipeline_in_hooks: bool = False
    pair_order: str = "update_first"  # update_first | status_first | random
    mass_hooks: str = "grouped"  # grouped | single | both
    zero_author_rate: float = 0.0
    escape_ampersands: bool = True
    string_dates_offset: int = 0
    double_task_hooks: bool = False
    # webhooks: the delivery service
    same_requestid_on_retry: bool = True
    timeout_code: int = 0  # 0 | 499: how a timeout is recorded decides between 3 and 5 attempts
    trailing_slash_required: bool = False
    repost_enables_hook: bool = False
    webhook_created_status: int = 201  # 201 | 200
    # the log and the API
    event_log_lag: float = 0.0
    event_log_jitter: float = 0.0
    events_oldest_first: bool = False
    event_limit_mode: str = "clamp"  # clamp | refuse
    task_event_entity: str = "task"  # task | lead
    field_event_type: str = "per_field"  # per_field | generic
    field_filter_mode: str = "any"  # any | exact: what the filter by the general kind finds
    mail_events: bool = True
    filter_paid: bool = True
    unpaid_filter_mode: str = "ignore"  # ignore | refuse
    strict_required_statuses: bool = False
    ui_required_statuses: bool = True
    keep_loss_reason_on_reopen: bool = False
    status_alone_moves_pipeline: bool = True
    latency: float = 0.0
    down: str = ""  # "" | 503 | cut
    lost_write_rate: float = 0.0
    lost_write_mode: str = "504"  # 504 | cut
    shifting_pages: bool = False
    # limits
    rate_limit: bool = False
    integration_rps: int = 7
    account_rps: int = 50
    noise_rps: int = 0
    html_429: bool = False
    retry_after: int = 300
    ban_after: int = 30
    ip_ban: bool = False
    ip_not_allowed: bool = False
    unpaid: str = ""  # "" | writes | all
    # OAuth
    refresh_grace: bool = False
    tokens_revoked: bool = False
    lost_token_answer: bool = False
    moved_to_host: str = ""
    moved_status: int = 404  # 401 | 404
    disable_hook_parameter: str = "client_uuid"  # client_uuid | client_id
    bad_disable_signature: bool = False
    forged_referer: str = ""
    platform: int = 1
    admin_claim: str = "present"  # present | missing

    def as_dict(self) -> dict[str, object]:
        """All switches as plain JSON values."""
        return asdict(self)

    def update(self, changes: dict[str, object]) -> None:
        """Set switches by name.

        Raises ValueError with a sentence for an unknown name or a value of another type;
        nothing is changed then.
        """
        known = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        checked: dict[str, object] = {}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"There is no switch called {name}.")
            checked[name] = _converted(name, value, known[name])
        for name, value in checked.items():
            setattr(self, name, value)


def _converted(name: str, value: object, kind: type) -> object:
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        if name.endswith("_rate") and not 0 <= value <= 1:
            raise ValueError(f"The switch {name} takes a share from 0 to 1.")
        return float(value)
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise ValueError(f"The switch {name} takes a value of type {kind.__name__}.")
