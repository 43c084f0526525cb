// The least that a widget archive needs around it: a loader, the system object, and what the page knows.
// Tests call crm.openCard(id), crm.openSettings() and crm.leave().
window.crm = { card: null, tokens: 0, holdAnswers: false, held: [], answers: {}, ready: null };

window.APP = {
  constant: (name) => ({ account: { id: 31415926 }, user: { id: 5 } })[name],
  data: { current_card: { id: 0 } },
};

window.define = (deps, factory) => {
  window.crm.factory = factory;
};

const load = async (language) => {
  const script = document.createElement('script');
  script.src = '/widgets/stepgate/script.js';
  const loaded = new Promise((resolve) => { script.onload = resolve; });
  document.head.append(script);
  const [texts] = await Promise.all([fetch(`/widgets/stepgate/i18n/${language}.json`).then((answer) => answer.json()), loaded]);
  const Widget = window.crm.factory(window.jQuery);
  Object.setPrototypeOf(Widget.prototype, systemObject(texts));
  window.crm.widget = new Widget();
};

const systemObject = (texts) => ({
  get_settings: () => ({ widget_code: 'stepgate' }),
  get_version: () => '0.1.0',
  system: () => ({ area: window.crm.area }),
  i18n: (key) => key.split('.').reduce((value, part) => value?.[part], texts),
  render_template: (what) => {
    const block = window.jQuery('<div class="card-widgets__widget-stepgate">').html(what.body + what.render);
    window.jQuery('#panel').empty().append(block);
  },
  $authorizedAjax: (options) => {
    window.crm.tokens += 1;
    const answer = window.jQuery.Deferred();
    const settle = () => {
      window.jQuery.ajax({ ...options, headers: { 'X-Auth-Token': `once-${window.crm.tokens}` } }).then(answer.resolve, answer.reject);
    };
    if (window.crm.holdAnswers) window.crm.held.push(settle);
    else settle();
    return answer.promise();
  },
});

window.crm.openCard = (id) => {
  if (window.crm.area) window.crm.leave();
  window.crm.area = 'lcard';
  window.APP.data.current_card = { id };
  const { callbacks } = window.crm.widget;
  window.crm.answers = { render: callbacks.render(), bind_actions: callbacks.bind_actions(), init: callbacks.init() };
};

window.crm.openSettings = () => {
  if (window.crm.area) window.crm.leave();
  window.crm.area = 'advanced_settings';
  window.crm.answers = { advancedSettings: window.crm.widget.callbacks.advancedSettings() };
};

window.crm.openModal = () => window.crm.widget.callbacks.settings(window.jQuery('#panel'));
window.crm.save = () => window.crm.widget.callbacks.onSave();
window.crm.leave = () => {
  window.crm.area = null;
  return window.crm.widget.callbacks.destroy();
};

window.crm.ready = load(new URLSearchParams(location.search).get('language') || 'ru');
