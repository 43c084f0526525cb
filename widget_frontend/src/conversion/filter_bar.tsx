import type { ComponentChildren } from 'preact';

import type { Catalog, StepOrder } from '../api/types';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { PRESETS, isReversed } from './model';
import type { Filters, Preset } from './model';

const PRESET_KEYS: Record<Preset, MessageKey> = {
  '30': 'panel.period30',
  '90': 'panel.period90',
  '180': 'panel.period180',
  '365': 'panel.period365',
  custom: 'panel.periodCustom',
};

interface FilterProps {
  filters: Filters;
  catalog: Catalog;
  segments: Map<string, string>;
  /** Who sees only his own deals has no managers to choose from. */
  hasManagers: boolean;
  onChange: (changes: Partial<Filters>) => void;
  /** What stands at the end of the bar. */
  children?: ComponentChildren;
}

/** Period, pipeline, segment, manager, order. */
export function FilterBar({ filters, catalog, segments, hasManagers, onChange, children }: FilterProps) {
  return (
    <div class="filters" role="group" aria-label={t('panel.filters')}>
      <Choice label={t('panel.period')} value={filters.preset} onChoose={(preset) => { onChange({ preset: preset as Preset }); }}>
        {PRESETS.map((preset) => (
          <option key={preset} value={preset}>{t(PRESET_KEYS[preset])}</option>
        ))}
      </Choice>
      {filters.preset === 'custom' && <Days filters={filters} onChange={onChange} />}
      <Choice label={t('panel.pipeline')} value={filters.pipelineId} onChoose={(pipelineId) => { onChange({ pipelineId }); }}>
        {catalog.pipelines.map((pipeline) => (
          <option key={pipeline.id} value={pipeline.id}>{pipeline.title}</option>
        ))}
      </Choice>
      <Choice label={t('panel.segment')} value={filters.segmentKey} onChoose={(segmentKey) => { onChange({ segmentKey }); }}>
        <option value="">{t('panel.allSegments')}</option>
        {[...segments].map(([key, title]) => (
          <option key={key} value={key}>{title}</option>
        ))}
      </Choice>
      {hasManagers && <Managers filters={filters} catalog={catalog} onChange={onChange} />}
      <Choice label={t('panel.order')} value={filters.order} onChoose={(order) => { onChange({ order: order as StepOrder }); }}>
        <option value="ordered">{t('panel.orderOrdered')}</option>
        <option value="any">{t('panel.orderAny')}</option>
      </Choice>
      {children}
    </div>
  );
}

type PartProps = Pick<FilterProps, 'filters' | 'onChange'>;

function Managers({ filters, catalog, onChange }: PartProps & { catalog: Catalog }) {
  return (
    <Choice label={t('panel.manager')} value={filters.responsibleId} onChoose={(responsibleId) => { onChange({ responsibleId }); }}>
      <option value="">{t('panel.allManagers')}</option>
      {byName(catalog.users).map((user) => (
        <option key={user.id} value={user.id}>{user.is_active ? user.name : t('panel.leftManager', { name: user.name })}</option>
      ))}
    </Choice>
  );
}

/** Who works here now first, then who has left and still has deals; by name. */
function byName(users: Catalog['users']): Catalog['users'] {
  return [...users].sort((one, other) => Number(other.is_active) - Number(one.is_active) || one.name.localeCompare(other.name));
}

function Days({ filters, onChange }: PartProps) {
  return (
    <>
      <input type="date" aria-label={t('panel.from')} value={filters.from} onChange={(event) => { onChange({ from: event.currentTarget.value }); }} />
      <input type="date" aria-label={t('panel.to')} value={filters.to} onChange={(event) => { onChange({ to: event.currentTarget.value }); }} />
      {isReversed(filters, new Date()) && <span class="fault" role="alert">{t('panel.reversed')}</span>}
    </>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChoose: (value: string) => void;
  children: ComponentChildren;
}

function Choice({ label, value, onChoose, children }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={(event) => { onChoose(event.currentTarget.value); }}>
      {children}
    </select>
  );
}
