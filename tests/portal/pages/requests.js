/* What the application asks of the portal: every REST request as it comes, limits, and faults on demand. */

import { ask, make, toast } from './dom.js';
import { number, text } from './texts.js';

const POLL_MS = 1000;
const SHOWN = 500;
const OPERATING_LIMIT_S = 480;
const BURST = 50;

export async function showRequests({ content, setTitle }) {
  setTitle(text('requests'));
  const limits = make('section', { class: 'box limits', 'data-part': 'limits' });
  const rows = make('tbody', { 'data-part': 'requests' });
  const empty = make('p', { class: 'note' }, text('noRequests'));
  const head = ['#', text('time'), text('method'), text('user'), text('status'), text('duration'), text('commands'),
    text('received'), text('size'), text('error')];
  const table = make('table', { class: 'table' }, make('thead', {}, make('tr', {}, ...head.map((name) => make('th', {}, name)))), rows);
  let last = 0;
  let isPaused = false;
  const forget = async () => {
    await fetch('/emulator/requests', { method: 'DELETE' });
    rows.replaceChildren();
    empty.hidden = false;
  };
  const pause = make('button', { type: 'button', class: 'button', onclick: () => {
    isPaused = !isPaused;
    pause.textContent = text(isPaused ? 'resume' : 'pause');
  } }, text('pause'));
  content.append(limits, toolbar(pause, forget), make('section', { class: 'box' }, make('div', { class: 'table-frame' }, table), empty));

  const poll = async () => {
    if (!isPaused) {
      const entries = await ask(`/emulator/requests?after=${last}`);
      for (const entry of entries) rows.prepend(...requestRows(entry));
      last = entries.at(-1)?.n ?? last;
      empty.hidden = rows.childElementCount > 0;
      while (rows.childElementCount > SHOWN * 2) rows.lastElementChild.remove();
      showLimits(limits, await ask('/emulator/status'));
    }
    setTimeout(() => poll().catch(() => toast(text('noServer'))), POLL_MS);
  };
  await poll();
}

function toolbar(pause, forget) {
  const faults = make('input', { class: 'search', name: 'faults', placeholder: 'seed=7,503=0.05,500=0.02,lost=0.02', 'aria-label': text('faults') });
  const apply = async (event) => {
    event.preventDefault();
    const response = await fetch('/emulator/faults', { method: 'POST', body: faults.value });
    const answer = await response.json();
    toast(response.ok ? `${text('faults')}: ${answer.faults || text('none')}` : answer.error);
  };
  return make('form', { class: 'tools', onsubmit: apply },
    faults,
    make('button', { class: 'button' }, text('apply')),
    make('button', { type: 'button', class: 'button', onclick: () => ask('/emulator/expire-tokens', {}) }, text('expire')),
    pause,
    make('button', { type: 'button', class: 'button', onclick: forget }, text('clear')));
}

function requestRows(entry) {
  const time = new Date(entry.at_s * 1000).toLocaleTimeString(undefined, { hour12: false });
  const received = entry.commands.reduce((sum, command) => sum + command.rows, 0);
  const failed = entry.commands.filter((command) => command.error);
  const error = [entry.fault, entry.error, ...new Set(failed.map((command) => command.error))].filter(Boolean).join(', ');
  const details = make('tr', { class: 'details', hidden: true });
  const toggle = () => {
    details.hidden = !details.hidden;
    if (!details.hidden && !details.childElementCount) details.append(make('td', { colspan: 10 }, commandTable(entry.commands)));
  };
  const cells = [entry.n, time, methods(entry), entry.user, entry.http_status || '—', number(entry.duration_s, 2),
    entry.commands.length, number(received), number(entry.answer_bytes / 1024, 1), error];
  const row = make('tr', { class: error ? 'request bad' : 'request', onclick: toggle },
    ...tableRow(cells, [2, 9]).children);
  return [row, details];
}

function tableRow(cells, longPlaces) {
  return make('tr', {}, ...cells.map((cell, place) => make('td', { class: longPlaces.includes(place) ? 'long' : 'number' }, cell)));
}

/** `batch` names what it holds. */
function methods(entry) {
  if (entry.method !== 'batch') return entry.method;
  const counts = new Map();
  for (const { method } of entry.commands) counts.set(method, (counts.get(method) || 0) + 1);
  return `batch: ${[...counts].map(([method, count]) => `${method} × ${count}`).join(', ')}`;
}

function commandTable(commands) {
  const head = ['', text('method'), text('query'), text('received'), text('duration'), text('error')];
  const lines = commands.map(({ key, method, query, rows, operating_s: used, error }) =>
    tableRow([key, method, readable(query), number(rows), number(used, 2), error], [2, 5]));
  return make('table', { class: 'table inner' }, make('thead', {}, make('tr', {}, ...head.map((name) => make('th', {}, name)))), make('tbody', {}, ...lines));
}

function readable(query) {
  try {
    return decodeURIComponent(query);
  } catch {
    return query;
  }
}

function showLimits(box, status) {
  const { limits, pace, faults, rows } = status;
  const meters = limits.are_on
    ? [
      ...Object.entries(limits.buckets).map(([source, level]) => meter(`${text('bucket')} ${source}`, level, BURST)),
      ...Object.entries(limits.operating_s).map(([method, used]) => meter(method, used, OPERATING_LIMIT_S)),
    ]
    : [make('p', { class: 'note' }, text('free'))];
  const counts = Object.entries(rows).map(([table, count]) => `${table} ${number(count)}`).join(' · ');
  box.replaceChildren(
    make('p', {}, `${text('pace')}: ${pace.name}, × ${pace.speed} · ${text('faults')}: ${faults.spec || text('none')} · ${text('now')}: ${status.now}`),
    make('div', { class: 'meters' }, ...meters),
    make('p', { class: 'note' }, `${text('rows')}: ${counts}`));
}

function meter(name, value, most) {
  const bar = make('meter', { min: 0, max: most, low: most * 0.6, high: most * 0.85, optimum: 0, value });
  return make('label', { class: 'meter' }, make('span', {}, name), bar, make('span', {}, `${number(value, 1)} / ${most}`));
}
