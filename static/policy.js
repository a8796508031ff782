// What this page may load and talk to: itself, its portal and the platform's script. Nothing else, whatever it runs.
// Runs before anything else is loaded. The portal tells its address in the frame's name, DOMAIN|PROTOCOL|SID.
(function () {
  const own = document.currentScript;
  const [domain, protocol, sid] = window.name.split('|');
  let portal = '';
  try {
    if (domain && sid) portal = new URL((protocol === '1' ? 'https://' : 'http://') + domain).origin;
  } catch {
    // The name was given by something else than a portal.
  }
  const platform = portal && new URL(own.dataset.platform, document.baseURI).href;

  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = [
    "default-src 'none'",
    // PyScript compiles its Python runtimes and starts its worker from a blob.
    `script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval' blob: ${platform}`,
    "worker-src 'self' blob:",
    `connect-src 'self' ${portal}`,
    "img-src 'self' data: blob:",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "object-src 'none'",
  ].join('; ');
  document.head.append(policy);

  // The policy has no say over peer connections, and nothing here needs them.
  delete window.RTCPeerConnection;
  delete window.webkitRTCPeerConnection;

  if (!platform) return;
  const script = document.createElement('script');
  script.dataset.bridge = '';
  script.addEventListener('error', () => { script.dataset.state = 'failed'; });
  script.src = platform;
  document.head.append(script);
})();
