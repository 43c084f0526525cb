import { boot } from '../ui/boot';
import type { Ready } from '../ui/boot';
import { Journey } from '../ui/journey';
import { settingsView } from './settings_view';
import './pages.css';

const VIEWS = {
  settings: () => Promise.resolve(settingsView),
  panel: () => import('./panel_view').then((module) => module.panelView),
  install: () => import('./install_view').then((module) => module.installView),
};

/** The page that this person has to see first: an installation, or the only one for who is no administrator. */
function instead({ context, host }: Ready): string | undefined {
  if (!context.session.user.is_admin) return 'panel';
  return host.finishInstall ? 'install' : undefined;
}

void boot({
  ...settingsView,
  draw: (ready) => <Journey ready={ready} first={settingsView} views={VIEWS} instead={instead(ready)} />,
});
