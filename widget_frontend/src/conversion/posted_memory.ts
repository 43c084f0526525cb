import type { Memory } from './memory';
import { keep, kept } from './tab_storage';

/**
 * For a page that the CRM posts into its frame. Its address is left alone: a browser that finds another one
 * there asks for it without the post when the frame is reloaded, and who looks would be unknown.
 */
export class PostedMemory implements Memory {
  private words = new URLSearchParams();

  constructor(private readonly page: Window = window) {}

  read(): URLSearchParams {
    return this.words;
  }

  recall(): URLSearchParams {
    return new URLSearchParams(kept(this.page) ?? '');
  }

  write(words: URLSearchParams): void {
    this.words = words;
    keep(this.page, words.toString());
  }

  back(): boolean {
    return false;
  }

  onTravel(): () => void {
    return () => undefined;
  }
}
