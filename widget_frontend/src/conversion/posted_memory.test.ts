import { describe, expect, it } from 'vitest';

import { PostedMemory } from './posted_memory';

describe('the memory of a panel that the CRM posted', () => {
  it('outlives a reload and leaves the address alone', () => {
    const words = new Map<string, string>();
    const sessionStorage = { getItem: (name: string) => words.get(name) ?? null, setItem: (name: string, text: string) => void words.set(name, text) };
    const page = { sessionStorage, location, history } as unknown as Window;
    const before = location.href;
    const memory = new PostedMemory(page);
    memory.write(new URLSearchParams('order=any&step=x'));
    expect(location.href).toBe(before);
    expect(memory.read().toString()).toBe('order=any&step=x');
    expect(memory.back()).toBe(false);
    expect(new PostedMemory(page).recall().toString()).toBe('order=any&step=x');
  });
});
