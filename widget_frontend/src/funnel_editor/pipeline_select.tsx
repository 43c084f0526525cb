import type { Catalog } from '../api/types';
import { t } from '../i18n/translate';
import { useWatched } from '../ui/watched';
import type { EditorStore } from './store';

/** Which pipeline's map is shown. */
export function PipelineSelect({ store, catalog }: { store: EditorStore; catalog: Catalog }) {
  const pipelineId = useWatched(store.pipelineId);
  return (
    <select
      class="pipeline"
      aria-label={t('editor.pipeline')}
      value={pipelineId}
      onChange={(event) => void store.open(event.currentTarget.value)}
    >
      {catalog.pipelines.map((pipeline) => (
        <option key={pipeline.id} value={pipeline.id}>{pipeline.title}</option>
      ))}
    </select>
  );
}
