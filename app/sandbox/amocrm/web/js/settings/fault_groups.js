/** Switches by what they touch; a switch that the server has and no group names goes with the log. */
const GROUPS = {
  webhooks: ['drop_rate', 'duplicate_rate', 'reorder_rate', 'reorder_seconds', 'delay_min', 'delay_max', 'echo_delay_max', 'same_requestid_on_retry', 'timeout_code', 'trailing_slash_required', 'repost_enables_hook', 'webhook_created_status'],
  hookBodies: ['account_block', 'account_block_id', 'thin_hooks', 'old_pipeline_in_hooks', 'pair_order', 'mass_hooks', 'zero_author_rate', 'escape_ampersands', 'string_dates_offset', 'double_task_hooks'],
  outage: ['latency', 'down', 'lost_write_rate', 'lost_write_mode', 'shifting_pages'],
  limits: ['rate_limit', 'integration_rps', 'account_rps', 'noise_rps', 'html_429', 'retry_after', 'ban_after', 'ip_ban', 'ip_not_allowed', 'unpaid'],
  oauth: ['refresh_grace', 'tokens_revoked', 'lost_token_answer', 'moved_to_host', 'moved_status', 'disable_hook_parameter', 'bad_disable_signature', 'forged_referer', 'platform', 'admin_claim'],
};

export function grouped(names) {
  const named = new Set(Object.values(GROUPS).flat());
  const groups = { ...GROUPS, log: names.filter((name) => !named.has(name)) };
  return ['webhooks', 'outage', 'limits', 'oauth', 'log', 'hookBodies']
    .map((group) => ({ group, names: groups[group].filter((name) => names.includes(name)) }));
}
