import { beforeEach, describe, expect, it } from 'vitest';

import { AddressMemory } from './memory';

/** A page in a frame whose storage refuses, or keeps. */
function framed(storage: Partial<Storage>): Window {
  return { parent: {}, location: { hash: '', pathname: '/panel', search: '' }, history, sessionStorage: storage } as unknown as Window;
}

describe('the memory of the panel', () => {
  beforeEach(() => {
    history.replaceState(null, '', '/panel?a=1#token=secret&language=en');
  });

  it('keeps its words in the address and leaves those of others alone', () => {
    const memory = new AddressMemory();
    memory.write(new URLSearchParams('pipeline=1&order=any'), false);
    expect(location.pathname + location.search + location.hash).toBe('/panel?a=1#token=secret&language=en&pipeline=1&order=any');
    expect(memory.read().toString()).toBe('pipeline=1&order=any');
    memory.write(new URLSearchParams('pipeline=2'), false);
    expect(memory.read().toString()).toBe('pipeline=2');
    expect(location.hash).toContain('token=secret');
  });

  it('knows whether there is a page of ours to leave', () => {
    const memory = new AddressMemory();
    expect(memory.back()).toBe(false);
    memory.write(new URLSearchParams('step=x'), true);
    expect(memory.back()).toBe(true);
  });

  it('remembers in a frame what the page around forgets', () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, text: string) => void kept.set(name, text) };
    new AddressMemory(framed(storage)).write(new URLSearchParams('order=any'), false);
    expect(new AddressMemory(framed(storage)).recall().toString()).toBe('order=any');
  });

  it('takes a page of the history at its word and not at what was kept since', () => {
    const storage = { getItem: () => 'step=x&of=dropped', setItem: () => undefined };
    expect(new AddressMemory(framed(storage)).read().toString()).toBe('');
  });

  it('does without storage where the browser keeps nothing of foreign frames', () => {
    const refuse = (): never => {
      throw new DOMException('no', 'SecurityError');
    };
    const memory = new AddressMemory(framed({ getItem: refuse, setItem: refuse }));
    memory.write(new URLSearchParams('order=any'), false);
    expect(memory.recall().toString()).toBe('');
  });
});
