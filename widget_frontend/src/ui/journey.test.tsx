import { render, screen, waitFor } from '@testing-library/preact';
import { describe, expect, it } from 'vitest';

import { t } from '../i18n/translate';
import type { Ready } from './boot';
import { Journey, useWay } from './journey';
import type { View } from './journey';

const ready = { context: { language: 'ru' } } as Ready;

function Leading({ name }: { name: string }) {
  const way = useWay();
  return <button type="button" onClick={() => { way?.('other', 'account'); }}>{name}</button>;
}

function viewOf(name: string): View {
  const texts = { 'error.bodyPlain': 'Не вышло', [`only.${name}`]: name };
  return {
    texts: { ru: () => Promise.resolve(texts), en: () => Promise.resolve(texts) },
    skeleton: () => <p>скоро</p>,
    draw: (_ready, section) => <Leading name={`${name}:${section}`} />,
  };
}

const first = viewOf('первая');

describe('pages that take turns in one frame', () => {
  it('follow one another with the session and the texts that the next one needs', async () => {
    render(<Journey ready={ready} first={first} views={{ other: () => Promise.resolve(viewOf('другая')) }} />);
    screen.getByRole('button', { name: 'первая:' }).click();
    await screen.findByRole('button', { name: 'другая:account' });
    expect(t('only.другая' as never)).toBe('другая');
    await waitFor(() => { expect(document.activeElement?.className).toBe('journey'); });
  });

  it('begin with another page for whom the first is not meant', async () => {
    render(<Journey ready={ready} first={first} views={{ other: () => Promise.resolve(viewOf('другая')) }} instead="other" />);
    expect(screen.queryByRole('button')).toBeNull();
    await screen.findByRole('button', { name: 'другая:' });
  });

  it('stay where they are when the next one does not come', async () => {
    render(<Journey ready={ready} first={first} views={{ other: () => Promise.reject(new Error('offline')) }} />);
    screen.getByRole('button', { name: 'первая:' }).click();
    await screen.findByRole('alert');
    screen.getByRole('button', { name: 'первая:' });
  });
});
