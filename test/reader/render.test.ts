/** Rendering: nothing in a mail steers a terminal, hides from the eye, or makes the reader slow or fall. */
import fc from 'fast-check';
import { messagePieces } from '../../src/cli/mailbox/message-pieces.js';
import { headerEnd, headerText } from '../../src/reader/header-text.js';
import { mostText, takeApart } from '../../src/reader/message.js';
import { Parser } from '../../src/reader/parser.js';
import { readableHtml } from '../../src/reader/readable-html.js';
import { piecesOf, visibleJson, visibleLine, visibleText } from '../../src/reader/visible.js';
import { realMessages, shapes } from '../support/real-messages.js';
import { assert, suite } from '../support/suite.js';

/** What may stand in output: no control, format, surrogate or separator characters. */
const harmless = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;

suite('visible text', (test) => {
  test('a character that cannot be seen is not made visible', () => {
    const hidden = {
      escape: '\u001b[31m',
      'C1 control': '\u009b31m',
      bell: '\u0007',
      backspace: 'a\bb',
      'carriage return': 'safe\rfake',
      'vertical tab': '\u000b',
      'line separator': '\u2028',
      'right-to-left override': 'gpj.\u202eexe.txt',
      isolate: '\u2066',
      'Arabic letter mark': '\u061c',
      'zero width space': 'pay\u200bpal',
      'zero width joiner': '\u200d',
      'byte order mark': '\ufeff',
      'soft hyphen': '\u00ad',
      'Hangul filler': '\u3164',
      tag: '\u{e0041}',
      'variation selector': 'a\ufe0f',
      'variation selector 256': 'a\u{e01ef}',
      'lone surrogate': '\ud800',
      NUL: '\u0000',
    };
    for (const [name, text] of Object.entries(hidden)) {
      const shown = visibleLine(text);
      assert.match(shown, /‹U\+[0-9A-F]{4,6}›/, name);
      assert.match(shown, harmless, name);
    }
    assert.is(visibleLine('a\u001b[0mb'), 'a‹U+001B›[0mb');
  });

  test('a letter that people write is taken for a hidden one', () => {
    for (const text of [
      'Grüße, Ελλάδα, Привет, 日本語, עברית, العربية, हिन्दी, ไทย',
      'a\u0301 e\u0308',
      '👍🏽 ❤\ufe0f',
      '“quoted” – …',
      '€ ½ ™',
    ])
      assert.is(visibleLine(text), text);
    assert.is(visibleLine('a\tb'), 'a b');
  });

  test('marks without end stand on one letter, and are drawn over other lines', () => {
    for (const mark of ['\u0301', '\u0338', '\u20dd', '\u0e49', '\u{1d167}', '\u11a8', '\ud7b0']) {
      const shown = visibleLine(`a${mark.repeat(5000)}b`);
      assert.is(shown.split(mark).length - 1, 10, mark);
      assert.is(shown.split('‹U+').length - 1, 4990);
      const back = JSON.parse(visibleJson(`a${mark.repeat(50)}b`)) as string;
      assert.is(back, `a${mark.repeat(50)}b`);
      assert.is(visibleJson(back).split(mark).length - 1, 10);
    }
    const mixed = Array.from({ length: 300 }, (_, i) => String.fromCodePoint(0x300 + (i % 0x40))).join('');
    assert.is(visibleLine(`a${mixed}`).replace(/‹U\+0\w+›/g, '').length, 11);
    // As they are written with every sign decomposed, and with all points and accents.
    for (const text of [
      'Tiếng Việt: ngữ pháp, thuở ấy, nghĩa',
      'בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם וְאֵ֥ת הָאָֽרֶץ',
      'بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ وَلَا ٱلضَّآلِّينَ',
      'क्ष्म्य र्त्स्न्य कार्त्स्न्यम् श्री हिन्दी',
      'ക്ഷ്ത്ര്യം தமிழ் ಕನ್ನಡ తెలుగు বাংলা සිංහල',
      'ཧྐྵྨླྺྼྻྂ བསྒྲུབས',
      'ភាសាខ្មែរ ကြောင့် ที่นี่ ປີ້',
      '각하 힣 ᄠᆡᇂ',
      '👍🏽 ❤\ufe0f 1\ufe0f\u20e3 🇩🇪',
      'a\u0323\u0302\u0301\u0308',
    ])
      for (const form of ['NFC', 'NFD'])
        assert.is(visibleLine(text.normalize(form)), text.normalize(form), form);
  });

  test('lines run together, or a carriage return overwrites one', () => {
    assert.is(visibleText('one\r\ntwo\nthree\rfour\u000bfive'), 'one\ntwo\nthree\nfour‹U+000B›five');
  });

  test('a long text is lost where its pieces meet, or shown in one piece of many times its length', () => {
    const line = `${'\u001b'.repeat(50)}words 👍🏽 \u0301 \r\n`;
    for (const text of [
      line.repeat(5000),
      '\ud83d\udc4d'.repeat(100_000),
      `a${'\r\n'.repeat(70_000)}`,
      '',
      'x',
    ]) {
      const pieces = [...piecesOf(text)];
      assert.is(pieces.join(''), text);
      assert.is(pieces.map(visibleText).join(''), visibleText(text));
      for (const piece of pieces) assert.ok(piece.length <= 70_000);
    }
    const value = { text: line.repeat(5000) };
    assert.equal(JSON.parse(visibleJson(value)), value);
    assert.match(visibleJson(value), harmless);
  });

  test('a text without end is shown whole, or cut without a word', async () => {
    const body = `${'words '.repeat(100)}\r\n`.repeat(8000);
    const long = await takeApart(Buffer.from(`Subject: a\r\n\r\n${body}`));
    assert.equal([long.text.length, long.isCut], [mostText, true]);
    const shown = [...messagePieces(long, 'sealed', 'keys')].join('');
    assert.match(shown, /\n\(this is the beginning, 4 MiB; --raw shows all there is\)\n$/);
    assert.ok(shown.includes(long.text));
    const short = await takeApart(Buffer.from('Subject: a\r\n\r\nwords\r\n'));
    assert.is(short.isCut, false);
    assert.is(
      [...messagePieces(short, 'sealed', 'keys')].join('').replace(/: +/g, ': '),
      'Subject: a\nSealed: sealed\nKeys: keys\n\nwords\n\n',
    );
  });

  test('some text comes out with something hidden in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.nat(0x10ffff).map((point) => String.fromCodePoint(point)), maxLength: 50 }),
        (text) => {
          assert.match(visibleLine(text), harmless);
          for (const line of visibleText(text).split('\n')) assert.match(line, harmless);
        },
      ),
      { seed: 1, numRuns: 2000 },
    );
  });
});

