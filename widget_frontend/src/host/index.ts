import type { HostBridge } from './bridge';
import { FramedHost, parentOriginOf } from './framed';

/** The bridge for the page that is around us now. */
export async function findHost(page: Window = window): Promise<HostBridge> {
  if (page.document.querySelector('meta[name="stepgate-opening"]')) {
    const { postedHost } = await import('./posted_host');
    return postedHost(page);
  }
  const parentOrigin = parentOriginOf(page);
  if (page.parent !== page && parentOrigin) {
    return new FramedHost(parentOrigin, new URLSearchParams(page.location.search), page);
  }
  const { StandaloneHost } = await import('./standalone');
  return new StandaloneHost(page);
}
