import { installGlobals, provide } from './amd.js';
import { installApp } from './globals.js';
import { Modal } from './modal.js';

/** Prepare the page for widgets: once, before the first area is entered. */
export function installWidgetHost() {
  installGlobals();
  provide('jquery', window.jQuery);
  provide('lib/components/base/modal', Modal);
  installApp();
}
