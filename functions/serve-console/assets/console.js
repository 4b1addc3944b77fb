// What pages do beyond links and forms. Every page works without it.
const root = document.documentElement, base = root.dataset.base;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);
const isOn = (name) => localStorage.getItem(name) !== 'off';
root.classList.add('script');
if (localStorage.density === 'compact') root.dataset.density = 'compact';

// Says something to everybody, also to those who do not see it.
const said = Object.assign(document.createElement('p'), { className: 'hidden' });
said.setAttribute('role', 'status');
document.body.append(said);
const say = (text) => { said.textContent = text; };

// Copying.
const copy = async (text) => { await navigator.clipboard?.writeText(text); say(`Copied ${text}`); };
document.addEventListener('click', (event) => {
  const button = event.target.closest('.copy');
  if (!button) return;
  copy(('copyNext' in button.dataset ? button.nextElementSibling : button.previousElementSibling).textContent);
  button.textContent = '✓';
  setTimeout(() => { button.textContent = ''; }, 1200);
});

// A form is sent once, however often its button is pressed.
for (const form of all('form[method=post]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = '1';
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
}

// Live rows: changed ones in place, new ones behind a button, nothing while somebody reads.
const LIVE = 10_000, SLOW = 60_000, IDLE = 600_000;
let touched = Date.now(), failed = null, timer, waiting = null;
for (const name of ['pointerdown', 'keydown', 'scroll']) addEventListener(name, () => { touched = Date.now(); }, { passive: true });
const table = () => one('#rows[data-live]');
const keys = (within) => new Set(all('tr[data-key]', within).map((row) => row.dataset.key));
const line = Object.assign(document.createElement('p'), { className: 'live' });
const isBusy = () => scrollY > 300 || getSelection()?.toString() || table()?.contains(document.activeElement) || one('dialog[open]');

function show(text, action) {
  line.replaceChildren(text);
  if (action) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: action.name });
    button.addEventListener('click', action.run);
    line.append(' ', button);
  }
}

function put(fresh, whole) {
  const old = new Map(all('#rows tr[data-key]').map((row) => [row.dataset.key, row]));
  if (whole || !old.size) {
    const known = new Set(old.keys());
    table().closest('.scroll, p').replaceWith(fresh.closest('.scroll') ?? fresh);
    if (old.size) for (const row of all('#rows tr[data-key]')) if (!known.has(row.dataset.key)) row.classList.add('is-new');
    return;
  }
  for (const row of all('tr[data-key]', fresh)) {
    const before = old.get(row.dataset.key);
    if (before && !before.contains(document.activeElement)) before.replaceWith(row.cloneNode(true));
  }
}

async function poll() {
  timer = setTimeout(poll, Date.now() - touched > IDLE ? SLOW : LIVE);
  if (document.hidden || !table()) return;
  if (isBusy()) return show('Paused while you read.');
  try {
    const answer = await fetch(location.href, { headers: { 'x-console-part': 'rows' } });
    if (answer.status === 401) { clearTimeout(timer); return show('Your session is over.', { name: 'Sign in', run: () => location.reload() }); }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = one('#rows', page);
    if (!fresh) throw answer.status;
    failed = null;
    const known = keys(document), added = [...keys(page)].filter((key) => !known.has(key)).length;
    put(fresh, !known.size);
    waiting = added && known.size ? fresh : null;
    const time = new Date().toLocaleTimeString();
    show(`Up to date at ${time}.`, waiting && { name: `${added} new`, run: () => { put(waiting, true); waiting = null; show(''); } });
  } catch {
    failed ??= new Date().toLocaleTimeString();
    show(`No answer since ${failed}; the rows are as of then.`);
  }
}
if (table()) {
  table().closest('.scroll, p').before(line);
  timer = setTimeout(poll, LIVE);
}

// Back leads to the row that one left from.
document.addEventListener('click', (event) => {
  const left = event.target.closest('a') && event.target.closest('tr[data-key]');
  if (left) history.replaceState({ row: left.dataset.key }, '');
});
if (history.state?.row) one(`tr[data-key="${CSS.escape(history.state.row)}"]`)?.classList.add('is-here');

