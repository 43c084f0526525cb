import { useState } from 'preact/hooks';

import type { GateMode } from '../api/types';
import { quoted } from '../format/format';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { Drawer } from '../ui/drawer';
import { Choice } from '../ui/fields';
import { MODES, ModeMark } from '../ui/mode_mark';
import type { Scene } from './scene';
import { setGate } from './edits';
import { graceChoices } from './model';
import { graceText } from './words';

const ABOUT_KEYS: Record<GateMode, MessageKey> = {
  shadow: 'editor.modeAbout.shadow',
  warn: 'editor.modeAbout.warn',
  enforce: 'editor.modeAbout.enforce',
};

interface ModeFormProps {
  scene: Scene;
  stageId: string;
  onClose: () => void;
}

/** How strict a gate is, with what that means for the manager spelt out before it is applied. */
export function ModeForm({ scene, stageId, onClose }: ModeFormProps) {
  const gate = scene.segment.gates.find((one) => one.stage_id === stageId);
  const [mode, setMode] = useState<GateMode>(gate?.mode ?? 'shadow');
  const [grace, setGrace] = useState(gate?.grace_minutes ?? 0);
  if (!gate) return null;
  // A mode alone takes effect at once; a draft that is under way keeps everything together.
  const isNow = !scene.state.draft && grace === gate.grace_minutes;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isNow) void scene.store.setMode(stageId, mode, scene.segment.key);
    else scene.editSegment((segment) => setGate(segment, stageId, mode, grace));
    onClose();
  };
  return (
    <Drawer title={t('editor.modeTitle', { stage: quoted(stageTitle(scene, stageId)) })} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {MODES.map((one) => (
          <label key={one} class="check top">
            <input type="radio" name="mode" value={one} checked={one === mode} onChange={() => { setMode(one); }} />
            <span>
              <ModeMark mode={one} />
              <span class="muted"> {t(ABOUT_KEYS[one])}</span>
            </span>
          </label>
        ))}
        <Choice
          label={t('editor.graceLabel')}
          value={String(grace)}
          options={graceChoices(gate.grace_minutes).map((minutes) => [String(minutes), graceText(minutes)] as const)}
          onChoose={(minutes) => { setGrace(Number(minutes)); }}
        />
        <div class="row wide">
          <button type="submit" class="primary">{t('editor.modeApply')}</button>
          <span class="small muted">{t(isNow ? 'editor.modeNow' : 'editor.modeLater')}</span>
        </div>
      </form>
    </Drawer>
  );
}

export function stageTitle(scene: Scene, stageId: string): string {
  const pipeline = scene.catalog.pipelines.find((one) => one.id === scene.state.pipeline_id);
  return pipeline?.stages.find((stage) => stage.id === stageId)?.title ?? stageId;
}
