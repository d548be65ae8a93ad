// Charts read the HTML tables that stand beside them: one copy of every number. Fetched by portal.js when one comes into view.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const animation = !matchMedia('(prefers-reduced-motion: reduce)').matches;
const RAMP = [1, 2, 3, 4, 5].map(step => css(`--pt-seq-${step}`));
const NO_VALUE = '#eff1f4', INK = '#1d2733', LINES = ['#1f4e79', '#24706c', '#9a6a14'];

let library;

function load({ echarts, theme }) {
  library ??= Promise.all([
    fetch(theme).then(answer => answer.json()),
    new Promise((done, failed) => document.head.append(Object.assign(document.createElement('script'), { src: echarts, onload: done, onerror: failed }))),
  ]).then(([colours]) => window.echarts.registerTheme('portal', colours));
  return library;
}

export async function draw(figure, urls) {
  await load(urls);
  if (figure.dataset.map) return drawMap(figure);
  const table = document.getElementById(figure.dataset.table);
  make(figure).setOption(CHARTS[figure.dataset.chart](table, figure));
}

function make(element) {
  const chart = window.echarts.init(element, 'portal', { renderer: 'svg' });
  new ResizeObserver(() => chart.resize()).observe(element);
  matchMedia('print').addEventListener('change', () => chart.resize());
  return chart;
}

const number = text => { const value = parseFloat(String(text).replace(/[,%\s]/g, '').replace('−', '-')); return Number.isNaN(value) ? null : value; };
const heads = table => $$('thead th', table).map(cell => cell.dataset.short || cell.textContent.trim());
const rows = table => $$('tbody tr', table).map(row => [...row.cells].map(cell => cell.dataset.v ?? cell.textContent.trim()));

const CHARTS = {
  // Bands of scores, stacked: last list, others, first list. The colours sum to the lists.
  hist(table) {
    const names = heads(table), bands = rows(table);
    return {
      animation, tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } }, grid: { top: 8, right: 2 },
      xAxis: { type: 'category', data: bands.map(band => band[0]), axisLabel: { formatter: text => text.split('–')[0] } },
      yAxis: { type: 'value', splitNumber: 3, minInterval: 1 },
      series: [INK, '#8badcb', css('--pt-brand')].map((color, place) => ({
        name: names[place + 1], type: 'bar', stack: 'all', color, barMaxWidth: 40, barCategoryGap: '10%',
        data: bands.map(band => number(band[place + 1])),
      })),
    };
  },

  // Lines labelled at their right end: there is no legend to match. First column: the axis.
  line(table, figure) {
    const names = heads(table).slice(1), points = rows(table);
    const width = text => [...text].reduce((sum, sign) => sum + (sign > '⺀' ? 12 : 6.8), 0);
    const { min = 0, max = 100, step = 5, every = 0 } = figure.dataset;
    return {
      animation, tooltip: { trigger: 'axis', valueFormatter: value => value == null ? '—' : `${value.toFixed(1)}%` },
      grid: { top: 12, right: 44 + Math.max(...names.map(width)) },
      xAxis: { type: 'category', boundaryGap: false, data: points.map(point => point[0]), axisLabel: { interval: +every } },
      yAxis: { type: 'value', min: +min, max: +max, interval: +step, axisLabel: { formatter: '{value}%' } },
      series: names.map((name, place) => ({
        name, type: 'line', symbolSize: 4, color: LINES[place], data: points.map(point => number(point[place + 1])),
        endLabel: { show: true, color: LINES[place], fontSize: 12, formatter: at => `${at.seriesName} ${at.value.toFixed(1)}` },
      })),
    };
  },

  // Rates by number of cases between limits; `data-limits` names the table of the limits. Alarms differ by shape, not by colour alone.
  funnel(table, figure) {
    const limits = document.getElementById(figure.dataset.limits), [cases, ...names] = heads(limits), [, rate] = heads(table);
    const curve = rows(limits).map(row => row.map(number)), dots = rows(table).map(row => row.map(number));
    const line = (name, place) => ({
      name, type: 'line', symbol: 'none', silent: true, z: 1, data: curve.map(row => [row[0], row[place + 1]]),
      lineStyle: { width: place === 2 ? 1.5 : 1, type: place === 2 ? 'solid' : place % 4 ? 'dashed' : 'dotted' }, color: place === 2 ? INK : '#586373',
    });
    const scatter = (alarm, symbol, symbolSize, color, z) => ({
      name: rate, type: 'scatter', symbol, symbolSize, color, z, itemStyle: { opacity: alarm ? 1 : .45 }, data: dots.filter(dot => dot[2] === alarm).map(dot => [dot[0], dot[1], dot[3]]),
    });
    const low = Math.min(...dots.map(dot => dot[1]), ...curve.slice(3).map(row => row[1]));
    return {
      animation: false, grid: { top: 12, right: 16 },
      tooltip: { trigger: 'item', formatter: at => at.seriesType === 'scatter' ? `${text(cases)} ${at.value[0]} · ${at.value[1].toFixed(1)}% × ${at.value[2]}` : '' },
      xAxis: { type: 'value', name: cases, nameLocation: 'middle', nameGap: 26, min: 0 },
      yAxis: { type: 'value', min: Math.floor(low / 10) * 10, max: 100, axisLabel: { formatter: '{value}%' } },
      series: [...names.map(line), scatter(0, 'circle', 5, LINES[0], 2), scatter(1, 'diamond', 10, '#b8360b', 3)],
    };
  },

  // One neighbourhood's score: rows newest first, those with a value and a short name.
  scores(table) {
    const points = $$('tbody tr[data-short]', table).reverse()
      .map(row => ({ name: row.dataset.short, value: number($('[data-value=score]', row)?.textContent ?? '') }));
    const known = points.map(point => point.value).filter(value => value !== null);
    return {
      animation, tooltip: { trigger: 'axis', valueFormatter: value => value == null ? '—' : value.toFixed(2) }, grid: { top: 28, right: 24 },
      xAxis: { type: 'category', data: points.map(point => point.name) },
      yAxis: { type: 'value', min: Math.max(0, Math.floor((Math.min(...known) - 1) / 5) * 5), max: 100 },
      series: [{ type: 'line', symbolSize: 6, color: LINES[0], data: points.map(point => point.value), label: { show: true, position: 'top', fontSize: 11, color: '#465160', formatter: at => at.value.toFixed(2) } }],
    };
  },
};

