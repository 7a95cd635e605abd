import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { docsPage } from '../../shared/platform/http/pages/docs-page.ts'
import { pageHeaders } from '../../shared/platform/http/pages/page.ts'

export default createFunction().get(
  '/docs',
  describe({
    summary: 'The documentation of the API, to read in a browser',
    tag: 'meta',
    answers: { 200: { type: 'text/html', description: 'A page that needs nothing but /openapi.json' } },
  }),
  (c) => c.html(docsPage(c.var.language), 200, { ...pageHeaders, Vary: 'Accept-Language' }),
)
