/** Addresses: one form for each, whatever way it is written, and nothing taken for one that is none. */
import * as fc from 'fast-check';
import { normaliseDomain } from '../../src/core/domain.js';
import { Problem } from '../../src/core/errors.js';
import { parseAddress, showAddress, subjectOf } from '../../src/registry/address.js';
import { usualRules } from '../../src/registry/address-rules.js';
import { waysTo } from '../../src/registry/ways.js';
import { assert, suite } from '../support/suite.js';

const lookupSubjects = (localPart: string, domain: string) =>
  waysTo({ localPart, domain }, usualRules).map(({ subject }) => subject);
const shown = (text: string) => Buffer.from(subjectOf(parseAddress(text))).toString();

suite('addresses', (test) => {
  test('one mailbox under two forms', () => {
    const same = (...texts: string[]) => {
      for (const text of texts) assert.is(shown(text), shown(texts[0] as string), text);
    };
    same('alice@example.org', 'ALICE@EXAMPLE.ORG', '"alice"@Example.org', '"\\a\\l\\i\\c\\e"@example.org');
    same('a@bücher.example', 'a@BÜCHER.example', 'a@xn--bcher-kva.example', 'a@XN--BCHER-KVA.EXAMPLE');
    same('a@faß.example', 'a@xn--fa-hia.example');
    same('jos\u00e9@example.org', 'jose\u0301@example.org');
    same('Postmaster', 'postmaster', 'POSTMASTER');
    same('a@[IPv6:2001:DB8::1]', 'a@[ipv6:2001:db8::1]');
    same('"two words"@example.org', '"Two\\ Words"@example.org');
  });

  test('two mailboxes under one form', () => {
    const texts = [
      '*',
      '*@example.org',
      '"*"@example.org',
      'postmaster',
      'postmaster@example.org',
      'a@example.org',
      'a.b@example.org',
      'ab@example.org',
      '"a@b"@example.org',
      'a@b.example.org',
      '"a b"@example.org',
      'ma\u0131l@example.org',
      'mail@example.org',
      'k@example.org',
      '\u212a\u00e9@example.org',
    ];
    assert.is(new Set(texts.map(shown)).size, texts.length);
  });

  test('no address taken for one', () => {
    const refused = (text: string, words: string) =>
      assert.throws(
        () => parseAddress(text),
        (error: unknown) =>
          error instanceof Problem &&
          error.kind === 'usage' &&
          error.message.includes('is not an address: ') &&
          error.message.includes(words) &&
          !/\p{Cc}/u.test(error.message),
        text,
      );
    refused('', 'no @');
    refused('alice', 'no @');
    refused('@example.org', 'nothing stands before');
    for (const domain of [
      '',
      '-a.org',
      'a..b',
      '.org',
      'a_b.org',
      'exa mple.org',
      'org.',
      '[]',
      'a%62.org',
      `${'a'.repeat(64)}.org`,
    ])
      refused(`alice@${domain}`, 'no domain');
    for (const local of [
      'a b',
      '.a',
      'a.',
      'a..b',
      '<a',
      '"a',
      'a"b"',
      '""',
      '"a\\"',
      'a\n',
      'a\u001b[1m',
      '"a\nb"',
      '\ud800',
    ])
      refused(`${local}@example.org`, 'before the @');
    refused(`${'a'.repeat(65)}@example.org`, 'longer than 64');
    refused(`${'é'.repeat(33)}@example.org`, 'longer than 64');
    parseAddress(`${'é'.repeat(32)}@example.org`);
  });

  test('an address that is shown is another one when it is read back', () => {
    for (const text of [
      '*',
      '*@example.org',
      '"*"@example.org',
      'postmaster',
      'a.b@example.org',
      '"a@b"@example.org',
      '"two \\" words\\\\"@example.org',
      'é@[ipv6:::1]',
    ]) {
      assert.is(shown(showAddress(parseAddress(text))), shown(text), text);
      assert.is(showAddress(parseAddress(text)), text);
    }
  });

  test('a domain read as a URL would read it', () => {
    assert.is(normaliseDomain('127.1'), '127.1');
    assert.is(normaliseDomain('0x7f.1'), '0x7f.1');
    assert.is(normaliseDomain('%61.org'), undefined);
    assert.is(normaliseDomain('a/b.org'), undefined);
    assert.is(normaliseDomain('a:25'), undefined);
    assert.is(normaliseDomain('ü/../b.org'), undefined);
  });

  test('a mail whose recipient is called *', () => {
    const [itself, domain, system] = lookupSubjects('*', 'example.org').map((one) =>
      Buffer.from(one).toString(),
    );
    assert.is(domain, shown('*@example.org'));
    assert.is(system, shown('*'));
    assert.is(itself, shown('"*"@example.org'));
    assert.is(new Set([itself, domain, system]).size, 3);
  });

  test('a mail to an address in another form than it was registered', () => {
    const subject = (local: string, domain: string) =>
      Buffer.from(lookupSubjects(local, domain)[0] as Uint8Array).toString();
    assert.is(subject('ALICE', 'Example.ORG'), shown('alice@example.org'));
    assert.is(subject('two words', 'example.org'), shown('"two words"@example.org'));
    assert.is(subject('a@b', 'example.org'), shown('"a@b"@example.org'));
    assert.is(subject('Postmaster', ''), shown('postmaster'));
  });

  test('any text breaks a lookup', () => {
    return fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 2000 }),
        fc.string({ maxLength: 600 }),
        (local, domain) => {
          for (const subject of lookupSubjects(local, domain)) assert.ok(subject.length <= 321);
        },
      ),
      { seed: 5, numRuns: 500 },
    );
  });
});
