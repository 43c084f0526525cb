import { OWN_NAMES } from './address';
import { keep, kept } from './tab_storage';

/** Where the panel's choices are kept over a reload. */
export interface Memory {
  /** What this page of the history says. */
  read(): URLSearchParams;
  /** What was kept last, to begin with: this page's words, else those of before a reload. */
  recall(): URLSearchParams;
  /** Keep the words; as a page of its own they can be left with the browser's Back. */
  write(words: URLSearchParams, isOwnPage: boolean): void;
  /** Leave a page of our own; false when there was none to leave. */
  back(): boolean;
  /** Hear that the person went back or forth; the answer stops listening. */
  onTravel(run: () => void): () => void;
}

/**
 * The address's fragment, which can be sent to a colleague. In a frame the CRM's page forgets our address
 * when it is reloaded, so that the choices (no figures, no names) stay in the tab's own storage as well.
 */
export class AddressMemory implements Memory {
  constructor(private readonly page: Window = window) {}

  read(): URLSearchParams {
    const words = this.fragment();
    return new URLSearchParams(OWN_NAMES.flatMap((name) => (words.has(name) ? [[name, words.get(name) ?? '']] : [])));
  }

  recall(): URLSearchParams {
    const own = this.read();
    return own.size > 0 || !this.isFramed() ? own : new URLSearchParams(kept(this.page) ?? '');
  }

  write(words: URLSearchParams, isOwnPage: boolean): void {
    const all = this.fragment();
    for (const name of OWN_NAMES) all.delete(name);
    for (const [name, value] of words) all.set(name, value);
    const address = `${this.page.location.pathname}${this.page.location.search}#${all.toString()}`;
    if (isOwnPage) this.page.history.pushState({ isOurs: true }, '', address);
    else this.page.history.replaceState(this.page.history.state, '', address);
    if (this.isFramed()) keep(this.page, words.toString());
  }

  back(): boolean {
    const isOurs = Boolean((this.page.history.state as { isOurs?: boolean } | null)?.isOurs);
    if (isOurs) this.page.history.back();
    return isOurs;
  }

  onTravel(run: () => void): () => void {
    this.page.addEventListener('popstate', run);
    return () => {
      this.page.removeEventListener('popstate', run);
    };
  }

  private fragment(): URLSearchParams {
    return new URLSearchParams(this.page.location.hash.slice(1));
  }

  private isFramed(): boolean {
    return this.page.parent !== this.page;
  }
}
