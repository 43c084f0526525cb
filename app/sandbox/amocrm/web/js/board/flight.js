const FLIGHT_MS = 750;

/** Remember where a tile is before the board changes. */
export function placeOf(tile) {
  return tile ? tile.getBoundingClientRect() : null;
}

/** Let a tile fly from where it was to where it is now. Columns clip, so a copy flies above the page. */
export function flyFrom(tile, from) {
  if (!tile || !from || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const to = tile.getBoundingClientRect();
  const copy = tile.cloneNode(true);
  copy.classList.add('tile--flying');
  Object.assign(copy.style, { position: 'fixed', left: `${to.left}px`, top: `${to.top}px`, width: `${to.width}px`, margin: '0' });
  document.body.append(copy);
  tile.style.visibility = 'hidden';
  const flight = copy.animate(
    [{ transform: `translate(${from.left - to.left}px, ${from.top - to.top}px)` }, { transform: 'none' }],
    { duration: FLIGHT_MS, easing: 'cubic-bezier(.3, 0, .2, 1)' },
  );
  const land = () => { copy.remove(); tile.style.visibility = ''; };
  flight.onfinish = land;
  flight.oncancel = land;
}
