"""A tiny widget archive that shows what the page gave it."""

import base64
import json
from typing import Any

MANIFEST: dict[str, Any] = {
    "widget": {
        "name": "widget.name",
        "description": "widget.description",
        "short_description": "widget.description",
        "version": "1.0.0",
        "interface_version": 2,
        "init_once": False,
        "locale": ["ru", "en"],
        "installation": True,
        "support": {"link": "https://example.org"},
    },
    "locations": ["lcard-1", "settings", "advanced_settings"],
    "advanced": {"title": "advanced.title"},
    "settings": {
        "login": {"name": "settings.login", "type": "text", "required": True},
        "rules": {"name": "settings.login", "type": "custom", "required": False},
    },
}
TEXTS = {
    "ru": {
        "widget": {"name": "Пробный виджет", "description": "Проверяет страницу"},
        "advanced": {"title": "Страница виджета"},
        "settings": {"login": "Логин"},
        "hello": "Здравствуйте",
    },
    "en": {
        "widget": {"name": "Test widget", "description": "Checks the page"},
        "advanced": {"title": "The widget's page"},
        "settings": {"login": "Login"},
        "hello": "Hello",
    },
}
SCRIPT = """
define(['jquery', './part.js'], function ($, part) {
  return function () {
    var self = this;
    window.seen = window.seen || [];
    function say(what) { window.seen.push(what); }
    this.callbacks = {
      render: function () {
        say('render ' + self.system().area + ' ' + APP.data.current_card.id);
        if (self.system().area === 'lcard') {
          self.render_template({
            caption: { class_name: 'probe-caption' },
            body: '',
            render: '<div class="probe">{{ hello }}, ' + part.word + ' {{ lead }}<output></output></div>'
          }, { hello: self.i18n('hello'), lead: APP.data.current_card.id });
        }
        return window.probeAnswer === undefined ? true : window.probeAnswer;
      },
      bind_actions: function () { say('bind_actions'); return true; },
      init: function () {
        say('init ' + APP.getBaseEntity() + ' ' + APP.isCard() + ' ' + APP.getWidgetsArea());
        self.$authorizedAjax({ url: 'PRODUCT/session', method: 'POST' }).done(function (answer) {
          $('.card-widgets__widget-' + self.get_settings().widget_code + ' output').text(answer);
        });
        return true;
      },
      settings: function ($modal) {
        $modal.append($('<p class="probe-settings">').text(self.get_settings().widget_code));
      },
      advancedSettings: function () {
        $('#list_page_holder').html('<p class="probe-page">' + self.i18n('hello') + '</p>');
      },
      onSave: function (data) { say('onSave ' + data.active); return true; },
      destroy: function () { say('destroy'); }
    };
    return this;
  };
});
"""
PART = "define(function () { return { word: 'сделка' }; });"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LOGOS = ("logo", "logo_main", "logo_medium", "logo_min", "logo_small")


def probe_archive(product_url: str) -> dict[str, bytes]:
    """The files of the archive; its script talks to `product_url`."""
    files = {
        "manifest.json": json.dumps(MANIFEST),
        "script.js": SCRIPT.replace("PRODUCT", product_url),
        "part.js": PART,
        **{f"i18n/{language}.json": json.dumps(texts) for language, texts in TEXTS.items()},
    }
    packed = {name: text.encode() for name, text in files.items()}
    return packed | {f"images/{name}.png": PIXEL for name in LOGOS}
