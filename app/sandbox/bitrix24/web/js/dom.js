/**
 * An element with attributes, listeners (`onclick: run`) and children. Children are text or nodes and never
 * markup, so that nothing a person types can become code. `style` takes custom properties.
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) give(node, name, value);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  if (attributes.value !== undefined) node.value = attributes.value;
  return node;
}

function give(node, name, value) {
  if (name === 'value' || value === null || value === undefined || value === false) return;
  if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
  else if (name === 'style') for (const [key, one] of Object.entries(value)) node.style.setProperty(key, one);
  else node.setAttribute(name, value === true ? '' : String(value));
}

/** Everything inside `node` anew. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}
