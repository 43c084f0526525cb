/**
 * Build an element. Children are text or nodes, never markup, so nothing a person types can become code.
 * `props` takes attributes, `on` (listeners), `data` (dataset), `style` (custom properties) and `class`.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) setProp(node, name, value);
  append(node, children);
  // A select has no options to choose from before its children are there.
  if (props && props.value !== undefined && props.value !== null) node.value = props.value;
  return node;
}

function setProp(node, name, value) {
  if (name === 'value' || value === null || value === undefined || value === false) return;
  if (name === 'on') for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
  else if (name === 'data') Object.assign(node.dataset, value);
  else if (name === 'style') for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
  else if (value === true) node.setAttribute(name, '');
  else node.setAttribute(name, String(value));
}

export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** Replace all that is inside `node`. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/** An icon drawn from one path description in a 24 by 24 box. */
export function icon(path) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** Two letters on a colour that follows from the person's id. */
export function avatar(user) {
  const name = user ? user.name : '?';
  const letters = name.split(/\s+/).map((word) => word[0] || '').join('').slice(0, 2).toUpperCase();
  const hue = user ? (Number(user.id) * 47) % 360 : 0;
  return h('span', { class: 'avatar', title: name, style: { '--hue': String(hue) } }, letters);
}
