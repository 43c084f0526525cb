import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { t } from '../i18n/translate';

/** A component whose code is loaded when it is first drawn. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazily(props: P) {
    const [Inner, setInner] = useState<ComponentType<P> | null>(() => loaded);
    useEffect(() => {
      if (Inner) return;
      void load().then((component) => {
        loaded = component;
        setInner(() => component);
      });
    }, []);
    return Inner ? <Inner {...props} /> : <p class="small muted">{t('loading')}</p>;
  };
}
