import type { Session } from '../api/types';

/** What the server put into a page that the CRM opened by a post: who looks, and where. */
export interface Opening {
  session: Session;
  deal_id: string;
  language: string;
  /** The origin of the CRM's page around us. */
  origin: string;
  /** The page was opened to install: the CRM waits to hear that it is done. */
  installs: boolean;
  /** What goes before a fresh token to make a proof of it. */
  proof_head: string;
}

const NAME = 'stepgate-opening';

/** Take the opening out of the page, so that nothing else ever finds the session there; null without one. */
export function takeOpening(page: Document = document): Opening | null {
  const tag = page.querySelector<HTMLMetaElement>(`meta[name="${NAME}"]`);
  if (!tag) return null;
  const text = tag.content;
  tag.remove();
  return JSON.parse(text) as Opening;
}
