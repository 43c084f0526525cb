import { useState } from 'preact/hooks';

import type { LockRow, LockStageRef } from '../api/types';
import { copyText } from '../checklist/copy_text';
import { quoted } from '../format/format';
import { t } from '../i18n/translate';
import type { StepProps } from './lock_page';
import { names, roleText } from './model';

/** More rows or names than these are folded: who sets a role needs the whole table, others the beginning. */
const ROWS_SHOWN = 12;
const NAMES_SHOWN = 5;

/** What to take away from the sellers' role in the CRM, for exactly this pipeline. */
export function RolesStep({ state, store, pipeline }: StepProps) {
  const open = (event: MouseEvent): void => {
    if (!store.host.openAddress || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    store.host.openAddress(state.roles_url);
  };
  return (
    <section aria-labelledby="lock-roles">
      <h2 id="lock-roles">{t('lock.rolesTitle')}</h2>
      <ol class="how">
        <li>
          {t('lock.how.open')}{' '}
          {state.roles_url && <a href={state.roles_url} target="_blank" rel="noopener" onClick={open}>{t('lock.how.openLink')}</a>}
        </li>
        <li>{t('lock.how.find', { pipeline: quoted(pipeline.title) })}</li>
        <li>{t('lock.how.clear')}</li>
        <li>{t('lock.how.save')}</li>
      </ol>
      <RoleTable rows={state.matrix} />
      <div class="row wide">
        <Copy text={roleText(state.matrix, pipeline.title)} label={t('lock.copy')} />
      </div>
      <p class="small muted">{t('lock.how.admins')}</p>
    </section>
  );
}

function RoleTable({ rows }: { rows: LockRow[] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? rows : rows.slice(0, ROWS_SHOWN);
  return (
    <>
      <table class="roles">
        <caption class="visually-hidden">{t('lock.tableCaption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('lock.colFrom')}</th>
            <th scope="col">{t('lock.colTargets')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ stage_id: id, title, closed }) => (
            <tr key={id}>
              <th scope="row">{title}</th>
              <td>{closed.length > NAMES_SHOWN + 1 ? <Folded stages={closed} /> : names(closed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <button type="button" class="link" onClick={() => { setWhole(true); }}>{t('lock.all', { n: rows.length })}</button>
      )}
    </>
  );
}

function Folded({ stages }: { stages: LockStageRef[] }) {
  const rest = stages.slice(NAMES_SHOWN);
  return (
    <>
      {names(stages.slice(0, NAMES_SHOWN))}
      <details>
        <summary>{t('lock.moreNames', { n: rest.length })}</summary>
        {names(rest)}
      </details>
    </>
  );
}

/** A button that puts a text on the clipboard and says so. */
export function Copy({ text, label, isPrimary = false }: { text: string; label: string; isPrimary?: boolean }) {
  const [outcome, setOutcome] = useState<'' | 'done' | 'failed'>('');
  const copy = async (): Promise<void> => {
    setOutcome((await copyText(text)) ? 'done' : 'failed');
  };
  return (
    <>
      <button type="button" class={isPrimary ? 'primary' : ''} onClick={() => void copy()}>{label}</button>
      <span class="small muted" role="status">
        {outcome === 'done' && t('lock.copied')}
        {outcome === 'failed' && t('lock.copyFailed')}
      </span>
    </>
  );
}
