import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { smtpMail, withPatience } from '../../../shared/platform/smtp-mail.ts'

test('a mail server is waited for as long as Helix or its address says, not for the ten minutes of the library', () => {
  const { searchParams } = new URL(withPatience('smtps://u:p%40w@mail.example.com?socketTimeout=500&requireTLS=true'))
  expect(Object.fromEntries(searchParams)).toEqual({
    connectionTimeout: '10000',
    greetingTimeout: '10000',
    socketTimeout: '500',
    requireTLS: 'true',
  })
})

test('a mail server that says nothing is given up, and its password is not told', async () => {
  await using server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const mail = smtpMail(`smtp://helix:secret-word@127.0.0.1:${port}?greetingTimeout=1`)
  const letter = { to: 'a@example.com', from: 'b@example.com', subject: 's', text: 't', messageId: '1' }
  const reason = await mail.send(letter).catch((error: Error) => error.message)
  expect(reason).toContain('Greeting never received')
  expect(reason).not.toContain('secret-word')
})
