/** The page's wiring. */
import './ui/style.css'

const page = document.getElementById('page')
if (page) page.textContent = 'Mien'
