// My work by keyboard: j and k move through the rows, Enter opens (the link does that itself), x ticks.

const links = [...document.querySelectorAll('[data-rows] [data-row]')];
let current = -1;
for (const [place, link] of links.entries()) link.addEventListener('focus', () => { current = place; });

document.addEventListener('keydown', event => {
  if (!links.length || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]')) return;
  if (event.key === 'j' || event.key === 'k') {
    current = Math.min(links.length - 1, Math.max(0, current + (event.key === 'j' ? 1 : -1)));
    links[current].focus();
    links[current].scrollIntoView({ block: 'nearest' });
    event.preventDefault();
  } else if (event.key === 'x' && current >= 0) {
    const box = links[current].closest('tr').querySelector('input[type=checkbox]:not(:disabled)');
    if (box) { box.checked = !box.checked; event.preventDefault(); }
  }
});
