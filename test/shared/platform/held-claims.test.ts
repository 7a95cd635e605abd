import { expect, test } from 'vitest'
import { heldClaims, mortalClaims } from '../../../shared/platform/held-claims.ts'

test('a claim is held while who works on it may report, and by its own number alone', () => {
  const claims = heldClaims()
  let reports = true
  const letGo = claims.hold({ executionId: 'one', claim: 2 }, () => reports)
  expect(claims.holds({ executionId: 'one', claim: 2 })).toBe(true)
  expect(claims.holds({ executionId: 'one', claim: 3 })).toBe(false)
  expect(claims.holds({ executionId: 'other', claim: 2 })).toBe(false)
  reports = false
  expect(claims.holds({ executionId: 'one', claim: 2 })).toBe(false)
  reports = true
  letGo()
  expect(claims.holds({ executionId: 'one', claim: 2 })).toBe(false)
})

test('a claim of a call that has died is held by nobody, though its process lives', () => {
  const claims = heldClaims()
  let lives = true
  mortalClaims(claims, () => lives).hold({ executionId: 'one', claim: 1 }, () => true)
  expect(claims.holds({ executionId: 'one', claim: 1 })).toBe(true)
  lives = false
  expect(claims.holds({ executionId: 'one', claim: 1 })).toBe(false)
})
