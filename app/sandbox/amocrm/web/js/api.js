/** An answer of the server that is not a success; `message` is a sentence for the person. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let userId = 0;

/** Everything that follows is done as this user. */
export function actAs(id) {
  userId = id;
}

export function currentUserId() {
  return userId;
}

async function call(method, path, body) {
  const headers = { 'X-Sandbox-User': String(userId) };
  if (body !== undefined && !(body instanceof FormData)) headers['Content-Type'] = 'application/json';
  const url = new URL(path, location.origin);
  if (userId) url.searchParams.set('user_id', String(userId));
  const response = await fetch(url, {
    method,
    headers,
    body: body === undefined || body instanceof FormData ? body : JSON.stringify(body),
  });
  if (!response.ok) throw new ApiError(response.status, await sentenceOf(response));
  if (response.status === 204) return null;
  return response.json();
}

async function sentenceOf(response) {
  const text = await response.text();
  try {
    const parsed = JSON.parse(text);
    const detail = parsed.detail || parsed.message || parsed.title;
    return typeof detail === 'string' ? detail : `HTTP ${response.status}`;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `HTTP ${response.status}`;
  }
}

export const get = (path) => call('GET', path);
export const post = (path, body) => call('POST', path, body === undefined ? {} : body);
export const patch = (path, body) => call('PATCH', path, body);
export const put = (path, body) => call('PUT', path, body);
export const remove = (path) => call('DELETE', path);
