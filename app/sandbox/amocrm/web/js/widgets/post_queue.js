import { post } from '../api.js';

const SECOND_MS = 1000;
let lastSentAt = 0;
let queue = Promise.resolve();

/**
 * A form POST sent by the CRM's server on the widget's behalf, at most one a second; the rest wait in line.
 * https://www.amocrm.ru/developers/content/web_sdk/mechanics
 */
export function crmPost(url, data, done, type = 'text', failed = () => {}) {
  queue = queue.then(async () => {
    const wait = lastSentAt + SECOND_MS - Date.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    lastSentAt = Date.now();
    await send(url, data, done, type, failed);
  });
  return queue;
}

async function send(url, data, done, type, failed) {
  try {
    const answer = await post('/sandbox/api/crm_post', { url, data: data || {} });
    done?.(type === 'json' ? JSON.parse(answer.body) : answer.body);
  } catch (error) {
    failed(error);
  }
}
