import { render, screen } from '@testing-library/preact';
import { describe, expect, it } from 'vitest';

import { lazily } from './lazily';

const Hello = ({ name }: { name: string }) => <p>Здравствуйте, {name}!</p>;

describe('a part that comes later', () => {
  it('is drawn at once when it was loaded ahead', async () => {
    const Late = lazily(() => Promise.resolve(Hello));
    await Late.ready();
    render(<Late name="Анна" />);
    expect(screen.getByText('Здравствуйте, Анна!')).toBeTruthy();
  });

  it('says that it did not come, and is asked for again the next time', async () => {
    let tries = 0;
    const Late = lazily(() => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Error('no network')) : Promise.resolve(Hello);
    });
    const first = render(<Late name="Анна" />);
    expect(await screen.findByText(/Попробуйте ещё раз через минуту/)).toBeTruthy();
    first.unmount();
    render(<Late name="Анна" />);
    expect(await screen.findByText('Здравствуйте, Анна!')).toBeTruthy();
  });
});
