/*
 * The application's frame and its messages (reference notes, §1 and §2.1-2.3). Unknown and denied commands, wrong
 * origins and wrong SIDs meet silence, as on the platform.
 */

import { ask, make, toast } from './dom.js';
import { openSlider, closeOwnSlider } from './slider.js';
import { address, language, text } from './texts.js';
import { selectUsers } from './people.js';

const OPENABLE = /^\/(crm\/(deal|lead|contact|company|type)\/|marketplace\/|company\/personal\/user\/\d+\/|workgroups\/group\/\d+\/)/;
const PERMISSIONS = 'geolocation *; microphone *; camera *; autoplay *;';

export class AppFrame {
  /**
   * facts: of the portal; placement, options: the place as the app gets it; isStatic: open by GET; isMobile: in the
   * phone frame; isSlider: the app itself fills a slider; handler: address of the page; onTitle(title): the app names
   * the page.
   */
  constructor(container, facts, { user, placement, options, isStatic, isMobile, isSlider, handler, onTitle }) {
    Object.assign(this, { container, facts, user, placement, options, isStatic, isMobile, isSlider, handler, onTitle });
    this.appOrigin = new URL(handler).origin;
  }

  async open() {
    this.session = await ask('/portal/frame-session', { user: this.user, placement: this.placement });
    this.sid = this.session.APP_SID;
    addEventListener('message', (event) => this.onMessage(event));
    const protocol = location.protocol === 'https:' ? 1 : 0;
    this.frame = make('iframe', {
      id: `appframe_${this.sid}`,
      name: [location.host, protocol, this.sid].join('|'),
      class: 'app-frame',
      title: text('app'),
      allow: PERMISSIONS,
    });
    const query = new URLSearchParams({ DOMAIN: location.host, PROTOCOL: protocol, LANG: language(), APP_SID: this.sid });
    const action = `${this.handler}${this.handler.includes('?') ? '&' : '?'}${query}`;
    const form = make('form', { id: `appform_${this.sid}`, target: this.frame.name, method: 'POST', action, hidden: true });
    for (const [name, value] of Object.entries(this.formFields())) {
      form.append(make('input', { type: 'hidden', name, value }));
    }
    this.wrapper = make('div', { id: `appframe_layout_${this.sid}`, class: 'app-layout' }, this.frame, form);
    this.container.replaceChildren(this.wrapper);
    if (this.isStatic) this.frame.src = action;
    else form.submit();
  }

  formFields() {
    const { AUTH_ID, AUTH_EXPIRES, REFRESH_ID, APPLICATION_TOKEN, APPLICATION_SCOPE, MEMBER_ID } = this.session;
    return {
      AUTH_ID, AUTH_EXPIRES, REFRESH_ID,
      SERVER_ENDPOINT: 'https://oauth.bitrix.info/rest/',
      APPLICATION_TOKEN, APPLICATION_SCOPE,
      member_id: MEMBER_ID,
      status: 'L',
      PLACEMENT: this.placement,
      PLACEMENT_OPTIONS: JSON.stringify(this.options),
    };
  }

  onMessage(event) {
    if (event.origin !== this.appOrigin) return;
    const asked = parseMessage(event.data);
    if (!asked || asked.sid !== this.sid || !Object.hasOwn(COMMANDS, asked.command) || this.isDenied(asked.command)) return;
    const reply = (value) => {
      if (!asked.callback) return;
      const json = value === undefined ? '' : JSON.stringify(value);
      this.frame.contentWindow.postMessage(`${asked.callback}:${json}`, this.appOrigin);
    };
    COMMANDS[asked.command].call(this, asked.params, reply);
  }

  isDenied(command) {
    if (command === 'setTitle') return this.placement !== 'DEFAULT';
    if (command === 'resizeWindow') return this.isSlider;
    return command === 'reloadData' && !this.isCard();
  }

  isCard() {
    return /_DETAIL_(TAB|ACTIVITY)$/.test(this.placement);
  }

  initData() {
    const { APP_SID, APPLICATION_TOKEN, APPLICATION_SCOPE, ...given } = this.session;
    return {
      LANG: language(),
      DOMAIN: location.host,
      PROTOCOL: location.protocol === 'https:' ? 1 : 0,
      PATH: '/rest',
      ...given,
      PLACEMENT: this.placement,
      PLACEMENT_OPTIONS: Object.keys(this.options).length ? this.options : [],
    };
  }

