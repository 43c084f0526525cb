/**
 * Stepgate inside the CRM: opens our page in a frame, proves to it who is looking, and keeps its height.
 *
 * The page in the frame does all the rest. It sends no code, only small messages, and they are heard only
 * from our own frame and our own address:
 *   from the frame: stepgate:ready, stepgate:renew, stepgate:resize {height}, stepgate:open_deal {deal_id}
 *   to the frame:   stepgate:session {token, expires_at, user, account, deal_id, language, theme},
 *                   stepgate:session_error {code}
 */
define(['jquery'], function ($) {
  'use strict';

  /** Where Stepgate runs. Written here when the archive is built. */
  var BASE = '{{ public_url }}';

  /** A session is asked for anew when it has less than this to live. */
  var LEAST_LIFE_MS = 30 * 1000;

  /** Heights that a frame may ask for, in pixels. */
  var LEAST_HEIGHT = 120;
  var GREATEST_HEIGHT = 6000;

  /** How the area around us looks: our page takes the same side. */
  function themeAround($place) {
    var colour = '';
    $place.parents().each(function () {
      colour = $(this).css('background-color') || '';
      return /^rgba\(.*,\s*0\)$|^transparent$|^$/.test(colour);
    });
    var parts = (colour.match(/[\d.]+/g) || []).map(Number);
    if (parts.length < 3 || parts[3] === 0) {
      return 'light';
    }
    return 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] < 110 ? 'dark' : 'light';
  }

  /** A frame with one of our pages. `widget` is the system's object; `dealId` may be empty. */
  function Frame(widget, view, dealId, $place) {
    this.widget = widget;
    this.dealId = dealId;
    this.theme = themeAround($place);
    this.language = widget.i18n('frame.language');
    this.session = null;
    this.asking = null;
    this.isClosed = false;
    this.listener = this.receive.bind(this);
    this.element = this.createElement(view);
    window.addEventListener('message', this.listener);
    $place.empty().append(this.element);
  }

  Frame.prototype.createElement = function (view) {
    var account = APP.constant('account').id;
    var query = $.param({ language: this.language, theme: this.theme, origin: window.location.origin });
    return $('<iframe>', {
      'class': 'stepgate__frame',
      title: this.widget.i18n('frame.title'),
      allow: 'clipboard-write',
      src: BASE + '/embed/amocrm/' + encodeURIComponent(account) + '/' + view + '?' + query
    }).css({ display: 'block', width: '100%', height: LEAST_HEIGHT, border: 0 })[0];
  };

  Frame.prototype.receive = function (event) {
    if (this.isClosed || event.origin !== BASE || event.source !== this.element.contentWindow) {
      return;
    }
    var message = event.data || {};
    switch (message.type) {
      case 'stepgate:ready':
        this.greet(false);
        break;
      case 'stepgate:renew':
        this.greet(true);
        break;
      case 'stepgate:resize':
        this.resize(Number(message.height));
        break;
      case 'stepgate:open_deal':
        this.openDeal(String(message.deal_id));
        break;
    }
  };

  /** Send the session to the page; a living one is used again unless another is wanted. */
  Frame.prototype.greet = function (isAnother) {
    var frame = this;
    if (!isAnother && this.session && Date.parse(this.session.expires_at) - Date.now() > LEAST_LIFE_MS) {
      this.tellSession();
      return;
    }
    if (this.asking) {
      return;
    }
    this.asking = this.widget.$authorizedAjax({
      url: BASE + '/api/v1/session?' + $.param({ crm: 'amocrm', language: this.language }),
      method: 'POST',
      dataType: 'json'
    });
    this.asking.done(function (session) {
      frame.asking = null;
      frame.session = session;
      frame.tellSession();
    }).fail(function (xhr) {
      var status = xhr && xhr.status;
      frame.asking = null;
      frame.tell({ type: 'stepgate:session_error', code: status ? 'refused_' + status : 'unreachable' });
    });
  };

  Frame.prototype.tellSession = function () {
    this.tell($.extend({}, this.session, {
      type: 'stepgate:session',
      deal_id: this.dealId,
      language: this.language,
      theme: this.theme
    }));
  };

  /** The person may have gone to another card while we were asking: then nobody is there to tell. */
  Frame.prototype.tell = function (message) {
    if (!this.isClosed && this.element.contentWindow) {
      this.element.contentWindow.postMessage(message, BASE);
    }
  };

  Frame.prototype.resize = function (height) {
    if (height > 0) {
      $(this.element).css('height', Math.min(Math.max(Math.ceil(height), LEAST_HEIGHT), GREATEST_HEIGHT));
    }
  };

  Frame.prototype.openDeal = function (dealId) {
    if (/^\d+$/.test(dealId)) {
      window.open('/leads/detail/' + dealId, '_blank', 'noopener');
    }
  };

  Frame.prototype.close = function () {
    this.isClosed = true;
    window.removeEventListener('message', this.listener);
    $(this.element).remove();
  };

  return function StepgateWidget() {
    var self = this;
    var frame = null;

    function closeFrame() {
      if (frame) {
        frame.close();
        frame = null;
      }
    }

    function openFrame(view, dealId, $place) {
      closeFrame();
      if ($place.length) {
        frame = new Frame(self, view, dealId, $place);
      }
    }

    function code() {
      return self.get_settings().widget_code;
    }

    function isDealCard() {
      return self.system().area === 'lcard';
    }

    /** Our own element in the right panel of a card. */
    function $panel() {
      return $('.card-widgets__widget-' + code()).find('.stepgate').first();
    }

    /** The element that the page under Settings leaves to a widget. */
    function $settingsPage() {
      var $own = $('#work-area-' + code());
      return $own.length ? $own : $('#work-area');
    }

    this.callbacks = {
      render: function () {
        if (isDealCard()) {
          self.render_template({
            caption: { class_name: 'stepgate-caption' },
            body: '',
            render: '<div class="stepgate"></div>'
          });
        }
        return true;
      },

      init: function () {
        if (!isDealCard()) {
          return true;
        }
        var dealId = Number(APP.data.current_card && APP.data.current_card.id);
        if (dealId > 0) {
          openFrame('card', String(dealId), $panel());
        } else {
          $panel().empty().append($('<p>').css('padding', '12px').text(self.i18n('card.save_first')));
        }
        return true;
      },

      bind_actions: function () {
        return true;
      },

      settings: function ($modal) {
        var $about = $('<div class="stepgate">').css('margin', '12px 0').text(self.i18n('settings.where'));
        var $description = $modal.find('.widget_settings_block__descr').first();
        $modal.find('.stepgate').remove();
        if ($description.length) {
          $description.append($about);
        } else {
          $modal.append($about);
        }
        return true;
      },

      advancedSettings: function () {
        var $place = $('<div class="stepgate">');
        $settingsPage().empty().append($place);
        openFrame('settings', '', $place);
        return true;
      },

      onSave: function () {
        return true;
      },

      destroy: function () {
        closeFrame();
        return true;
      }
    };

    return this;
  };
});