// --- the map of the districts -----------------------------------------------------------------------------------------

async function drawMap(box) {
  const outlines = await fetch(box.dataset.outlines).then(answer => answer.json()).catch(() => ({ features: [] }));
  const card = box.closest('.card') || document, table = document.getElementById(box.dataset.map);
  if (!outlines.features.length) {
    $$('[data-with-script]', card).forEach(element => { element.hidden = true; });
    return;
  }
  const lines = $$('tbody tr[data-code]', table).map(row => ({
    code: row.dataset.code, label: row.dataset.label,
    values: Object.fromEntries($$('[data-value]', row).map(cell => [cell.dataset.value, number(cell.textContent)])),
  }));
  const outlined = new Set(outlines.features.map(feature => feature.properties.code));
  const central = new Set(outlines.features.filter(feature => feature.properties.peer_group === 'central').map(feature => feature.properties.code));
  const isCentral = feature => central.has(feature.properties.code);
  window.echarts.registerMap('city', outlines);
  window.echarts.registerMap('central', { ...outlines, features: outlines.features.filter(isCentral) });
  const main = make($('.map-main', box)), core = central.size ? make($('.map-core', box)) : null;
  $('.map-inset', box).hidden = !central.size;

  const paint = (metric, { name = '', unit = '', dp = 0 }) => {
    const breaks = classBreaks(lines.map(line => line.values[metric]).filter(value => value != null));
    const classOf = value => breaks.filter(limit => value >= limit).length;
    const shown = value => value == null ? '—' : value.toFixed(+dp);
    const data = lines.filter(line => outlined.has(line.code)).map(line => region(line, line.values[metric], classOf));
    const series = (map, labelled) => ({
      type: 'map', map, nameProperty: 'code', data, aspectScale: .86, preserveAspect: 'contain', left: 2, right: 2, top: 2, bottom: 2,
      roam: false, selectedMode: false, itemStyle: { borderColor: '#fff', borderWidth: 1, areaColor: NO_VALUE }, labelLayout: { hideOverlap: true },
      label: { show: true, fontSize: 11, formatter: at => labelled(at.name) && at.data ? at.data.label_ : '' },
    });
    const tooltip = { formatter: at => at.data ? `<b>${text(at.data.label_)}</b><br>${text(name)} <b>${shown(at.value)}</b>${unit}` : '' };
    main.setOption({ animation: false, tooltip, series: [series('city', code => !central.has(code))] });
    core?.setOption({ animation: false, tooltip, series: [series('central', () => true)] });
    const zones = lines.filter(line => !outlined.has(line.code));
    $('.map-zones-part', box).hidden = !zones.length;
    $('.map-zones', box).replaceChildren(...zones.map(line => item(colour(line.values[metric], classOf), `${line.label} `, shown(line.values[metric]))));
    $('.map-legend', box).replaceChildren(...legend(breaks, unit).map(([shade, words]) => item(RAMP[shade], words)));
  };
  const choices = $$('[data-metric]', card);
  choices.forEach(choice => choice.addEventListener('change', () => paint(choice.dataset.metric, choice.dataset)));
  const first = choices.find(choice => choice.checked);
  paint(first?.dataset.metric ?? box.dataset.metric0, first?.dataset ?? box.dataset);
}

const colour = (value, classOf) => value == null ? NO_VALUE : RAMP[classOf(value)];

function region(line, value, classOf) {
  const areaColor = colour(value, classOf), ink = value != null && classOf(value) > 2 ? '#fff' : INK;
  return {
    name: line.code, value: value ?? undefined, label_: line.label, itemStyle: { areaColor }, label: { color: ink, textBorderColor: areaColor, textBorderWidth: 2 },
    emphasis: { itemStyle: { areaColor, borderColor: '#111923', borderWidth: 1.5 }, label: { show: true, color: ink } },
  };
}

// Up to four limits at round steps, so that at most five classes cover the values of this ranking.
export function classBreaks(values) {
  if (!values.length) return [];
  const low = Math.min(...values), span = Math.max(...values) - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / 5)), step = [1, 2, 2.5, 5, 10].map(times => times * power).find(width => width >= span / 5);
  const start = Math.floor(low / step) * step;
  return [1, 2, 3, 4].map(count => +(start + count * step).toFixed(6));
}

function legend(breaks, unit) {
  const rows = breaks.map((limit, place) => [place + 1, place + 1 < breaks.length ? `${limit}–${breaks[place + 1]}` : `≥ ${limit}`]);
  return breaks.length ? [...rows.reverse(), [0, `< ${breaks[0]} ${unit}`]] : [];
}

function item(shade, words, strong = '') {
  const line = document.createElement('li'), swatch = document.createElement('i');
  swatch.style.background = shade;
  line.append(swatch, words, Object.assign(document.createElement('b'), { textContent: strong }));
  return line;
}

const text = words => String(words).replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);
