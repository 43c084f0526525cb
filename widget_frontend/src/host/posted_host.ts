import { Bitrix24Host } from './bitrix24';
import { HostError } from './bridge';
import type { HostBridge } from './bridge';
import { takeOpening } from './posted';
import type { Opening } from './posted';

const HOSTS: Record<string, (opening: Opening, page: Window) => HostBridge> = {
  bitrix24: (opening, page) => new Bitrix24Host(opening, page),
};

/** The bridge of the CRM that opened this page by a post. */
export function postedHost(page: Window): HostBridge {
  const opening = takeOpening(page.document);
  const make = opening && HOSTS[opening.session.account.crm];
  if (!make) throw new HostError('no_host');
  return make(opening, page);
}
