/* The panel that slides in over the page, as cards and applications open on the platform. */

import { make } from './dom.js';
import { text } from './texts.js';

const open = [];

/** Open a page of the portal in a panel; `onClose` is called once, when it is closed in any way. */
export function openSlider(path, onClose, title = '') {
  const url = new URL(path, location.origin);
  url.searchParams.set('IFRAME', 'Y');
  url.searchParams.set('IFRAME_TYPE', 'SIDE_SLIDER');
  const frame = make('iframe', { class: 'slider-frame', src: url.pathname + url.search, title: title || text('close') });
  const close = () => {
    const place = open.indexOf(slider);
    if (place < 0) return;
    open.splice(place, 1);
    layer.remove();
    document.documentElement.classList.toggle('has-slider', open.length > 0);
    opener?.focus?.();
    onClose();
  };
  const button = make('button', { type: 'button', class: 'slider-close', 'aria-label': text('close'), onclick: close }, '×');
  const panel = make('div', { class: 'slider', role: 'dialog', 'aria-modal': 'true' }, button, frame);
  const layer = make('div', { class: 'slider-layer', onclick: (event) => event.target === layer && close() }, panel);
  const opener = document.activeElement;
  const slider = { frame, close };
  open.push(slider);
  document.body.append(layer);
  document.documentElement.classList.add('has-slider');
  button.focus();
}

/** Close the panel that this page itself stands in; nothing happens outside of one. */
export function closeOwnSlider() {
  if (parent !== window) parent.postMessage({ portal: 'closeSlider' }, location.origin);
}

addEventListener('message', (event) => {
  if (event.origin !== location.origin || event.data?.portal !== 'closeSlider') return;
  open.find(({ frame }) => frame.contentWindow === event.source)?.close();
});

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  if (open.length) open.at(-1).close();
  else closeOwnSlider();
});