// Keys. They can be switched off, and are off where somebody types.
let here = -1, going = false;
const rows = () => all('#rows tr[data-key], main table tr[data-key]');
function step(by) {
  const found = rows();
  if (!found.length) return;
  here = Math.max(0, Math.min(found.length - 1, here + by));
  found.forEach((row, place) => row.classList.toggle('is-here', place === here));
  found[here].scrollIntoView({ block: 'nearest' });
}
const row = () => rows()[here];
const actions = {
  '/': () => one('#find')?.focus(),
  j: () => step(1),
  k: () => step(-1),
  Enter: () => one('a', row())?.click(),
  x: () => one('input[type=checkbox]', row())?.click(),
  c: () => row() && copy(row().dataset.key),
  f: () => one('.filters input:not([type=hidden]), .filters select')?.focus(),
  g: () => { going = true; setTimeout(() => { going = false; }, 1500); },
  d: () => { root.dataset.density = localStorage.density = root.dataset.density === 'compact' ? 'wide' : 'compact'; },
  '?': () => dialog('Keys', help()),
};
addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === 'k') { event.preventDefault(); return palette(); }
  if (event.ctrlKey || event.metaKey || event.altKey || !isOn('keys')) return;
  if (event.target.closest('input, select, textarea, dialog') || (event.key === 'Enter' && event.target !== document.body)) return;
  if (going) {
    going = false;
    const link = one(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); return link.click(); }
  }
  const action = actions[event.key];
  if (action) { event.preventDefault(); action(); }
});

function dialog(title, ...content) {
  one('dialog')?.remove();
  const made = document.createElement('dialog'), heading = document.createElement('h2');
  heading.textContent = heading.id = made.ariaLabel = title;
  made.append(heading, ...content);
  made.addEventListener('close', () => made.remove());
  document.body.append(made);
  made.showModal();
  return made;
}

function help() {
  const list = document.createElement('ul');
  const lines = { '/': 'search', 'j k': 'next and previous row', Enter: 'open', x: 'select', c: 'copy the id', f: 'filter', 'g and a letter': 'go to a page', d: 'denser or wider rows', 'Ctrl-K': 'go anywhere' };
  for (const [key, text] of Object.entries(lines)) {
    const item = document.createElement('li'), shown = document.createElement('kbd');
    shown.textContent = key;
    item.append(shown, ` ${text}`);
    list.append(item);
  }
  for (const link of all('[data-go]')) {
    const item = document.createElement('li'), shown = document.createElement('kbd');
    shown.textContent = `g ${link.dataset.go}`;
    item.append(shown, ` ${link.textContent}`);
    list.append(item);
  }
  const off = Object.assign(document.createElement('button'), { type: 'button', textContent: isOn('keys') ? 'Switch keys off' : 'Switch keys on' });
  off.addEventListener('click', () => { localStorage.setItem('keys', isOn('keys') ? 'off' : 'on'); one('dialog').close(); });
  list.append(off);
  return list;
}

// Anywhere in one line: a page by its name, a transaction by whatever id.
function palette() {
  const input = Object.assign(document.createElement('input'), { type: 'search', ariaLabel: 'A page or an id', placeholder: 'A page or an id' });
  const list = document.createElement('ul');
  const fill = () => {
    const text = input.value.trim().toLowerCase();
    const found = all('[data-go]').filter((link) => link.textContent.toLowerCase().includes(text));
    list.replaceChildren(...found.map((link) => {
      const item = document.createElement('li');
      item.append(Object.assign(document.createElement('a'), { href: link.href, textContent: link.textContent }));
      return item;
    }));
  };
  input.addEventListener('input', fill);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    const text = input.value.trim(), first = one('a', list);
    location.href = first && !/[_\d]/.test(text) ? first.href : `${base}/find?id=${encodeURIComponent(text)}`;
  });
  fill();
  dialog('Go to', input, list);
  input.focus();
}

// A choice that decides what else is asked for asks at once.
for (const choice of all('select[data-submits]')) choice.addEventListener('change', () => choice.form.requestSubmit());
