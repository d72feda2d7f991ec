const REST = 3500

/**
 * Marks the page as awake while somebody moves the mouse, touches or types, and as resting
 * afterwards: the style sheet lets the controls come and go with it.
 *
 * @param {HTMLElement} page
 */
export function watchIdleness(page) {
  let timer = 0
  const wake = () => {
    page.dataset.awake = 'true'
    clearTimeout(timer)
    timer = window.setTimeout(() => {
      page.dataset.awake = 'false'
    }, REST)
  }
  for (const event of ['pointermove', 'pointerdown', 'keydown', 'focusin']) {
    addEventListener(event, wake, { passive: true })
  }
  wake()
}
