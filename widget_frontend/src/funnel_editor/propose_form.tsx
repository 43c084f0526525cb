import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { Drawer } from '../ui/drawer';
import type { EditorStore } from './store';

const TEMPLATE_KEYS: Partial<Record<string, MessageKey>> = {
  b2b_seven: 'editor.proposeB2b',
  universal_six: 'editor.proposeSix',
};

interface ProposeProps {
  store: EditorStore;
  templates: string[];
  onClose: () => void;
}

/** Start anew from the stages' names or from a ready-made order; what is drafted now goes. */
export function ProposeForm({ store, templates, onClose }: ProposeProps) {
  return (
    <Drawer title={t('editor.proposalsTitle')} onClose={onClose}>
      <p class="muted">{t('editor.proposalsBody')}</p>
      <ProposeButtons store={store} templates={templates} onDone={onClose} />
    </Drawer>
  );
}

interface ButtonsProps {
  store: EditorStore;
  templates: string[];
  onDone?: () => void;
}

export function ProposeButtons({ store, templates, onDone }: ButtonsProps) {
  const propose = (template: string | null): void => {
    void store.propose(template);
    onDone?.();
  };
  return (
    <div class="row">
      <button type="button" class="primary" onClick={() => { propose(null); }}>{t('editor.proposeNames')}</button>
      {templates.map((template) => {
        const key = TEMPLATE_KEYS[template];
        return key && (
          <button key={template} type="button" onClick={() => { propose(template); }}>{t(key)}</button>
        );
      })}
    </div>
  );
}
