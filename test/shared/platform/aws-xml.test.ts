import { expect, test } from 'vitest'
import { childrenOf, escapeXml, readXml, textAt } from '../../../shared/platform/aws-xml.ts'

test('reads what S3 writes: elements, text, entities, attributes, declarations and comments', () => {
  const root = readXml(`<?xml version="1.0" encoding="UTF-8"?>
    <!-- a page -->
    <List xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
      <Prefix/><Next a='1' b="2"> kept as it is </Next>
      <Contents><Key>a &amp; &lt;b&gt; &#25991;&#x4EF6;</Key></Contents>
      <Contents><Key></Key></Contents>
    </List>`)
  expect([root.name, textAt(root, 'Prefix'), textAt(root, 'Next')]).toEqual(['List', '', ' kept as it is '])
  expect(childrenOf(root, 'Contents').map((item) => textAt(item, 'Key'))).toEqual(['a & <b> 文件', ''])
  expect(textAt(root, 'None')).toBeUndefined()
})

test.each([
  ['nothing', ''],
  ['text alone', 'Service Unavailable'],
  ['HTML', '<!DOCTYPE html><html><br></html>'],
  ['an element that is left open', '<a><b></b>'],
  ['elements that overlap', '<a><b></a></b>'],
  ['two documents', '<a/><b/>'],
  ['elements among text', '<a>x<b/></a>'],
  ['an unknown entity', '<a>&file;</a>'],
  ['a character that there is not', '<a>&#x110000;</a>'],
  ['a lonely ampersand', '<a>a & b</a>'],
  ['a CDATA section', '<a><![CDATA[x]]></a>'],
  ['a document that is cut off', '<a><b>x</b'],
  ['more levels than S3 has', '<a>'.repeat(40) + '</a>'.repeat(40)],
])('refuses %s', (_, xml) => {
  expect(() => readXml(xml)).toThrow(SyntaxError)
})

test('text survives being written and read', () => {
  const text = 'a<b>&amp;"c\' \r\n 文件'
  expect(readXml(`<a>${escapeXml(text)}</a>`).text).toBe(text)
})
