/* Choosing employees: in the portal's bar, and in the dialog that an application asks for. */

import { make } from './dom.js';
import { text } from './texts.js';

const ROLES = ['admin', 'head', 'manager'];

/** Options of a select, grouped by role. */
export function peopleOptions(users, chosen) {
  return ROLES.map((role) => {
    const group = make('optgroup', { label: text(role) });
    for (const { id, name } of users.filter((user) => user.role === role)) {
      group.append(make('option', { value: id, selected: id === chosen }, name));
    }
    return group;
  }).filter((group) => group.childElementCount);
}

/** Ask for employees; resolves to [{id, name, post}] with ids as texts, or null when cancelled. */
export function selectUsers(users, title, isMultiple) {
  const list = make('select', { size: 10, multiple: isMultiple, class: 'people', 'aria-label': text('user') }, ...peopleOptions(users));
  const dialog = make('dialog', { class: 'dialog', 'data-part': 'select-user' },
    make('form', { method: 'dialog' },
      make('h2', {}, title || text('chooseUser')),
      list,
      make('div', { class: 'dialog-buttons' },
        make('button', { value: 'choose', class: 'button button-main' }, text('choose')),
        make('button', { value: 'cancel', class: 'button' }, text('cancel')))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      const ids = new Set([...list.selectedOptions].map((option) => Number(option.value)));
      const chosen = users.filter(({ id }) => ids.has(id)).map(({ id, name, post }) => ({ id: String(id), name, position: post }));
      dialog.remove();
      resolve(dialog.returnValue === 'choose' && chosen.length ? chosen : null);
    });
  });
}
