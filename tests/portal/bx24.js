/*
 * The platform's script for applications in a frame, written from its wire protocol (reference notes, §2).
 * It keeps the platform's known defects: callMethod drops `start`; a 5xx answer, a network error or a wholly
 * failed batch throws and never calls back; callbacks of messages are never removed.
 */
'use strict';

/* exported BX24 */
var BX24 = null;

(function () {
  const [domainPart, protocolPart, sid] = window.name.split('|');
  const domain = (domainPart || '').replace(/:(80|443)$/, '');
  if (!domain || !sid) throw new Error('Unable to initialize Bitrix24 JS library!');

  const isSecure = protocolPart === '1';
  const portal = (isSecure ? 'https://' : 'http://') + domain;
  const facts = {};
  const waiting = { init: [], install: [] };
  let isReady = false;

  // --- messages ---------------------------------------------------------------------------------------------

  const callbacks = {};

  function newKey() {
    const letters = '0123456789abcdefghijklmnopqrstuvwxyz';
    return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => letters[byte % 36]).join('');
  }

  function send(command, params, callback) {
    let key = '';
    if (callback) {
      key = newKey();
      callbacks[key] = callback;
    }
    const message = command.includes(':')
      ? { method: command, params: params || '', callback: key, appSid: sid }
      : [command, params ? JSON.stringify(params) : '', key, sid].join(':');
    parent.postMessage(message, portal);
  }

  window.addEventListener('message', (event) => {
    if (event.origin !== portal || typeof event.data !== 'string') return;
    const border = event.data.indexOf(':');
    const callback = callbacks[border < 0 ? event.data : event.data.slice(0, border)];
    if (!callback) return;
    const json = border < 0 ? '' : event.data.slice(border + 1);
    callback(json ? JSON.parse(json) : []);
  });

  // --- tokens -----------------------------------------------------------------------------------------------

  function takeTokens(given) {
    facts.AUTH_ID = given.AUTH_ID;
    facts.REFRESH_ID = given.REFRESH_ID;
    facts.AUTH_EXPIRES = Date.now() + Number(given.AUTH_EXPIRES) * 1000;
  }

  function getAuth() {
    if (!isReady || facts.AUTH_EXPIRES <= Date.now()) return false;
    return {
      access_token: facts.AUTH_ID,
      refresh_token: facts.REFRESH_ID,
      expires_in: facts.AUTH_EXPIRES,
      domain: facts.DOMAIN,
      member_id: facts.MEMBER_ID,
    };
  }

  function refreshAuth(callback) {
    send('refreshAuth', {}, (given) => {
      takeTokens(given);
      if (callback) callback(getAuth());
    });
  }

  // --- REST -------------------------------------------------------------------------------------------------

  const BURST = 90;
  const DRAIN_PER_S = 2;
  const bucket = { level: 0, at: Date.now() };

  function mayAsk() {
    const now = Date.now();
    bucket.level = Math.max(0, bucket.level - ((now - bucket.at) / 1000) * DRAIN_PER_S);
    bucket.at = now;
    if (bucket.level + 1 > BURST) return false;
    bucket.level += 1;
    return true;
  }

  function pairs(name, value) {
    if (value === null) return [];
    if (value instanceof Date) return pairs(name, value.toJSON());
    if (Array.isArray(value) && !value.length) return [`${name}=`];
    if (typeof value === 'object') {
      return Object.entries(value).flatMap(([key, inner]) => {
        const part = encodeURIComponent(key);
        return pairs(name ? `${name}[${part}]` : part, inner);
      });
    }
    return [`${name}=${encodeURIComponent(value)}`];
  }

  const query = (params) => pairs('', params || {}).join('&');

  class AjaxResult {
    constructor(answer, request, status) {
      this.answer = answer;
      this.query = request;
      this.status = status;
    }

    data() { return this.answer.result; }

    error() {
      const { error, error_description: description } = this.answer;
      if (!error) return undefined;
      const status = this.status;
      const told = typeof error === 'object' ? error : { error, error_description: description };
      return {
        ...told,
        getError: () => told,
        getStatus: () => status,
        toString: () => `${told.error}${told.error_description ? `: ${told.error_description}` : ''} (${status})`,
      };
    }

    error_description() { return this.answer.error_description; }

    more() { return !isNaN(this.answer.next); }

    total() { return parseInt(this.answer.total, 10); }

    next(callback) {
      if (!this.more()) return false;
      ask(this.query.method, this.query.data, callback || this.query.callback, this.answer.next);
      return true;
    }
  }

  function ask(method, params, callback, start) {
    if (!mayAsk()) {
      setTimeout(ask, 1000, method, params, callback, start);
      return;
    }
    const token = getAuth();
    if (!token) {
      refreshAuth(() => ask(method, params, callback, start));
      return;
    }
    const request = new XMLHttpRequest();
    request.open('POST', `${portal}${facts.PATH}/${encodeURIComponent(method)}.json`, true);
    request.onload = () => {
      if (request.status >= 500) throw new Error('Query error!');
      const answer = request.responseText ? JSON.parse(request.responseText) : {};
      if (answer.error === 'expired_token') refreshAuth(() => ask(method, params, callback, start));
      else if (callback) callback(new AjaxResult(answer, { method, data: params, callback }, request.status));
    };
    request.onerror = () => { throw new Error('Query error!'); };
    const body = [`auth=${encodeURIComponent(token.access_token)}`];
    if (start) body.push(`start=${start}`);
    const rest = query(params);
    if (rest) body.push(rest);
    request.send(body.join('&'));
  }

  function callMethod(method, params, callback) {
    const given = params || {};
    if (given.start) delete given.start;
    ask(method, given, callback);
  }

  function callBatch(calls, callback, halt) {
    const cmd = Array.isArray(calls) ? [] : {};
    const asked = {};
    for (const [key, call] of Object.entries(calls)) {
      const [method, data] = Array.isArray(call) ? call : [call.method, call.params || call.data];
      asked[key] = { method, data: data || {} };
      const told = query(data);
      cmd[key] = told ? `${method}?${told}` : method;
    }
    ask('batch', { halt: halt ? 1 : 0, cmd }, (whole) => {
      const { result, result_error, result_total, result_next, result_time } = whole.answer.result;
      const answers = Array.isArray(calls) ? [] : {};
      for (const [key, request] of Object.entries(asked)) {
        if (result[key] === undefined && result_error[key] === undefined) continue;
        const answer = { result: result[key] };
        if (result_error[key] !== undefined) answer.error = result_error[key];
        if (result_total[key] !== undefined) answer.total = result_total[key];
        if (result_next[key] !== undefined) answer.next = result_next[key];
        if (result_time && result_time[key] !== undefined) answer.time = result_time[key];
        answers[key] = new AjaxResult(answer, { ...request, callback }, whole.status);
      }
      if (callback) callback(answers);
    });
  }

  function bindEvent(method, event, handler, authType, callback) {
    if (!facts.IS_ADMIN) return;
    const params = { EVENT: event, HANDLER: handler };
    if (authType) params.AUTH_TYPE = authType;
    callMethod(method, params, callback);
  }

  // --- sizes ------------------------------------------------------------------------------------------------

  function getScrollSize() {
    const { body, documentElement: root } = document;
    return {
      scrollWidth: Math.max(root.scrollWidth, root.offsetWidth, body.scrollWidth, body.offsetWidth),
      scrollHeight: Math.max(root.scrollHeight, root.offsetHeight, body.scrollHeight, body.offsetHeight),
    };
  }

  const resizeWindow = (width, height, callback) => {
    const isWidth = width === '100%' || parseInt(width, 10) > 0;
    if (isWidth && parseInt(height, 10) > 0) send('resizeWindow', { width, height }, callback);
  };

  // --- what applications see --------------------------------------------------------------------------------

  const optionReader = (name) => (option) => facts[name][option];
  const optionWriter = (command, mayWrite, memory) => (name, value, callback) => {
    if (!mayWrite()) return;
    if (Array.isArray(facts[memory])) facts[memory] = {};
    facts[memory][name] = value;
    send(command, { name, value }, callback);
  };

  BX24 = {
    init(callback) {
      if (isReady) setTimeout(callback, 10);
      else waiting.init.push(callback);
    },
    install(callback) {
      if (!isReady) waiting.install.push(callback);
      else if (facts.FIRST_RUN) setTimeout(callback, 10);
    },
    installFinish() { send('setInstallFinish', {}); },

    getAuth,
    refreshAuth,
    isAdmin: () => Boolean(facts.IS_ADMIN),
    getLang: () => facts.LANG,
    getDomain: (withProtocol) => (withProtocol ? portal : domain),

    callMethod,
    callBatch,
    callBind: (event, handler, authType, callback) => bindEvent('event.bind', event, handler, authType, callback),
    callUnbind: (event, handler, authType, callback) => bindEvent('event.unbind', event, handler, authType, callback),

    userOption: {
      get: optionReader('USER_OPTIONS'),
      set: optionWriter('setUserOption', () => true, 'USER_OPTIONS'),
    },
    appOption: {
      get: optionReader('APP_OPTIONS'),
      set: optionWriter('setAppOption', () => facts.IS_ADMIN, 'APP_OPTIONS'),
    },

    placement: {
      info: () => ({ placement: facts.PLACEMENT, options: facts.PLACEMENT_OPTIONS }),
      getInterface: (callback) => send('getInterface', null, callback),
      call(command, params, callback) {
        if (typeof BX24[command] === 'function') BX24[command](params, callback);
        else send(command, params, callback);
      },
      bindEvent: (event, callback) => send('placementBindEvent', { event }, callback),
    },

    resizeWindow,
    fitWindow: (callback) => resizeWindow('100%', getScrollSize().scrollHeight, callback),
    getScrollSize,
    scrollParentWindow: (scroll, callback) => send('setScroll', { scroll: parseInt(scroll, 10) }, callback),
    setTitle: (title, callback) => send('setTitle', { title: String(title) }, callback),
    reloadWindow: (callback) => send('reloadWindow', {}, callback),

    openPath: (path, callback) => send('openPath', { path: String(path) }, callback),
    openApplication: (params, callback) => send('openApplication', params || {}, callback),
    closeApplication: (callback) => send('closeApplication', {}, callback),

    selectUser: (callback) => send('selectUser', { title: '', mult: false }, callback),
    selectUsers: (callback) => send('selectUser', { title: '', mult: true }, callback),
    selectAccess(value, callback) {
      if (typeof value === 'function') send('selectAccess', { value: [] }, value);
      else send('selectAccess', { value }, callback);
    },
    selectCRM: (params, callback) => send('selectCRM', params, callback),

    im: {
      callTo: (userId, video) => send('imCallTo', { userId, video: video !== false }),
      phoneTo: (phone) => send('imPhoneTo', { phone }),
      openMessenger: (dialogId) => send('imOpenMessenger', { dialogId }),
      openHistory: (dialogId) => send('imOpenHistory', { dialogId }),
    },

    ready(callback) {
      if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', callback);
      else setTimeout(callback, 10);
    },
    isReady: () => document.readyState !== 'loading',
    proxy: (callback, self) => callback.bind(self),
    bind: (element, event, callback) => element.addEventListener(event, callback),
    unbind: (element, event, callback) => element.removeEventListener(event, callback),
    loadScript(addresses, callback) {
      const [first, ...rest] = [].concat(addresses);
      if (!first) {
        if (callback) callback();
        return;
      }
      const script = document.createElement('script');
      script.onload = () => BX24.loadScript(rest, callback);
      script.src = first;
      document.head.append(script);
    },
  };

  send('getInitData', null, (given) => {
    if (isReady) return;
    Object.assign(facts, given);
    takeTokens(given);
    isReady = true;
    if (!facts.INSTALL) BX24.installFinish = () => {};
    if (facts.FIRST_RUN && waiting.install.length) {
      for (const callback of waiting.install) setTimeout(callback, 10);
      send('setInstall', { install: true });
    }
    for (const callback of waiting.init) setTimeout(callback, 10);
  });
})();
