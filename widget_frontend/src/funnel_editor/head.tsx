import type { FunnelState } from '../api/types';
import { moment } from '../format/format';
import { t } from '../i18n/translate';
import { useWatched } from '../ui/watched';
import type { EditorProps } from './scene';
import type { Opened } from './opened';
import { PipelineSelect } from './pipeline_select';

interface HeadProps extends EditorProps {
  onOpen: (opened: Opened) => void;
}

/** Which pipeline, what is in force, what is being drafted, and what can be done with it. */
export function Head({ store, catalog, state, onOpen }: HeadProps) {
  const saving = useWatched(store.saving);
  return (
    <div class="head">
      <PipelineSelect store={store} catalog={catalog} />
      <p class="about small muted">
        {state.draft && <span class="chip">{draftText(state.draft)}</span>}
        <span role="status">
          {saving === 'saving' && t('editor.saving')}
          {saving === 'saved' && t('editor.saved')}
        </span>
        <span>{publishedText(state)}</span>
      </p>
      <span class="right">
        <button type="button" onClick={() => { onOpen({ form: 'versions' }); }}>{t('editor.versions')}</button>
        <button type="button" onClick={() => { onOpen({ form: 'file' }); }}>{t('editor.file')}</button>
        <button type="button" onClick={() => { onOpen({ form: 'propose' }); }}>{t('editor.proposals')}</button>
        {state.draft && (
          <>
            <button type="button" onClick={() => { onOpen({ form: 'discard' }); }}>{t('editor.discard')}</button>
            <button type="button" class="primary" onClick={() => { onOpen({ form: 'publish' }); }}>{t('editor.publish')}</button>
          </>
        )}
      </span>
    </div>
  );
}

function draftText(draft: NonNullable<FunnelState['draft']>): string {
  return draft.updated_by_name ? t('editor.draftBy', { who: draft.updated_by_name }) : t('editor.draft');
}

function publishedText({ published }: FunnelState): string {
  if (!published) return t('editor.notPublished');
  const when = moment(published.published_at, new Date());
  const { number, published_by_name: who } = published;
  return who ? t('editor.publishedBy', { number, who, when }) : t('editor.publishedBySystem', { number, when });
}
