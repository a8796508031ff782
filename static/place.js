// The engine, Python with pandas, starts with the page. In a card's tab most people need none: there the page itself
// adds it for those who do. The app's own address says which it is, see py/crm/installation.py.
(function () {
  const place = new URLSearchParams(location.search).get('place') === 'card' ? 'card' : 'app';
  document.documentElement.dataset.place = place;
  if (place === 'card') return;
  document.body.append(document.querySelector('[data-part="engine"]').content.cloneNode(true));
})();