suite('readable HTML', (test) => {
  test('words are lost, or run together', () => {
    const html =
      '<html><head><title>Title</title><style>p { color: red }</style></head><body><h1>Hello</h1>\r\n<p>one <b>two</b>\n   three</p>four<br>five<ul><li>six<li>seven</ul></body></html>';
    assert.equal(readableHtml(html).split('\n').filter(Boolean), [
      'Hello',
      'one two three',
      'four',
      'five',
      '* six',
      '* seven',
    ]);
  });

  test('a script, a style or a title is read aloud, whatever its letters', () => {
    for (const name of ['script', 'SCRIPT', 'Style', 'TEMPLATE', 'title'])
      for (const end of [name, name.toLowerCase(), name.toUpperCase()])
        assert.is(
          readableHtml(`before<${name} a="b">hidden < words</${end} >after`),
          'beforeafter',
          `${name} ${end}`,
        );
  });

  test('an entity is shown as it is written, or becomes something dangerous', () => {
    assert.is(
      readableHtml('&lt;b&gt; &amp;amp; &quot;x&quot; &#8364; &#0; &#9999999; &unknown; &nbsp;x'),
      '<b> &amp; "x" € \ufffd \ufffd &unknown;  x',
    );
    assert.match(visibleText(readableHtml('a&#27;[31m&#8238;&#55296;b')), harmless);
  });

  test('links are lost, listed twice, or listed though their words say all', () => {
    const html =
      '<p><a href="https://a.example/?x=1&amp;y=2">here</a> and <a href=\'https://a.example/?x=1&amp;y=2\'>there</a>, ' +
      '<a href="https://b.example">https://b.example</a>, <a href="mailto:c@d.example">c@d.example</a>, ' +
      '<a href="javascript:alert(1)">no</a>, <a href=https://e.example>e</a>.';
    assert.is(
      readableHtml(html),
      'here[1] and there[1], https://b.example, c@d.example, no, e[2].\n\n[1] https://a.example/?x=1&y=2\n[2] https://e.example',
    );
  });

  test('lists, quotes, tables, images, comments and text that looks like a tag', () => {
    const shown: Record<string, string> = {
      '<ol><li>a</li><li>b</li></ol>': '* a\n* b',
      'a<blockquote>b<blockquote>c</blockquote></blockquote>d': 'a\n\n> b\n\n> > c\n\nd',
      '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>': 'a  b\nc',
      '<img src="x" alt="a &amp; b">': '[a & b]',
      'a<!-- <b> -- > -->b<!doctype x>c<?x?>d': 'abcd',
      '1 < 2 <3 </ 4': '1 < 2 <3 </ 4',
      '<p title="a > b">c</p>': 'c',
      '<head><meta x>a': 'a',
      '<pre>a\n  b</pre>c': 'a\n  b\n\nc',
      'a<br/>b<hr>c': `a\nb\n${'-'.repeat(20)}\nc`,
    };
    for (const [html, text] of Object.entries(shown)) assert.is(readableHtml(html), text, html);
  });

  test('hostile HTML takes time that grows with the square of its length', () => {
    const hostile: readonly ((count: number) => string)[] = [
      (count) => '<'.repeat(count),
      (count) => '<a '.repeat(count),
      (count) => '<script>'.repeat(count),
      (count) => '<script></script>'.repeat(count),
      (count) => '<script></scrip'.repeat(count),
      (count) => '<style></style'.repeat(count),
      (count) => '&'.repeat(count),
      (count) => '&#1'.repeat(count),
      (count) => '<br>'.repeat(count),
      (count) => ' \t'.repeat(count),
      (count) => '\n\n'.repeat(count),
      (count) => `<p>${' '.repeat(count)}x`,
      (count) => '<div>'.repeat(count) + '</div>'.repeat(count),
      (count) => '<!--'.repeat(count),
      (count) => '<p>&nbsp;'.repeat(count),
      (count) => '<a x="'.repeat(count),
      (count) => `<a x=${'\'"'.repeat(count)}`,
      (count) => `<a ${'b '.repeat(count)}`,
      (count) => `<a${' '.repeat(count)}`,
      (count) => '<a href=https://x>'.repeat(count),
      (count) => '<blockquote>'.repeat(count),
    ];
    for (const [kind, make] of hostile.entries()) {
      const time = (count: number) => {
        const html = make(count);
        const started = process.cpuUsage().user;
        readableHtml(html);
        return (process.cpuUsage().user - started) / 1000;
      };
      time(2000);
      // A square would make the eightfold length take 64 times as long.
      const short = Math.min(time(12_500), time(12_500));
      const long = Math.min(time(100_000), time(100_000));
      assert.ok(long < 25 * short + 400, `kind ${kind}: ${short.toFixed(1)} ms and ${long.toFixed(1)} ms`);
    }
  });
});

