/* Where the application stands in the portal's pages: its own page, and the places that it has bound. */

import { address, text } from './texts.js';
import { make } from './dom.js';
import { openSlider } from './slider.js';

/** Address of the application's own page. */
export const appAddress = (facts) => `${location.protocol}//${location.hostname}:${facts.appPort}/`;

/**
 * Handlers of a place as [{handler, title}]. An application that was there from the start has its places from the
 * start; one that is being installed stands only where it has bound itself, and not before its installation is over.
 */
export function handlersOf(facts, placement) {
  if (!facts.installed) return [];
  const bound = facts.placements.filter((each) => each.placement === placement);
  if (bound.length || facts.hasOwnPlaces) return bound;
  return [{ handler: appAddress(facts), title: text('app') }];
}

/** Toolbars open what is bound to them in a slider of its own, as applications open each other. */
export const isToolbar = (placement) => placement.endsWith('_TOOLBAR');

/** The menu of a page's toolbar: an item for every handler of the place, which opens it in a slider. */
export function extensions(facts, placement, path) {
  const items = handlersOf(facts, placement).map(({ title }) => {
    const onclick = () => openSlider(address(path), () => {}, title);
    return make('button', { type: 'button', class: 'button', 'data-action': 'toolbar-place', onclick }, title || text('app'));
  });
  return items.length ? [make('div', { class: 'tools', 'data-part': 'extensions' }, ...items)] : [];
}

/** What a person sees instead of an application that is not installed yet; undefined when he may see it. */
export function notInstalled(facts, user) {
  const isAdmin = facts.users.some(({ id, role }) => id === user && role === 'admin');
  if (facts.installed || isAdmin) return undefined;
  return make('p', { class: 'note', 'data-part': 'not-installed' }, text('installing'));
}
