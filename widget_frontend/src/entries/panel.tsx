import { boot } from '../ui/boot';
import { Journey } from '../ui/journey';
import { panelView } from './panel_view';
import './pages.css';

const VIEWS = {
  panel: () => Promise.resolve(panelView),
  settings: () => import('./settings_view').then((module) => module.settingsView),
};

void boot({ ...panelView, draw: (ready) => <Journey ready={ready} first={panelView} views={VIEWS} /> });
