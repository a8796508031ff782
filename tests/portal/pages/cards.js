/* Cards and lists of companies and contacts, as far as a person needs them to find a way to the application. */

import { ask, make } from './dom.js';
import { extensions, handlersOf } from './places.js';
import { openSlider } from './slider.js';
import { address, fieldNames, moment, number, placementUri, text } from './texts.js';

const TAB_PLACEMENTS = { company: 'CRM_COMPANY_DETAIL_TAB', contact: 'CRM_CONTACT_DETAIL_TAB' };
const LINKS = {
  COMPANY_ID: 'company', companyId: 'company', CONTACT_ID: 'contact', contactId: 'contact', parentId2: 'deal',
};
const AMOUNTS = new Set(['OPPORTUNITY', 'opportunity']);

export async function showCard({ content, facts, user, match, setTitle, openFrame }) {
  const kind = match[1] === '31' ? 'invoice' : match[1];
  const id = Number(match[2]);
  let card;
  try {
    card = await ask(`/portal/card?kind=${kind}&id=${id}&user=${user}`);
  } catch (error) {
    setTitle(error.status === 403 ? text('denied') : text('notFound'));
    return;
  }
  setTitle(cardTitle(kind, card.row));
  const fields = make('dl', { class: 'fields box', 'data-part': 'fields' }, make('h2', {}, text('fields')));
  for (const [column, label] of Object.entries(fieldNames())) {
    const value = shown(column, card.row[column]);
    if (value !== '') fields.append(make('dt', {}, label), make('dd', {}, value));
  }
  const tab = make('div', { class: 'card-tab', 'data-part': 'tab' });
  content.append(make('div', { class: 'card' }, fields, tab));
  const [own] = TAB_PLACEMENTS[kind] ? handlersOf(facts, TAB_PLACEMENTS[kind]) : [];
  if (!own) return;
  const options = { ID: String(id), URI: placementUri() };
  tab.append(make('h2', { class: 'tab-title' }, own.title || text('app')));
  const place = make('div', {});
  tab.append(place);
  await openFrame({ content: place, facts, user }, TAB_PLACEMENTS[kind], options, cardTitle(kind, card.row), false, own.handler);
}

function cardTitle(kind, row) {
  const person = [row.NAME, row.SECOND_NAME, row.LAST_NAME].filter(Boolean).join(' ');
  const name = row.TITLE || row.title || person;
  const label = text(kind === 'user' ? 'person' : kind);
  return name ? `${label}: ${name}` : `${label} #${row.ID || row.id}`;
}

function shown(column, value) {
  if (value === undefined || value === null || value === '' || value === 0) return '';
  if (Array.isArray(value)) return value.join(', ');
  if (LINKS[column]) return make('a', { href: address(`/crm/${LINKS[column]}/details/${value}/`) }, `#${value}`);
  if (AMOUNTS.has(column)) return `${number(value, 2)} ₽`;
  return /^\d{4}-\d\d-\d\dT/.test(value) ? moment(value) : String(value);
}

export async function showList({ content, facts, user, match, setTitle }) {
  const kind = match[1];
  setTitle(text(kind === 'company' ? 'companies' : 'contacts'));
  const rows = make('tbody', {});
  const search = make('input', { type: 'search', class: 'search', placeholder: text('search'), 'aria-label': text('search') });
  const empty = make('p', { class: 'note', hidden: true }, text('nothing'));
  const refresh = async () => {
    const sought = search.value;
    const found = await ask(`/portal/list?kind=${kind}&user=${user}&sought=${encodeURIComponent(sought)}`);
    if (sought !== search.value) return;
    rows.replaceChildren(...found.map((row) => listRow(kind, row)));
    empty.hidden = found.length > 0;
  };
  search.addEventListener('input', refresh);
  const toolbar = `CRM_${kind.toUpperCase()}_LIST_TOOLBAR`;
  content.append(...extensions(facts, toolbar, `/crm/${kind}/list/toolbar/`));
  const head = make('tr', {}, ...['ID', text('name'), text('created')].map((name) => make('th', {}, name)));
  content.append(make('section', { class: 'box' }, search,
    make('div', { class: 'table-frame' }, make('table', { class: 'table' }, make('thead', {}, head), rows)), empty));
  await refresh();
}

function listRow(kind, { id, name, created }) {
  const path = address(`/crm/${kind}/details/${id}/`);
  const open = (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    openSlider(path, () => {});
  };
  return make('tr', {},
    make('td', { class: 'number' }, id),
    make('td', { class: 'long' }, make('a', { href: path, onclick: open }, name.trim() || `#${id}`)),
    make('td', { class: 'moment' }, moment(created)));
}
