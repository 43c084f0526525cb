"""JSON behind the browser pages of the sandbox. No login: the page says who it is.

The acting user comes in header `X-Sandbox-User` (or query `user_id`, or cookie `sandbox_user`).
A refusal is `{code, message}` with a status of 400 and above; the message is for people.

reading     GET  /sandbox/api/bootstrap            account, user, users, pipelines, fields, integrations …
            GET  /sandbox/api/board/{pipeline}?limit=           stages with total, sum and first cards
            GET  /sandbox/api/board/{pipeline}/{status}?offset=&limit=      more cards of a stage
            GET  /sandbox/api/leads/{id}           the card: fields, contacts, tasks, feed
            GET  /sandbox/api/search?query=
            GET  /sandbox/api/stream               server-sent `data:` lines, see `stream.changes_of`
            GET  /sandbox/api/deliveries           webhook attempts and subscriptions
acting      POST /sandbox/api/leads                name, price, pipeline_id, status_id, contact_name, phone
            POST /sandbox/api/leads/move           ids, status_id, pipeline_id, loss_reason_id
            PATCH, DELETE /sandbox/api/leads/{id}  name, price, responsible_user_id
            POST /sandbox/api/leads/{id}/move      status_id, pipeline_id, loss_reason_id
            POST /sandbox/api/leads/{id}/won, /lost (loss_reason_id), /field (field_id, value),
                 /tag (name, remove), /note (text), /call (direction, duration, result),
                 /message (text, incoming, channel), /mail (subject, text, incoming),
                 /form (name, answers {field_id: value}), /task (text, complete_till)
            POST /sandbox/api/tasks/{id}/complete  result
            each answers the fresh card
settings    GET, POST /sandbox/api/integrations
            POST /sandbox/api/integrations/{client_id}/archive, /install (settings), /uninstall,
                 /long_lived_token (days), /disposable_token?variant=
            PUT  /sandbox/api/integrations/{client_id}/settings
            POST /sandbox/api/crm_post             url, data: a form POST by the account's server
            GET, PATCH, DELETE /sandbox/faults     the switches of `faults.Faults`; DELETE resets them
            GET /sandbox/faults/defaults           values that DELETE goes back to, and choices
            POST /sandbox/api/webhooks/{id}/enable
"""
