import type { TruthGap } from '../api/types';
import { quoted, whole } from '../format/format';
import { t } from '../i18n/translate';
import { Figure } from './figure';
import type { OpenDeals } from './figure';
import { gapsByWidth } from './model';
import { gateKey } from './view';

/** More stages than this are folded away under the widest gaps. */
const SHOWN = 4;

interface GapProps {
  gaps: TruthGap[];
  /** The segment that the report was narrowed to; empty for all. */
  segmentKey: string;
  onOpen: OpenDeals;
}

/** Where statuses run ahead of clients: the widest gap in large, the others as a table. */
export function TruthGapBlock({ gaps, segmentKey, onOpen }: GapProps) {
  const [widest, ...others] = gapsByWidth(gaps);
  return (
    <section>
      <h2>{t('panel.gapTitle')}</h2>
      {widest ? <Widest gap={widest} segmentKey={segmentKey} onOpen={onOpen} /> : <p class="muted">{t('panel.gapNone')}</p>}
      {others.length > 0 && <Others gaps={others.slice(0, SHOWN)} segmentKey={segmentKey} onOpen={onOpen} />}
      {others.length > SHOWN && (
        <details>
          <summary class="small">{t('panel.gapMore', { n: others.length - SHOWN })}</summary>
          <Others gaps={others.slice(SHOWN)} segmentKey={segmentKey} onOpen={onOpen} />
        </details>
      )}
    </section>
  );
}

interface WidestProps extends Omit<GapProps, 'gaps'> {
  gap: TruthGap;
}

function Widest({ gap, segmentKey, onOpen }: WidestProps) {
  const [statuses, clients] = [whole(gap.statuses_say), whole(gap.clients_say)];
  return (
    <>
      <p class="big">{t('panel.gapBig', { statuses, clients })}</p>
      <div class="track gap" aria-hidden="true">
        <i class="seller" style={{ width: '100%' }} />
        <i class="client" style={{ width: `${((100 * gap.clients_say) / gap.statuses_say).toFixed(2)}%` }} />
      </div>
      <p class="muted">{t('panel.gapText', { stage: quoted(gap.stage_title), statuses, clients })}</p>
      <p><Claimed gap={gap} segmentKey={segmentKey} onOpen={onOpen}>{t('panel.gapOpen')}</Claimed></p>
    </>
  );
}

function Others({ gaps, segmentKey, onOpen }: GapProps) {
  return (
    <table class="figures plain">
      <caption class="visually-hidden">{t('panel.gapOthers')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('panel.gapColStage')}</th>
          <th scope="col">{t('panel.gapColStatuses')}</th>
          <th scope="col">{t('panel.gapColClients')}</th>
          <th scope="col">{t('panel.gapColWidth')}</th>
        </tr>
      </thead>
      <tbody>
        {gaps.map((gap) => (
          <tr key={gap.stage_id}>
            <th scope="row">{gap.stage_title}</th>
            <td>{whole(gap.statuses_say)}</td>
            <td>{whole(gap.clients_say)}</td>
            <td><Claimed gap={gap} segmentKey={segmentKey} onOpen={onOpen} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ClaimedProps extends WidestProps {
  children?: string;
}

/** The number of deals that stand further than their clients, with the way to them. */
function Claimed({ gap, segmentKey, onOpen, children }: ClaimedProps) {
  const label = t('panel.openClaimed', { stage: quoted(gap.stage_title), n: width(gap), shown: whole(width(gap)) });
  const drill = { segmentKey, stepKey: gateKey(gap.stage_id), state: 'claimed_only' } as const;
  return <Figure drill={drill} count={width(gap)} label={label} onOpen={onOpen}>{children}</Figure>;
}

function width(gap: TruthGap): number {
  return gap.statuses_say - gap.clients_say;
}
