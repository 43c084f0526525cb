let actor = 0;

/** Everything that follows is done by this person. */
export function actAs(userId) {
  actor = userId;
  document.cookie = `sandbox_user=${userId}; path=/; SameSite=Lax`;
}

/** A refusal of the portal; `message` is a sentence for the person. */
export class Refusal extends Error {}

async function ask(method, path, body) {
  const headers = actor ? { 'X-Sandbox-User': String(actor) } : {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  let parsed = null;
  try {
    parsed = text ? JSON.parse(text) : null;
  } catch {
    parsed = null;
  }
  if (!answer.ok) throw new Refusal((parsed && parsed.message) || `HTTP ${answer.status}`);
  return parsed;
}

const API = '/sandbox/api';
export const get = (path) => ask('GET', API + path);
export const post = (path, body = {}) => ask('POST', API + path, body);
export const patch = (path, body) => ask('PATCH', API + path, body);
export const put = (path, body) => ask('PUT', API + path, body);
export const remove = (path) => ask('DELETE', API + path);
export const faults = {
  read: () => ask('GET', '/sandbox/faults'),
  defaults: () => ask('GET', '/sandbox/faults/defaults'),
  set: (changes) => ask('PATCH', '/sandbox/faults', changes),
  reset: () => ask('DELETE', '/sandbox/faults'),
};
