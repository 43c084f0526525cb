// What a published Node.js client reads from and writes to the simulated account, by the account's own name.
// Takes a JSON object on standard input and answers one.
'use strict';

const https = require('node:https');
const { readFileSync } = require('node:fs');
const { Client } = require('amocrm-js');

const given = JSON.parse(readFileSync(0, 'utf8'));
console.error = () => undefined; // the library prints every refusal

// Every host is this machine: its names are real, its address is not.
https.globalAgent.defaultPort = given.port;
https.globalAgent.options.lookup = (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);

function clientOf(auth) {
  const keys = { client_id: given.client_id, client_secret: given.client_secret, redirect_uri: given.redirect_uri };
  return new Client({ domain: given.domain, auth: { ...keys, ...auth } });
}

async function refusalOf(call) {
  try {
    await call();
  } catch (error) {
    return error.data || { message: error.message };
  }
  return null;
}

async function authorize() {
  const client = clientOf({ code: given.code });
  const account = await client.request.get('/api/v4/account', { with: 'version,task_types' });
  const first = { ...client.token.getValue() };
  await client.token.refresh();
  const second = client.token.getValue();
  const late = clientOf({});
  late.token.setValue(first);
  const refused = await refusalOf(() => late.token.refresh());
  client.token.setValue({ ...second, expires_at: Date.now() - 1000 });
  client.connection.connected = true;
  const again = await client.request.get('/api/v4/account');
  return {
    account: account.data.id,
    version: account.data.version,
    type: first.token_type,
    rotated: first.refresh_token !== second.refresh_token,
    refused: refused && { status: refused.status, hint: refused.hint },
    renewed_by_itself: client.token.getValue().refresh_token !== second.refresh_token,
    again: again.data.id,
  };
}

async function pagesOf(client) {
  const pages = await client.leads.get({ limit: 50, order: { id: 'asc' }, with: ['contacts'] });
  const sizes = [pages.getData().length];
  const ids = new Set(pages.getData().map((lead) => lead.id));
  while (pages.hasNext()) {
    await pages.next();
    sizes.push(pages.getData().length);
    pages.getData().forEach((lead) => ids.add(lead.id));
  }
  const last = pages.getPage();
  await pages.prev();
  return { sizes, distinct: ids.size, last, before: pages.getPage() };
}

async function work() {
  const client = clientOf({ bearer: given.token });
  const pages = await pagesOf(client);
  const lead = new client.Lead({ name: 'Через Node', price: 5000 });
  await lead.save();
  lead.price = 7000;
  await lead.save();
  const [second] = await client.leads.create([{ name: 'Вторая', _embedded: { tags: [{ name: 'сайт' }] } }]);
  const [moved] = await client.leads.update([{ id: second.id, status_id: given.stages[2], pipeline_id: given.pipeline_id }]);
  const shown = await client.leads.getById(moved.id);
  const [person] = await client.contacts.create([{ name: 'Пётр Клиентов' }]);
  const task = { text: 'Позвонить', complete_till: given.tomorrow, entity_id: second.id };
  const [made] = await client.leads.tasks.create([task]);
  const tasks = await client.tasks.get({ filter: { entity_type: 'leads', entity_id: second.id } });
  const note = [{ note_type: 'common', params: { text: 'Из Node' } }];
  await client.request.post(`/api/v4/leads/${second.id}/notes`, note);
  const notes = await client.request.get(`/api/v4/leads/${second.id}/notes`);
  const events = await client.request.get('/api/v4/events', { filter: { entity: 'lead', entity_id: [second.id] } });
  const tags = await client.leads.tags.get();
  const nothing = await client.request.get('/api/v4/leads/1');
  const wrong = await refusalOf(() => client.leads.update([{ id: second.id, status_id: 1, pipeline_id: given.pipeline_id }]));
  return {
    pages,
    lead: lead.id,
    second: second.id,
    contact: person.id,
    stage: shown.status_id,
    tags: shown._embedded.tags.map((tag) => tag.name),
    every_tag: tags.getData().map((tag) => tag.name),
    task: made.id,
    tasks: tasks.getData().map((each) => each.id),
    notes: notes.data._embedded.notes.map((each) => each.params.text),
    events: events.data._embedded.events.map((event) => event.type),
    unknown: [nothing.response.statusCode, nothing.data],
    wrong: wrong && wrong['validation-errors'],
  };
}

async function hurry() {
  const client = clientOf({ bearer: given.token });
  const statuses = [];
  for (let number = 0; number < given.requests; number += 1) {
    const refused = await refusalOf(() => client.request.get('/api/v4/account'));
    statuses.push(refused === null ? 200 : refused.status || refused.message);
  }
  return { statuses };
}

({ authorize, work, hurry })[given.part]().then(
  (found) => process.stdout.write(JSON.stringify(found)),
  (error) => {
    process.stderr.write(`${error.stack}\n${JSON.stringify(error.data)}\n`);
    process.exit(1);
  },
);
