"""JSON behind the browser pages of the portal. No login: the page says who it is.

The acting user comes in header `X-Sandbox-User` (or query `user_id`, or cookie `sandbox_user`).
A refusal is `{code, message}` with a status of 400 and above; the message is for people.

reading     GET  /sandbox/api/bootstrap            portal, user, users, funnels, fields, apps, places …
            GET  /sandbox/api/board/{category}?limit=            stages with total, sum and first cards
            GET  /sandbox/api/board/{category}/{stage}?offset=&limit=     more cards of a stage
            GET  /sandbox/api/deals/{id}           the card: fields, client, timeline, money
            GET  /sandbox/api/search?query=
            GET  /sandbox/api/stream               server-sent `data:` lines
            GET  /sandbox/api/deliveries           events sent, subscriptions, places
acting      POST /sandbox/api/deals                title, amount, stage_id, contact_name, phone …
            PATCH, DELETE /sandbox/api/deals/{id}  title, amount, comments, assigned_by_id, fields {UF_…: …}
            POST /sandbox/api/deals/{id}/move      stage_id
            POST /sandbox/api/deals/{id}/comment (text), /call (direction, duration, failed_code, by_hand),
                 /message (text, incoming, connector), /mail (subject, text, incoming),
                 /form (name, fields), /todo (title, deadline), /task (title, deadline),
                 /invoice, /payment (amount), /document (title)
            POST /sandbox/api/activities/{id}/complete, /tasks/{id}/complete, /payments/{id}/pay,
                 /invoices/{id}/move (stage_id)
            each answers the fresh card
settings    GET, POST /sandbox/api/apps            name, kind, handler_url, install_url, scope …
            POST /sandbox/api/apps/{client_id}/add, /install_finish, /update, /uninstall (clean),
                 /refresh, /options (name, value), /user_options (name, value), /forge (variant)
            GET  /sandbox/api/apps/{client_id}/form?placement=&deal_id=&handler=&options=
            PATCH /sandbox/api/users/{id}          is_admin, is_active, sees, refused_stages, …
            GET, POST /sandbox/api/roles           name; answers the matrix `moves` of each role
            PUT  /sandbox/api/roles/{id}/moves     key (a stage, or # and a funnel), allowed
            PUT  /sandbox/api/users/{id}/role      role_id
            PATCH, DELETE /sandbox/api/stages/{id} name, sort, required
            DELETE /sandbox/api/categories/{id}    an empty funnel goes
            PUT  /sandbox/api/stages/{id}/robots   [{kind, value}]
            POST /sandbox/api/burst                count: that many deals change at once
            GET, PATCH, DELETE /sandbox/faults     the switches of `faults.Faults`; DELETE resets them
            GET /sandbox/faults/defaults           values that DELETE goes back to, and choices
"""
