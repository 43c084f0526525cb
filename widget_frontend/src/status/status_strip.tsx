import type { Status } from '../api/types';
import { quoted } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { BackfillLine } from '../ui/backfill_line';

const CRM_KEYS: Partial<Record<string, MessageKey>> = {
  reconnect: 'status.reconnect',
  pay: 'status.pay',
  ask_crm_support: 'status.ask_crm_support',
  wait: 'status.wait',
  unreachable: 'status.unreachable',
  removed: 'status.removed',
};

/** Sentences that ask the admin to do or to know something, worst first. */
export function statusAlarms(status: Status): string[] {
  const crm = CRM_KEYS[status.crm.sentence_code];
  return [
    crm ? t(crm) : '',
    status.hooks.state === 'failing' ? t('status.hooksFailing') : '',
    status.backfill?.state === 'failed' ? t('status.backfillFailed') : '',
    status.writes.off ? t('status.writesOff') : '',
    ...status.leaking_locks.map(({ stage_title: title }) => t('status.lockLeaks', { stage: quoted(title) })),
    status.parked > 0 ? t('status.parked', { n: status.parked }) : '',
  ].filter(Boolean);
}

/** How the account fares, in one quiet line, or loudly when somebody has to act. */
export function StatusStrip({ status }: { status: Status | null }) {
  if (!status) return null;
  const alarms = statusAlarms(status);
  const { backfill, gates } = status;
  return (
    <section class="status" aria-label={t('status.label')}>
      {alarms.map((text) => (
        <p key={text} class="notice wait" role="alert">{text}</p>
      ))}
      <p class="small muted row wide">
        {status.crm.sentence_code === 'ok' && <span><Dot />{t('status.ok', { host: status.crm.host })}</span>}
        <span>{t('status.gates', { ...gates })}</span>
        {backfill?.state === 'done' && <span>{t('status.backfillDone', { n: backfill.done })}</span>}
      </p>
      {backfill && ['waiting', 'running'].includes(backfill.state) && (
        <>
          <BackfillLine backfill={backfill} />
          <div class="meter" aria-hidden="true">
            <i style={{ width: `${String(Math.round((100 * backfill.done) / Math.max(1, backfill.total)))}%` }} />
          </div>
        </>
      )}
    </section>
  );
}

function Dot() {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      <circle cx="5" cy="5" r="4" fill="var(--sg-done)" />
    </svg>
  );
}
