const KEPT_AS = 'stepgate.panel';

/** What was kept in the tab before its page was reloaded; null without. Choices only: no figures, no names. */
export function kept(page: Window): string | null {
  // A browser that keeps nothing of foreign frames throws at the first touch.
  try {
    return page.sessionStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}

export function keep(page: Window, words: string): void {
  try {
    page.sessionStorage.setItem(KEPT_AS, words);
  } catch {
    return;
  }
}
