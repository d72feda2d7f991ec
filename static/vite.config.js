/**
 * How the page is built and developed.
 *
 * The contract with Flask, which serves `templates/index.html`, `templates/generate.html`
 * and `templates/workshop.html`:
 *
 * Built      `npm run build` writes static/dist/ and static/dist/.vite/manifest.json. Flask reads
 *            the manifest's entry "src/main.js" (visitors), "src/generate/main.js" (the curious) or
 *            "src/workshop/main.js" (staff), with the parts that it imports, and renders the
 *            template with `dev` = False and
 *            `script` = "assets/main-….js", `css` = ["assets/main-….css"], and `preload` = the
 *            parts' scripts. The files are at /static/dist/….
 * Developed  `npm run dev` opens Vite's port. Vite answers /static/… itself and passes everything
 *            else, sockets included, to the running `python app.py`, with the Host kept so that
 *            same-origin holds, and the header `X-Mien-Dev: 1`. With that header Flask renders
 *            the template with `dev` = True and `source` = "src/main.js": the page then loads
 *            /static/@vite/client and /static/src/main.js from Vite. The strict content policy is lifted on this way only,
 *            here in the proxy, because Vite injects styles while they are being edited.
 *
 * `MIEN_ADDRESS` names the running app.py when it is not at http://127.0.0.1:5000.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The panel's style sheet brings an icon font in a data: address, which the policy forbids. */
const withoutIconFont = {
  name: 'without-icon-font',
  enforce: /** @type {const} */ ('pre'),
  transform: (/** @type {string} */ code, /** @type {string} */ id) => (
    id.endsWith('lil-gui.css') ? code.replace(/@font-face\s*{[^}]*}/, '') : null
  ),
}
const address = process.env.MIEN_ADDRESS ?? 'http://127.0.0.1:5000'

export default defineConfig(({ command }) => ({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The panel's styles come as a file: the content policy forbids those it would inject.
  resolve: {
    alias: {
      'lil-gui.css': fileURLToPath(new URL('../node_modules/lil-gui/dist/lil-gui.css', import.meta.url)),
    },
  },
  base: command === 'build' ? '/static/dist/' : '/static/',
  appType: 'custom',
  plugins: [withoutIconFont],
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      // captures.js is what `python -m server.captures` opens.
      input: ['src/main.js', 'src/generate/main.js', 'src/workshop/main.js', 'src/captures.js']
        .map((entry) => fileURLToPath(new URL(entry, import.meta.url))),
    },
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    // The page shows mistakes itself, over the last scene that worked: src/debug/overlay.js
    hmr: { overlay: false },
    proxy: {
      '^/(?!static/)': {
        target: address,
        changeOrigin: false,
        ws: true,
        headers: { 'X-Mien-Dev': '1' },
        configure(proxy) {
          proxy.on('proxyRes', (response) => {
            delete response.headers['content-security-policy']
          })
        },
      },
    },
  },
}))