suite('rendering', (test) => {
  const mail = (...lines: string[]) => Buffer.from(lines.join('\r\n'));

  test('a plain mail, an HTML mail or an attachment is not shown', async () => {
    const plain = await takeApart(
      mail('From: A <a@x>', 'To: b@y', 'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=', '', 'Hello', ''),
    );
    assert.is(plain.text.trim(), 'Hello');
    assert.equal(
      plain.headers.map(({ name, value }) => `${name}: ${value}`),
      ['From: A <a@x>', 'To: b@y', 'Subject: Grüße'],
    );
    const html = await takeApart(mail('Content-Type: text/html', '', '<p>Hello <b>you</b></p>', ''));
    assert.is(html.text.trim(), 'Hello you');
    const parts = await takeApart(
      mail(
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary=x',
        '',
        '--x',
        '',
        'text',
        '--x',
        'Content-Type: image/png; name="../../etc/pa\u001bsswd"',
        'Content-Disposition: attachment; filename="../../etc/pa\u001bsswd"',
        'Content-Transfer-Encoding: base64',
        '',
        'AAAA',
        '--x--',
        '',
      ),
    );
    assert.is(parts.attachments.length, 1);
    assert.is(parts.attachments[0]?.content.length, 3);
    assert.is(
      parts.attachments[0]?.name,
      '../../etc/pa\u001bsswd',
      'it is for those who show it to make it visible',
    );
  });

  test('an encoded header steers the terminal', async () => {
    const encoded = Buffer.from('\u001b]0;owned\u0007\u202eevil').toString('base64');
    const { headers } = await takeApart(
      mail(`Subject: =?utf-8?b?${encoded}?=`, `From: =?utf-8?b?${encoded}?= <a@b>`, '', 'x'),
    );
    assert.is(headers.length, 2);
    for (const { value } of headers) assert.match(visibleLine(value), harmless);
  });

  test('a message that cannot be parsed makes the reader fall', async () => {
    const parser = new Parser();
    const deep = Array.from(
      { length: 400 },
      (_, at) => `--${at}\r\nContent-Type: multipart/mixed; boundary=${at + 1}\r\n\r\n`,
    ).join('');
    const bad: readonly (string | Buffer)[] = [
      '',
      '\r\n',
      '\u0000'.repeat(1000),
      'no header at all',
      ': : :\r\n\r\n',
      'Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n',
      `Content-Type: multipart/mixed; boundary=0\r\n\r\n${deep}`,
      'Content-Type: text/plain; charset=nonsense\r\n\r\nx',
      'Content-Transfer-Encoding: base64\r\n\r\n!!!!',
      'Subject: =?utf-8?b?////?=\r\n\r\nx',
      'Subject: =?x-unknown?q?=FF?=\r\n\r\nx',
      Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a, 0x0d, 0x0a, 0xc3]),
      `${'X: y\r\n'.repeat(20_000)}\r\nx`,
      `To: ${'a@b, '.repeat(20_000)}\r\n\r\nx`,
    ];
    for (const content of bad) {
      const parsed = await parser.takeApart(Buffer.from(content));
      if ('fault' in parsed) assert.match(parsed.fault, /Maximum|exceeded/);
    }
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        async (bytes) => void (await parser.takeApart(bytes)),
      ),
      { seed: 1, numRuns: 200 },
    );
    await parser.close();
  });

  test('a header of unknown letters makes a listing fall', () => {
    assert.is(headerText(Buffer.from('=?utf-8?q?Gr=C3=BC=C3=9Fe?=')), 'Grüße');
    assert.is(headerText(Buffer.from('Grüße')), 'Grüße');
    assert.is(headerText(Buffer.from([0x47, 0xfc])), 'Gü');
    assert.is(
      headerText(Buffer.from('Café', 'latin1')),
      'Café',
      'the last letter is taken for half of another',
    );
    assert.is(headerText(Buffer.from(`${'x'.repeat(253)}ü`).subarray(0, 254)), `${'x'.repeat(253)}Ã`);
    assert.is(
      headerText(Buffer.from(`${'x'.repeat(254)}ü`).subarray(0, 255)),
      'x'.repeat(254),
      'half a letter is shown',
    );
    for (const text of ['=?x?y?z?=', '=?utf-8?b?*?=', '=?=', '=?utf-8?q?=ZZ?='])
      assert.type(headerText(Buffer.from(text)), 'string');
  });

  test('the header ends elsewhere', () => {
    assert.is(headerEnd(Buffer.from('A: b\r\n\r\nx')), 4);
    assert.is(headerEnd(Buffer.from('\r\nbody\r\n\r\n')), 0);
    assert.is(headerEnd(Buffer.from('A: b')), 4);
  });

  test('a message as it is really sent makes the reader fall, or has no words', async () => {
    for (const { name, content } of realMessages()) {
      const { headers, text, attachments } = await takeApart(content);
      assert.type(text, 'string', name);
      for (const { content } of attachments) assert.instance(content, Uint8Array);
      // Of those that others collected, some have no header.
      if (name in shapes) assert.ok(headers.length > 2 && `${text}${attachments.length || ''}` !== '', name);
    }
    const words = async (name: string) => (await takeApart(shapes[name] as Buffer)).text;
    assert.match(await words('a newsletter'), /heute sparen Sie 20 €\. .*\?a=1&b=2/);
    assert.match(await words('a reply in flowed text'), /Grüße, ?Ann\n/);
    assert.match(await words('Japanese in seven bits'), 'こんにちは');
    assert.match(await words('a bounce'), '550 5.1.1 unknown');
    const papers = await takeApart(shapes['attachments with long names'] as Buffer);
    assert.equal(
      papers.attachments.map(({ name }) => name),
      ['Übersicht 2026.pdf', 'Rechnung Nr.\u00a042.zip'],
    );
  });
});
