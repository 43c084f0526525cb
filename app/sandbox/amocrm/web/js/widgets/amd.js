/**
 * The smallest AMD loader that a widget archive needs: an anonymous `define` in a script file, dependencies
 * by name ("jquery") or relative to the widget's own folder ("./templates.js"), and `require` inside a module.
 * https://www.amocrm.ru/developers/content/integrations/script_js
 */
const builtIn = new Map();
const loading = new Map();
const defined = new Map();

export class UnknownModule extends Error {}

/** Offer a module of the system under a name, as `jquery` is offered. */
export function provide(name, value) {
  builtIn.set(name, value);
}

/** Load one module file; the same address is run once. Resolves to what its factory returned. */
export function loadModule(url) {
  if (!loading.has(url)) {
    const promise = run(url);
    promise.catch(() => loading.delete(url));
    loading.set(url, promise);
  }
  return loading.get(url);
}

async function run(url) {
  await appendScript(url);
  const definition = defined.get(url);
  if (!definition) throw new Error(`${url} does not call define()`);
  return evaluate(definition, url);
}

function appendScript(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.dataset.amd = url;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${url} could not be loaded`));
    document.head.append(script);
  });
}

async function evaluate({ deps, factory }, url) {
  const module = { exports: {} };
  const special = { require: requireFrom(url), exports: module.exports, module };
  const values = await Promise.all(deps.map((dep) => (dep in special ? special[dep] : resolve(dep, url))));
  const result = typeof factory === 'function' ? factory(...values) : factory;
  return result === undefined ? module.exports : result;
}

async function resolve(name, fromUrl) {
  if (builtIn.has(name)) return builtIn.get(name);
  if (!/^\.{0,2}\//.test(name)) throw new UnknownModule(`the sandbox has no module "${name}"`);
  const url = new URL(name, new URL(fromUrl, location.origin));
  if (!/\.js$/.test(url.pathname)) url.pathname += '.js';
  if (url.origin !== location.origin) throw new UnknownModule(`a widget may not load code from ${url.origin}`);
  if (!url.search) url.search = new URL(fromUrl, location.origin).search;
  return loadModule(url.pathname + url.search);
}

function requireFrom(url) {
  return (deps, done, failed) => {
    if (typeof deps === 'string') {
      if (builtIn.has(deps)) return builtIn.get(deps);
      throw new UnknownModule(`the sandbox has no module "${deps}"`);
    }
    Promise.all(deps.map((dep) => resolve(dep, url))).then((values) => done?.(...values), failed);
    return undefined;
  };
}

/** `define(name?, deps?, factory)`: who is calling is told by the script element that runs right now. */
function define(...args) {
  const factory = args.pop();
  const deps = Array.isArray(args[args.length - 1]) ? args.pop() : [];
  const url = document.currentScript?.dataset.amd;
  if (url) defined.set(url, { deps, factory });
}
define.amd = {};

export function installGlobals() {
  window.define = define;
  window.require = requireFrom('/');
  window.requirejs = window.require;
}
