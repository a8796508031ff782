/* Signs of the menu: strokes on a 24 by 24 field. */

const SVG = 'http://www.w3.org/2000/svg';
const STROKES = {
  app: 'M12 3v9l6.4 6.4M21 12a9 9 0 1 1-9-9 9 9 0 0 1 9 9Z',
  analytics: 'M4 20V10M10 20V4M16 20v-7M21 20H3',
  companies: 'M4 21V5l8-2v18M12 9h8v12M2 21h20M7 8h2M7 12h2M7 16h2M15 13h2M15 17h2',
  contacts: 'M12 12a4 4 0 1 0-4-4 4 4 0 0 0 4 4ZM4 21c0-4 3.6-6 8-6s8 2 8 6',
  mobile: 'M8 2h8a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2ZM11 18h2',
  requests: 'M7 20V4M3 8l4-4 4 4M17 4v16M13 16l4 4 4-4',
};

export function icon(name) {
  const image = document.createElementNS(SVG, 'svg');
  image.setAttribute('viewBox', '0 0 24 24');
  image.setAttribute('aria-hidden', 'true');
  image.setAttribute('class', 'menu-sign');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', STROKES[name]);
  image.append(path);
  return image;
}
