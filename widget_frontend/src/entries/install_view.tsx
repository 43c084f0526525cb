import { InstallPage } from '../installing/install_page';
import { InstallStore } from '../installing/store';
import type { View } from '../ui/journey';

/** The first minute in an account. */
export const installView: View = {
  texts: {
    ru: () => import('../i18n/ru/install').then((module) => module.install),
    en: () => import('../i18n/en/install').then((module) => module.install),
  },
  skeleton: () => null,
  draw: ({ api, host }) => <InstallPage store={new InstallStore(api, () => { host.finishInstall?.(); })} />,
};