  keepOption(scope, { name, value }) {
    const memory = scope === 'app' ? 'APP_OPTIONS' : 'USER_OPTIONS';
    this.session[memory] = { ...this.session[memory], [name]: value };
    return ask('/portal/options', { auth: this.session.AUTH_ID, scope, name, value });
  }
}

/** {command, params, callback, sid} of a message, null when it is none. Texts are parsed from both ends. */
export function parseMessage(data) {
  if (data && typeof data === 'object') {
    return { command: String(data.method), params: data.params || {}, callback: data.callback || '', sid: data.appSid };
  }
  if (typeof data !== 'string') return null;
  const parts = data.split(':');
  const [command, ...middle] = parts;
  const sid = middle.pop();
  const callback = middle.pop() || '';
  const json = middle.join(':');
  try {
    return { command, params: json ? JSON.parse(json) : {}, callback, sid };
  } catch {
    return null;
  }
}

const COMMANDS = {
  getInitData(_, reply) {
    reply(this.initData());
    this.session.FIRST_RUN = false;
  },

  async refreshAuth(_, reply) {
    try {
      const tokens = await ask('/portal/refresh-auth', { refresh_token: this.session.REFRESH_ID });
      Object.assign(this.session, tokens);
      reply(tokens);
    } catch {
      toast(text('refreshFailed'));
    }
  },

  resizeWindow({ width, height }, reply) {
    const size = { width: this.isMobile ? '100%' : width, height };
    this.wrapper.style.width = size.width === '100%' ? '100%' : `${parseInt(size.width, 10)}px`;
    this.wrapper.style.height = `${parseInt(height, 10)}px`;
    reply(size);
  },

  setTitle(params, reply) {
    this.onTitle(String(params.title));
    reply(params);
  },

  setScroll(params, reply) {
    scrollTo({ top: Number(params.scroll) || 0 });
    reply(params);
  },

  async setUserOption(params, reply) {
    await this.keepOption('user', params);
    reply(params);
  },

  async setAppOption(params, reply) {
    if (!this.session.IS_ADMIN) return;
    await this.keepOption('app', params);
    reply(params);
  },

  setInstall(params, reply) {
    this.session.INSTALL = Boolean(params.install);
    reply(params);
  },

  async setInstallFinish() {
    const { installed } = await ask('/portal/install', { auth: this.session.AUTH_ID, installed: true });
    const url = new URL(location.href);
    url.searchParams.set('install_finished', installed ? 'Y' : 'N');
    location.assign(url);
  },

  reloadWindow() {
    location.reload();
  },

  reloadData(_, reply) {
    reply([]);
  },

  getInterface(_, reply) {
    reply({ command: this.isCard() ? ['reloadData'] : [], event: [] });
  },

  openPath({ path }, reply) {
    if (this.isMobile) reply({ result: 'error', errorCode: 'METHOD_NOT_SUPPORTED_ON_DEVICE' });
    else if (!OPENABLE.test(String(path))) reply({ result: 'error', errorCode: 'PATH_NOT_AVAILABLE' });
    else openSlider(address(path), () => reply({ result: 'close' }));
  },

  openApplication(params, reply) {
    const query = new URLSearchParams(params);
    openSlider(address(`/marketplace/app/1/?${query}`), () => reply([]), String(params.bx24_title || ''));
  },

  closeApplication(_, reply) {
    reply([]);
    closeOwnSlider();
  },

  async selectUser({ title, mult }, reply) {
    const chosen = await selectUsers(this.facts.users, title, Boolean(mult));
    if (chosen) reply(mult ? chosen : chosen[0]);
  },

  imCallTo: ({ userId }) => toast(`${text('call')}: ${userId}`),
  imPhoneTo: ({ phone }) => toast(`${text('call')}: ${phone}`),
  imOpenMessenger: ({ dialogId }) => toast(`${text('chat')}: ${dialogId || ''}`),
  imOpenHistory: ({ dialogId }) => toast(`${text('chat')}: ${dialogId || ''}`),
};
