// The resident's report: complete without this file. With it: search while typing, smaller photos with previews,
// progress while uploading, and a draft that outlives a lost connection.

const $ = (selector, root = document) => root.querySelector(selector);
const LONGEST = 2000, QUALITY = 0.82;

// --- search while typing ---
for (const field of document.querySelectorAll('input[data-live]')) {
  const place = document.getElementById(field.dataset.liveInto);
  let waiting, asked = field.value.trim();
  field.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const text = field.value.trim();
      if (text === asked) return;
      asked = text;
      const answer = await fetch(`${field.dataset.live}?q=${encodeURIComponent(text)}`).catch(() => null);
      if (answer?.ok && text === asked) place.innerHTML = await answer.text();
    }, 250);
  });
}

// --- photos: scaled down here, what the camera noted goes along (the server takes it off and keeps it apart) ---
async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise(done => canvas.toBlob(done, 'image/jpeg', QUALITY));
  const noted = upright(exifOf(new Uint8Array(await file.slice(0, 262144).arrayBuffer())));
  const parts = noted ? [blob.slice(0, 2), noted, blob.slice(2)] : [blob];
  const name = file.name.replace(/\.\w+$/, '') + '.jpg';
  return { file: new File(parts, name, { type: 'image/jpeg' }), preview: thumbnail(canvas) };
}

function thumbnail(large) {
  const canvas = document.createElement('canvas'), scale = 176 / Math.max(large.width, large.height);
  canvas.width = Math.max(1, Math.round(large.width * scale));
  canvas.height = Math.max(1, Math.round(large.height * scale));
  canvas.getContext('2d').drawImage(large, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/jpeg', 0.7);
}

// The APP1 segment with EXIF of a JPEG, or null.
function exifOf(bytes) {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  for (let at = 2; at + 10 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda;) {
    const end = at + 2 + bytes[at + 2] * 256 + bytes[at + 3];
    if (bytes[at + 1] === 0xe1 && String.fromCharCode(...bytes.slice(at + 4, at + 8)) === 'Exif') {
      return end <= bytes.length ? bytes.slice(at, end) : null;
    }
    at = end;
  }
  return null;
}

// The canvas has turned the picture already: its orientation is 1 now.
function upright(segment) {
  if (!segment) return null;
  try {
    const view = new DataView(segment.buffer), tiff = 10, little = view.getUint16(tiff) === 0x4949;
    const first = tiff + view.getUint32(tiff + 4, little), count = view.getUint16(first, little);
    for (let entry = first + 2; entry < first + 2 + count * 12; entry += 12) {
      if (view.getUint16(entry, little) === 0x0112) view.setUint16(entry + 8, 1, little);
    }
    return segment;
  } catch { return null; }
}

const form = $('form[data-report]');
if (form) {
  const field = $('[data-photos]', form), list = $('[data-photo-list]', form), most = Number(field.dataset.photos);
  const status = $('[data-report-status]', form), bar = $('[data-upload]', form), button = $('button[type=submit]', form);
  let chosen = [], working = Promise.resolve();

  const say = text => { status.hidden = !text; status.textContent = text; };
  const keep = () => {
    const files = new DataTransfer();
    for (const one of chosen) files.items.add(one.file);
    field.files = files.files;
    list.replaceChildren(...chosen.map(one => {
      const item = document.createElement('li'), picture = document.createElement('img'), remove = document.createElement('button');
      item.className = 'photo';
      picture.alt = one.file.name;
      if (one.preview) picture.src = one.preview;
      remove.type = 'button';
      remove.className = 'photo-remove';
      remove.setAttribute('aria-label', `${form.dataset.remove}: ${one.file.name}`);
      remove.textContent = '×';
      remove.addEventListener('click', () => { chosen = chosen.filter(other => other !== one); keep(); });
      item.append(picture, remove);
      return item;
    }));
  };
  const add = async files => {
    let trouble = '';
    for (const file of files) {
      if (chosen.length >= most) { trouble = form.dataset.tooMany; break; }
      try { chosen.push(await smaller(file)); }
      catch { trouble = `${form.dataset.noPhoto} ${file.name}`; }
    }
    keep();
    say(trouble);
  };
  field.addEventListener('change', () => {
    const files = [...field.files];
    working = working.then(() => add(files));
  });

  // The draft stays in this tab until the report was taken.
  const key = `report ${form.getAttribute('action')}`, text = form.elements.text;
  try {
    if (!text.value) text.value = sessionStorage.getItem(key) ?? '';
    text.addEventListener('input', () => sessionStorage.setItem(key, text.value));
  } catch { /* a browser that keeps nothing */ }

  const showErrors = answer => {
    const page = new DOMParser().parseFromString(answer, 'text/html'), errors = $('#report-errors', page);
    const fresh = $('form[data-report] [name=form]', page);
    if (!errors || !fresh) return false;
    for (const one of errors.querySelectorAll('[data-without-script]')) one.remove();
    const place = $('#report-errors');
    place.replaceChildren(...errors.childNodes);
    // A refused form gets a new token; one whose answer was lost keeps its own, so that it is taken once.
    form.elements.form.value = fresh.value;
    place.focus();
    place.scrollIntoView({ block: 'start' });
    return true;
  };

  const send = () => {
    const request = new XMLHttpRequest();
    button.disabled = true;
    say(form.dataset.sending);
    bar.hidden = !chosen.length;
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      const percent = Math.round(loaded / total * 100);
      bar.setAttribute('aria-valuenow', percent);
      bar.firstElementChild.style.width = `${percent}%`;
      if (chosen.length) say(form.dataset.progress.replace('%(percent)s', percent));
    });
    const stop = message => { button.disabled = false; bar.hidden = true; say(message); };
    request.addEventListener('error', () => stop(form.dataset.offline));
    request.addEventListener('timeout', () => stop(form.dataset.offline));
    request.addEventListener('load', () => {
      if (request.status === 200 && request.responseURL.includes('/report/done/')) {
        try { sessionStorage.removeItem(key); } catch { /* nothing kept */ }
        location.assign(request.responseURL);
      } else {
        stop('');
        if (!showErrors(request.responseText)) stop(form.dataset.offline);
      }
    });
    request.open('POST', form.action);
    request.timeout = 180000;
    request.send(new FormData(form));
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    working.then(send);
  });
} else if (location.pathname.startsWith('/report/done/')) {
  try { for (const name of Object.keys(sessionStorage)) if (name.startsWith('report ')) sessionStorage.removeItem(name); } catch { /* nothing kept */ }
}
