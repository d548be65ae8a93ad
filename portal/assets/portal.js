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
