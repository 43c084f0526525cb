import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { t } from '../i18n/translate';

/** A component that comes later; `ready` loads it ahead, so that drawing it makes nothing jump. */
export type Lazy<P> = FunctionComponent<P> & { ready: () => Promise<void> };

/** A component whose code is loaded when it is first drawn. A failed load is tried anew at the next drawing. */
export function lazily<P extends object>(load: () => Promise<FunctionComponent<P>>): Lazy<P> {
  let loaded: FunctionComponent<P> | undefined;
  const ready = async (): Promise<void> => {
    loaded ??= await load();
  };
  const Lazily = (props: P) => {
    const [state, setState] = useState('loading');
    const Inner = loaded;
    useEffect(() => {
      if (loaded) return;
      ready().then(
        () => { setState('ready'); },
        () => { setState('failed'); },
      );
    }, []);
    return Inner ? <Inner {...props} /> : <p class="small muted">{t(state === 'failed' ? 'error.bodyPlain' : 'loading')}</p>;
  };
  return Object.assign(Lazily, { ready });
}
