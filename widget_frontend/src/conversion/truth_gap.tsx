import type { TruthGap } from '../api/types';
import { quoted, whole } from '../format/format';
import { t } from '../i18n/translate';
import { gapsByWidth } from './model';

/** Where statuses run ahead of clients: the widest gap in large, the others as a table. */
export function TruthGapBlock({ gaps }: { gaps: TruthGap[] }) {
  const [widest, ...others] = gapsByWidth(gaps);
  return (
    <section>
      <h2>{t('panel.gapTitle')}</h2>
      {widest ? <Widest gap={widest} /> : <p class="muted">{t('panel.gapNone')}</p>}
      {others.length > 0 && <Others gaps={others} />}
    </section>
  );
}

function Widest({ gap }: { gap: TruthGap }) {
  const [statuses, clients] = [whole(gap.statuses_say), whole(gap.clients_say)];
  return (
    <>
      <p class="big">{t('panel.gapBig', { statuses, clients })}</p>
      <div class="track gap" aria-hidden="true">
        <i class="seller" style={{ width: '100%' }} />
        <i class="client" style={{ width: `${((100 * gap.clients_say) / gap.statuses_say).toFixed(2)}%` }} />
      </div>
      <p class="muted">{t('panel.gapText', { stage: quoted(gap.stage_title), statuses, clients })}</p>
    </>
  );
}

function Others({ gaps }: { gaps: TruthGap[] }) {
  return (
    <table class="figures plain">
      <caption class="visually-hidden">{t('panel.gapOthers')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('panel.gapColStage')}</th>
          <th scope="col">{t('panel.gapColStatuses')}</th>
          <th scope="col">{t('panel.gapColClients')}</th>
        </tr>
      </thead>
      <tbody>
        {gaps.map((gap) => (
          <tr key={gap.stage_id}>
            <th scope="row">{gap.stage_title}</th>
            <td>{whole(gap.statuses_say)}</td>
            <td>{whole(gap.clients_say)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
