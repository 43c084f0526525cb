import { openDialog } from '../overlay.js';
import { h } from '../dom.js';

/**
 * `lib/components/base/modal` of the system: new Modal({class_name, init($modal_body), destroy}).
 * destroy answering false keeps the window open.
 */
export function Modal(options) {
  const body = h('div', { class: 'modal-body' });
  const close = openDialog(options.title || '', () => h('div', { class: options.class_name || '' }, body));
  this.destroy = () => {
    if (options.destroy?.() === false) return;
    close();
  };
  options.init?.(window.jQuery(body));
}
