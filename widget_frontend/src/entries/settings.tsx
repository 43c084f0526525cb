import { boot } from '../ui/boot';
import { Journey } from '../ui/journey';
import { settingsView } from './settings_view';
import './pages.css';

const VIEWS = {
  settings: () => Promise.resolve(settingsView),
  panel: () => import('./panel_view').then((module) => module.panelView),
};

void boot({
  ...settingsView,
  draw: (ready) => (
    // Who is no administrator has one page here: the figures.
    <Journey ready={ready} first={settingsView} views={VIEWS} instead={ready.context.session.user.is_admin ? undefined : 'panel'} />
  ),
});
