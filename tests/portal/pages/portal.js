/* The portal's page: bar, menu, and the content that its path asks for. */

import { AppFrame } from './appframe.js';
import { showCard, showList } from './cards.js';
import { ask, make, part } from './dom.js';
import { icon } from './icons.js';
import { peopleOptions } from './people.js';
import { appAddress, extensions, handlersOf, isToolbar, notInstalled } from './places.js';
import { showRequests } from './requests.js';
import { LANGUAGES, address, foreignParams, language, params, placementUri, setLanguage, text } from './texts.js';

const THEMES = { auto: 'light dark', light: 'light', dark: 'dark' };
const MENU = [
  ['/', 'app'],
  ['/crm/analytics/', 'analytics'],
  ['/crm/company/list/', 'companies'],
  ['/crm/contact/list/', 'contacts'],
  ['/mobile/marketplace/?id=1', 'mobile'],
  ['/requests/', 'requests'],
];
// What people see at a path: its pattern, the function that shows it.
const PAGES = [
  [/^\/$/, showApp],
  [/^\/marketplace\/(app|view)\/\d+\/$/, showApp],
  [/^\/crm\/analytics\/$/, showAnalytics],
  [/^\/crm\/(analytics)\/toolbar\/$/, showToolbarPlace],
  [/^\/mobile\/marketplace\/$/, showPhone],
  [/^\/requests\/$/, showRequests],
  [/^\/crm\/(company|contact)\/list\/$/, showList],
  [/^\/crm\/(company|contact)\/list\/toolbar\/$/, showToolbarPlace],
  [/^\/crm\/(company|contact|deal|lead)\/details\/(\d+)\/$/, showCard],
  [/^\/crm\/type\/(31)\/details\/(\d+)\/$/, showCard],
  [/^\/(company)\/personal\/user\/(\d+)\/$/, (page) => showCard({ ...page, match: [null, 'user', page.match[2]] })],
];

const isSlider = params.get('IFRAME') === 'Y';
const here = () => location.pathname + location.search;

function setTitle(title) {
  part('title').textContent = title;
  document.title = title;
}

function showApp(page) {
  return openFrame(page, 'DEFAULT', foreignParams(), params.get('bx24_title') || text('app'));
}

function showPhone(page) {
  const phone = make('div', { class: 'phone', 'data-part': 'phone' });
  page.content.append(phone);
  return openFrame({ ...page, content: phone }, 'DEFAULT', foreignParams(), text('mobile'), true);
}

/** What is bound to CRM analytics; what its toolbar has opens beside the page. */
async function showAnalytics(page) {
  if (!isSlider) page.content.before(...extensions(page.facts, 'CRM_ANALYTICS_TOOLBAR', '/crm/analytics/toolbar/'));
  await showPlace(page, 'CRM_ANALYTICS_MENU', placementUri(), text('analytics'));
}

/** What a toolbar has opened in a slider: it is told the page that the toolbar stands above. */
function showToolbarPlace(page) {
  const [, kind] = page.match;
  const placement = kind === 'analytics' ? 'CRM_ANALYTICS_TOOLBAR' : `CRM_${kind.toUpperCase()}_LIST_TOOLBAR`;
  return showPlace(page, placement, location.pathname.replace('toolbar/', ''), text('app'));
}

async function showPlace(page, placement, uri, title) {
  setTitle(title);
  const [own] = handlersOf(page.facts, placement);
  if (own) await openFrame(page, placement, { URI: uri }, title, false, own.handler);
  else page.content.append(make('p', { class: 'note', 'data-part': 'no-place' }, text('noPlace')));
}

/** Put the application into the page, or the word that it is not installed yet. */
async function openFrame({ content, facts, user }, placement, options, title, isMobile = false, handler = appAddress(facts)) {
  setTitle(title);
  const notice = notInstalled(facts, user);
  if (notice) {
    content.replaceChildren(notice);
    return;
  }
  const frame = new AppFrame(content, facts, {
    user, placement, options, isMobile, handler,
    isStatic: params.get('static') === '1',
    isSlider: isSlider && (placement === 'DEFAULT' || isToolbar(placement)),
    onTitle: setTitle,
  });
  await frame.open();
}

function fill(select, options, chosen) {
  for (const [value, label] of Object.entries(options)) {
    select.append(make('option', { value, selected: value === chosen }, label));
  }
}

function choices(facts, user) {
  const select = (name) => document.querySelector(`[data-choice="${name}"]`);
  select('user').append(...peopleOptions(facts.users, user));
  fill(select('static'), { '': text('post'), 1: text('get') }, params.get('static') || '');
  fill(select('lang'), LANGUAGES, language());
  fill(select('theme'), { auto: text('auto'), light: text('light'), dark: text('dark') }, params.get('theme') || 'auto');
  for (const name of ['user', 'static', 'lang']) {
    select(name).addEventListener('change', (event) => location.assign(address(here(), { [name]: event.target.value })));
  }
  select('theme').addEventListener('change', (event) => {
    params.set('theme', event.target.value);
    setTheme();
    history.replaceState(null, '', address(here()));
    showMenu(facts);
  });
}

/** The application's frame inherits the colour scheme, and with it what `prefers-color-scheme` says inside. */
function setTheme() {
  document.documentElement.style.colorScheme = THEMES[params.get('theme')] || THEMES.auto;
}

function showMenu(facts) {
  part('brand').replaceChildren(facts.name);
  part('brand').href = address('/');
  part('menu').replaceChildren(...MENU.map(([path, name]) => {
    const isHere = new URL(path, location.origin).pathname === location.pathname;
    return make('a', { href: address(path), class: 'menu-item', 'aria-current': isHere ? 'page' : undefined },
      icon(name), text(name));
  }));
}

function bindMenuButton() {
  const button = document.querySelector('[data-action="menu"]');
  button.setAttribute('aria-label', text('menu'));
  button.addEventListener('click', () => {
    const isOpen = document.body.classList.toggle('menu-open');
    button.setAttribute('aria-expanded', isOpen);
  });
}

async function start() {
  setTheme();
  document.body.classList.toggle('in-slider', isSlider);
  const facts = await ask('/portal/facts');
  setLanguage(params.get('lang') || facts.lang);
  const user = Number(params.get('user')) || facts.user;
  for (const label of document.querySelectorAll('[data-text]')) label.textContent = text(label.dataset.text);
  choices(facts, user);
  showMenu(facts);
  bindMenuButton();
  if (!facts.users.some(({ id }) => id === user)) {
    setTitle(`${text('noUser')} ${user}`);
    return;
  }
  const content = part('content');
  for (const [pattern, show] of PAGES) {
    const match = location.pathname.match(pattern);
    if (match) {
      await show({ content, facts, user, match, setTitle, openFrame });
      return;
    }
  }
  setTitle(text('noPage'));
}

start().catch((error) => {
  part('content').replaceChildren(make('p', { class: 'note note-bad' }, `${text('noServer')}: ${error.message}`));
});
