/** The policies that ship: lists, and headers that are none. */
import { headerPolicy, isHeader } from '../../src/server/header-policy.js';
import { emptyList, listPolicy, parseList } from '../../src/server/list-policy.js';
import type { Client, Delivery } from '../../src/smtp/mail-service.js';
import type { PolicySession } from '../../src/smtp/policy.js';
import { type Reply, replies } from '../../src/smtp/replies.js';
import { assert, suite } from '../support/suite.js';

const from = (address: string): Client => ({ protocol: 'smtp', transport: 'tcp', address, port: 25 });
const path = (text: string) => {
  const [localPart = '', domain = ''] = text.split('@');
  return { localPart, domain, text };
};

suite('list policy', (test) => {
  const deny = parseList(
    '# networks\n192.0.2.0/24\n2001:db8::/32\n\nbad@example.org  # one of them\nspam.example\n<>\n',
    'deny',
  );

  test('somebody on the list gets in, or somebody else does not', async () => {
    const policy = listPolicy(() => ({ allow: emptyList, deny }));
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1'])
      assert.is(await policy.connect(from(address)), replies.clientRefused);
    const session = (await policy.connect(from('198.51.100.1'))) as PolicySession;
    for (const text of ['bad@example.org', 'BAD@EXAMPLE.org', 'a@spam.example', 'a@mx.Spam.Example'])
      assert.is(await session.mail?.(path(text), {}), replies.reversePathRefused, text);
    assert.is(await session.mail?.(null, {}), replies.reversePathRefused);
    for (const text of ['good@example.org', 'a@notspam.example', 'a@example', 'spam.example@example.net'])
      assert.is(await session.mail?.(path(text), {}), undefined, text);
  });

  test('what is allowed is denied all the same', async () => {
    const allow = parseList('192.0.2.7\nfriend@spam.example\n<>\n', 'allow');
    const policy = listPolicy(() => ({ allow, deny }));
    assert.is(await policy.connect(from('192.0.2.7')), undefined);
    const session = (await policy.connect(from('198.51.100.1'))) as PolicySession;
    assert.is(await session.mail?.(path('friend@spam.example'), {}), undefined);
    assert.is(await session.mail?.(path('other@spam.example'), {}), replies.reversePathRefused);
    assert.is(await session.mail?.(null, {}), undefined);
  });

  test('a list that was read again holds only for new connections', async () => {
    let now = emptyList;
    const policy = listPolicy(() => ({ allow: emptyList, deny: now }));
    const session = (await policy.connect(from('198.51.100.1'))) as PolicySession;
    assert.is(await session.mail?.(path('a@spam.example'), {}), undefined);
    now = deny;
    assert.is(await session.mail?.(path('a@spam.example'), {}), replies.reversePathRefused);
  });

  test('a slip in a list is passed over, or its line is not said', () => {
    for (const line of ['192.0.2.7/24', '@example.org', 'a b', 'exa mple.org', '300.1.1.1'])
      assert.throws(
        () => parseList(`example.net\n${line}\n`, 'file.txt'),
        (error: Error) => error.message.startsWith('file.txt, line 2: '),
        line,
      );
  });
});

suite('header policy', (test) => {
  const good = 'From: a@example.org\r\nDate: Sat, 21 Nov 2026 00:00:00 +0000\r\nSubject: x\r\n y\r\n';

  test('a header that is one is refused, or one that is none is let through', () => {
    for (const header of [good, `${good}Received: one\r\nReceived: two\r\n`, `X-Odd_Name!: 1\r\n${good}`])
      assert.ok(isHeader(header), header);
    const bad = [
      '',
      'hello\r\n',
      ` folded first\r\n${good}`,
      `${good}From: b@example.org\r\n`,
      `${good}no colon\r\n`,
    ];
    for (const header of [
      ...bad,
      good.replace('From', 'Form'),
      `${good}na me: x\r\n`,
      `${good}\u0001: x\r\n`,
    ])
      assert.not.ok(isHeader(header), header);
  });

  test('the verdict depends on how the content was cut, or mail is kept that was refused', async () => {
    const cases = [
      [`${good}\r\nbody without: a colon\r\n`, true],
      [good, true],
      ['\r\nno header\r\n', false],
      [`no header\r\n\r\n${good}`, false],
      [`${good}X: ${'y'.repeat(200_000)}\r\n\r\nbody`, true],
    ] as const;
    for (const [content, isGood] of cases)
      for (const step of [1, 7, 100_000]) {
        if (step === 1 && content.length > 10_000) continue;
        const calls: string[] = [];
        const next: Delivery = {
          write: (bytes) => void calls.push(Buffer.from(bytes).toString()),
          commit: () => [replies.ok, replies.ok],
          abort: () => void calls.push('abort'),
        };
        const session = (await headerPolicy().connect(from('192.0.2.1'))) as PolicySession;
        await session.mail?.(null, {});
        for (const to of ['a@example.org', 'b@example.org']) await session.recipient?.(path(to));
        const delivery = (await session.content?.(next)) as Delivery;
        const bytes = Buffer.from(content);
        for (let at = 0; at < bytes.length; at += step) await delivery.write(bytes.subarray(at, at + step));
        const answer = (await delivery.commit()) as Reply[];
        assert.equal(answer, isGood ? [replies.ok, replies.ok] : [replies.badHeader, replies.badHeader]);
        assert.is(calls.at(-1) === 'abort', !isGood);
      }
  });
});
