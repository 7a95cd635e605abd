import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { homePage } from '../../shared/platform/http/pages/home-page.ts'
import { pageHeaders } from '../../shared/platform/http/pages/page.ts'

export default createFunction().get(
  '/',
  describe({
    summary: 'A page that says what runs here and where the documentation is',
    tag: 'meta',
    answers: { 200: { type: 'text/html', description: 'The page, in Chinese or English' } },
  }),
  (c) => {
    const source = c.env.platform.sources.list()[0]?.name ?? 'NAME'
    return c.html(homePage(c.var.language, source), 200, { ...pageHeaders, Vary: 'Accept-Language' })
  },
)
