/** The grammar of addresses. */
import { readPath } from '../../src/smtp/path.js';
import { assert, suite } from '../support/suite.js';

const good: Record<string, string> = {
  '<a@b>': 'a@b',
  "<!#$%&'*+/=?^_`{|}~-@example.org>": "!#$%&'*+/=?^_`{|}~-@example.org",
  '<a.b.c@Example.ORG>': 'a.b.c@Example.ORG',
  '<user%other@example.org>': 'user%other@example.org',
  '<other!user@example.org>': 'other!user@example.org',
  '<"a b"@example.org>': '"a b"@example.org',
  '<"a@b>c"@example.org>': '"a@b>c"@example.org',
  '<"\\a\\"\\\\"@example.org>': '"a\\"\\\\"@example.org',
  '<"simple"@example.org>': 'simple@example.org',
  '<""@example.org>': '""@example.org',
  '<".a."@example.org>': '".a."@example.org',
  '<a@[192.0.2.255]>': 'a@[192.0.2.255]',
  '<a@[IPv6:::1]>': 'a@[IPv6:::1]',
  '<a@[IPv6:2001:db8::192.0.2.1]>': 'a@[IPv6:2001:db8::192.0.2.1]',
  '<a@[IPv6:1:2:3:4:5:6:7:8]>': 'a@[IPv6:1:2:3:4:5:6:7:8]',
  '<a@[tag:anything]>': 'a@[tag:anything]',
  '<@one.example:a@b>': 'a@b',
  '<@one.example,@two.example:"x y"@b>': '"x y"@b',
  '<POSTMASTER>': 'postmaster',
  '<a@xn--bcher-kva.example>': 'a@xn--bcher-kva.example',
  '<a@1.2>': 'a@1.2',
};

const bad: readonly string[] = [
  '',
  '<',
  'a@b',
  '< a@b>',
  '<a@b >',
  '<a@b',
  '<a@>',
  '<@b>',
  '<a>',
  '<a@b@c>',
  '<.a@b>',
  '<a.@b>',
  '<a..b@c>',
  '<a b@c>',
  '<a,b@c>',
  '<"a@b>',
  '<"a"b@c>',
  '<"a\\"@c>',
  '<a"b"@c>',
  '<(comment)a@b>',
  '<a@b.>',
  '<a@.b>',
  '<a@b..c>',
  '<a@-b>',
  '<a@b->',
  '<a@b_c>',
  '<a@[192.0.2.256]>',
  '<a@[192.0.2]>',
  '<a@[192.0.2.1.]>',
  '<a@[192.0.2.1.5]>',
  '<a@[]>',
  '<a@[IPv6:1:2:3]>',
  '<a@[IPv6:1::2::3]>',
  '<a@[IPv6:12345::]>',
  '<a@[IPv6:]>',
  '<a@[IPv6:1:2:3:4:5:6:7::8]>',
  '<a@[IPv6:1:2:3:4:5:6:7:192.0.2.1]>',
  '<a@[192.0.2.1>',
  '<@one.example a@b>',
  '<@one.example:>',
  '<@one.example,:a@b>',
  '<@one.example:postmaster>',
  '<@:a@b>',
];

suite('addresses', (test) => {
  for (const [written, text] of Object.entries(good)) {
    test(`refused though it is right: ${written}`, () => {
      const path = readPath(`FROM:${written} SIZE=1`, 5);
      assert.is(path?.mailbox?.text, text);
      assert.is(path?.end, 5 + written.length);
    });
  }

  for (const written of bad) {
    test(`accepted though it is wrong: ${written}`, () => assert.is(readPath(written, 0), undefined));
  }

  test('<> taken for an address', () => assert.equal(readPath('<> X', 0), { mailbox: null, end: 2 }));

  test('parts longer than RFC 5321 section 4.5.3.1 allows', () => {
    const fits = (local: number, ...labels: number[]) =>
      readPath(`<${'l'.repeat(local)}@${labels.map((n) => 'd'.repeat(n)).join('.')}>`, 0) !== undefined;
    assert.ok(fits(64, 10));
    assert.not(fits(65, 10));
    assert.ok(fits(1, 63));
    assert.not(fits(1, 64));
    // 1 + @ + 252 = 254 octets, and 256 with the brackets.
    assert.ok(fits(1, 63, 63, 63, 60));
    assert.not(fits(2, 63, 63, 63, 60));
    assert.not(fits(64, 63, 63, 63, 63));
  });

  test('the value of a quoted local part that keeps quotes or escapes', () => {
    assert.is(readPath('<"a\\ \\"b"@c>', 0)?.mailbox?.localPart, 'a "b');
    assert.is(readPath('<"a.b"@c>', 0)?.mailbox?.localPart, 'a.b');
  });
});
