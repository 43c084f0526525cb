/**
 * The part of Twig that widgets use most: {{ path }}, {{ path|raw }}, {% for x in list %}, {% if path %},
 * {% else %}. Anything else is an error with its text, so nobody takes silence for success.
 */
const TAG = /(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})/;

export function renderTemplate(source, params = {}) {
  const tokens = String(source).split(TAG);
  const tree = parse(tokens, 0, []).nodes;
  return draw(tree, params);
}

function parse(tokens, start, endings) {
  const nodes = [];
  let at = start;
  while (at < tokens.length) {
    const token = tokens[at];
    if (!token.startsWith('{%')) {
      nodes.push(token.startsWith('{{') ? { show: token.slice(2, -2).trim() } : { text: token });
      at += 1;
      continue;
    }
    const words = token.slice(2, -2).trim();
    if (endings.includes(words)) return { nodes, at, ending: words };
    const block = parseBlock(tokens, at, words);
    nodes.push(block.node);
    at = block.next;
  }
  if (endings.length) throw new Error(`template: ${endings[0]} is missing`);
  return { nodes, at };
}

function parseBlock(tokens, at, words) {
  const loop = /^for\s+(\w+)\s+in\s+([\w.]+)$/.exec(words);
  if (loop) {
    const body = parse(tokens, at + 1, ['endfor']);
    return { node: { each: loop[1], of: loop[2], body: body.nodes }, next: body.at + 1 };
  }
  const condition = /^if\s+(not\s+)?([\w.]+)$/.exec(words);
  if (!condition) throw new Error(`template: "${words}" is not understood by the sandbox`);
  const yes = parse(tokens, at + 1, ['else', 'endif']);
  const no = yes.ending === 'else' ? parse(tokens, yes.at + 1, ['endif']) : { nodes: [], at: yes.at };
  return { node: { when: condition[2], not: Boolean(condition[1]), yes: yes.nodes, no: no.nodes }, next: no.at + 1 };
}

function draw(nodes, params) {
  return nodes.map((node) => drawOne(node, params)).join('');
}

function drawOne(node, params) {
  if ('text' in node) return node.text;
  if ('show' in node) return show(node.show, params);
  if ('each' in node) {
    const list = Object.values(lookUp(node.of, params) || []);
    return list.map((item) => draw(node.body, { ...params, [node.each]: item })).join('');
  }
  const value = Boolean(lookUp(node.when, params));
  return draw(value !== node.not ? node.yes : node.no, params);
}

function show(expression, params) {
  const [path, filter] = expression.split('|').map((part) => part.trim());
  if (!/^[\w.]+$/.test(path)) throw new Error(`template: "${expression}" is not understood by the sandbox`);
  const value = lookUp(path, params) ?? '';
  return filter === 'raw' ? String(value) : escapeHtml(String(value));
}

function lookUp(path, params) {
  return path.split('.').reduce((value, key) => value?.[key], params);
}

export function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]);
}
