/* Small helpers for pages: all that comes from data goes in as text, never as markup. */

/** An element with attributes and children; strings become text nodes. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

export const part = (name) => document.querySelector(`[data-part="${name}"]`);

/** The parsed answer of the portal; an Error with `status` when it refuses. */
export async function ask(path, body) {
  const options = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status });
  return answer;
}

export function toast(message) {
  const note = make('div', { class: 'toast' }, message);
  part('toasts').append(note);
  setTimeout(() => note.remove(), 6000);
}
