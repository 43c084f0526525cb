import type { Session } from '../api/types';

export type Language = 'ru' | 'en';
export type Theme = 'light' | 'dark' | 'auto';

/** Who looks, at what, and with which rights. `dealId` is empty on pages that are not about one deal. */
export interface HostContext {
  session: Session;
  dealId: string;
  language: Language;
  theme: Theme;
}

/** All that the views know of the page around them. */
export interface HostBridge {
  /** Known before the host answers, so that texts can be loaded meanwhile. */
  readonly language: Language;
  readonly theme: Theme;
  /** The host's fonts, corners and greys, as `ui/tokens.css` names them. */
  readonly skin?: 'square' | 'round';
  /** Our server renews no session by itself here: only the host's fresh proof does. */
  readonly isProofNeeded?: boolean;
  /** The handshake. Rejects with HostError when the host gives no session. */
  connect(): Promise<HostContext>;
  /** Another session for the same person, when the old one can't be renewed. */
  renew(): Promise<Session>;
  /** Tell the host how high our page is, in CSS pixels. */
  resize(height: number): void;
  /** Show a deal in the CRM. */
  openDeal(dealId: string): void;
  /** Show an address of the CRM over our page; absent where a link is all that there is. */
  openAddress?(address: string): void;
  /** Tell the CRM's page around us that the deal is no longer as it shows it; absent where it sees by itself. */
  dealChanged?(): void;
  /** Tell the CRM that we are installed: only where it opened our page for that, and waits to hear it. */
  finishInstall?: () => void;
  /** A fresh proof of who looks, for what is done in that person's own name; absent where the host keeps it to itself. */
  prove?(): Promise<string>;
}

/** The host did not give a session; `code` says why. */
export class HostError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export function asLanguage(text: string | null | undefined): Language {
  return text?.toLowerCase().startsWith('en') ? 'en' : 'ru';
}

export function asTheme(text: string | null | undefined): Theme {
  return text === 'light' || text === 'dark' ? text : 'auto';
}
