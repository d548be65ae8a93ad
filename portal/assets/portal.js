// Progressive enhancement only: every page is complete without this file.

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// A select that sends its form on change; the button for those without scripts goes.
for (const select of $$('select[data-autosubmit]')) select.addEventListener('change', () => select.form.requestSubmit());
for (const element of $$('[data-without-script]')) element.hidden = true;

for (const button of $$('[data-print]')) button.addEventListener('click', () => print());

// data-hotkey="/": the key goes to this field, unless the person is writing somewhere.
const hotkeys = $$('[data-hotkey]');
if (hotkeys.length) {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, [contenteditable]')) return;
    const field = hotkeys.find(element => element.dataset.hotkey === event.key);
    if (field) { event.preventDefault(); field.focus(); }
  });
}

// A form whose choices apply at once.
for (const form of $$('form[data-autosubmit]')) form.addEventListener('change', () => form.requestSubmit());

// Charts and maps: their code and the library are fetched when the first of them comes near the view, or before printing.
const { charts, echarts, theme } = document.querySelector('script[data-charts]').dataset;
const draw = figure => import(charts).then(module => module.draw(figure, { echarts, theme }));
const watcher = new IntersectionObserver(seen => {
  for (const { isIntersecting, target } of seen) {
    if (isIntersecting) { watcher.unobserve(target); draw(target); }
  }
}, { rootMargin: '150px' });
const watch = root => $$('[data-chart], [data-map]', root).forEach(figure => watcher.observe(figure));
watch(document);

// data-load="address": the part of another app's page that belongs here. Until it is there, and if it fails, its link stays.
for (const place of $$('[data-load]')) {
  fetch(place.dataset.load, { headers: { 'X-Fragment': '1' } })
    .then(answer => answer.ok && !answer.redirected ? answer.text() : Promise.reject(answer))
    .then(part => { place.innerHTML = part; watch(place); }, () => {});
}

// data-suggest="address": codes with names while a person types into a reference; what was typed stays valid as it is.
for (const field of $$('input[data-suggest]')) {
  const list = document.createElement('datalist');
  list.id = `${field.id}-suggestions`;
  field.after(list);
  field.setAttribute('list', list.id);
  let waiting, asked = '';
  field.addEventListener('input', () => {
    clearTimeout(waiting);
    const text = field.value.trim();
    if (!text || text === asked || [...list.options].some(option => option.value === text)) return;
    waiting = setTimeout(async () => {
      asked = text;
      const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(text)}`).catch(() => null);
      if (!answer?.ok || answer.redirected) return;
      const { found } = await answer.json();
      list.replaceChildren(...found.map(({ code, name }) => {
        const option = document.createElement('option');
        option.value = code;
        option.label = option.textContent = `${name} (${code})`;
        return option;
      }));
    }, 200);
  });
}

// data-tabs="id": each link's list is shown in the element with that id; without scripts it is a page of its own.
for (const tabs of $$('[data-tabs]')) {
  const place = document.getElementById(tabs.dataset.tabs);
  const links = $$('a', tabs);
  const show = async link => {
    const answer = await fetch(link.href, { headers: { 'X-Fragment': '1' } }).catch(() => null);
    if (!answer?.ok || answer.redirected) { location.href = link.href; return; }
    for (const other of links) { other.classList.toggle('active', other === link); other.removeAttribute('aria-current'); }
    link.setAttribute('aria-current', 'true');
    place.innerHTML = await answer.text();
    watch(place);
  };
  for (const link of links) link.addEventListener('click', event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link);
  });
  place.addEventListener('click', event => {
    const link = event.target.closest('.pagination a, th a');
    if (!link) return;
    event.preventDefault();
    const current = tabs.querySelector('[aria-current]');
    current.href = new URL(link.getAttribute('href'), current.href).href;
    show(current);
  });
}

// data-leave-guard: leaving with unsaved entries asks first.
for (const form of $$('form[data-leave-guard]')) {
  let changed = false;
  form.addEventListener('input', () => { changed = true; });
  form.addEventListener('submit', () => { changed = false; });
  addEventListener('beforeunload', event => { if (changed) event.preventDefault(); });
}

// data-poll="address": a job's progress, asked for every second; when the job is over the page is loaded anew.
for (const place of $$('[data-poll]')) {
  const ask = () => fetch(place.dataset.poll, { headers: { 'X-Fragment': '1' } })
    .then(answer => {
      if (answer.headers.has('X-Done') || answer.redirected) { location.reload(); return null; }
      return answer.ok ? answer.text() : null;
    }, () => null)
    .then(part => { if (part !== null) place.innerHTML = part; setTimeout(ask, 1000); });
  setTimeout(ask, 500);
}
