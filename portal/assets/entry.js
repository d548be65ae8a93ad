// Entry of a case: likely cases follow while somebody types. Without this file they are asked for after sending.

const form = document.querySelector('form[data-entry]'), place = form?.querySelector('[data-likely]');
if (place) {
  let waiting, asked = '';
  const ask = async () => {
    const fields = new FormData(form), wanted = new URLSearchParams();
    for (const name of ['estate', 'category', 'text', 'urgency', 'same_as']) if (fields.get(name)) wanted.set(name, fields.get(name).slice(0, 1500));
    if (!wanted.has('estate') || !wanted.has('text') || wanted.toString() === asked) return;
    asked = wanted.toString();
    const answer = await fetch(`${place.dataset.likely}?${wanted}`).catch(() => null);
    if (answer?.ok && !answer.redirected && wanted.toString() === asked) place.innerHTML = await answer.text();
  };
  form.addEventListener('input', event => {
    if (event.target.name === 'same_as') return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
}
