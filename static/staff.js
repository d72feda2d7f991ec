/** The desk renews itself every fifteen seconds, in place: whoever reads or types is not disturbed. */
const EVERY = 15000

async function renew() {
  const title = /** @type {HTMLElement} */ (document.querySelector('h1'))
  try {
    const answer = await fetch(location.href)
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const lines = fresh.querySelector('dl')
    if (!lines) return location.reload() // the password has changed
    document.querySelector('dl')?.replaceWith(lines)
    title.textContent = fresh.querySelector('h1')?.textContent ?? ''
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    title.textContent = title.dataset.lost ?? ''
  }
}

setInterval(renew, EVERY)
