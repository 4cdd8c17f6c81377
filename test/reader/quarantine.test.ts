/** HTML for a browser: nothing of a mail is markup of the page around it, and no element in it speaks to the browser. */
import { decodeHTMLAttribute } from 'entities';
import fc from 'fast-check';
import { inQuarantine } from '../../src/reader/quarantine.js';
import { assert, suite } from '../support/suite.js';

const whole = /^(<!doctype html>[\s\S]*?)<iframe sandbox srcdoc="([^"<]*)"><\/iframe>$/;
/** What a browser takes for the beginning of such an element: HTML, 13.2.5.6 and 13.2.5.8. */
const speaks = /<(meta|link|base|iframe)[\t\n\f\r />]/i;

/** The page in the frame, as a browser decodes it, and what stands around it. */
function frameOf(html: string): { readonly outside: string; readonly inside: string; readonly mail: string } {
  const [, outside = '', srcdoc = ''] = whole.exec(inQuarantine(html)) ?? [];
  assert.not.equal(srcdoc, '', 'the attribute ends where it should not');
  const inside = decodeHTMLAttribute(srcdoc);
  return { outside, inside, mail: inside.slice(empty.length) };
}
const empty = decodeHTMLAttribute((whole.exec(inQuarantine('')) ?? [])[2] ?? '');

suite('quarantine', (test) => {
  test('a mail ends the frame, or stands outside of it', () => {
    for (const html of [
      '"></iframe><img src="http://a.example/x">',
      '&quot;></iframe><script>1</script>',
      '&#34;>&#x22;&amp;quot;',
      "'></iframe>",
      '</iframe>\0"\0>',
      '\ufeff"><p>',
    ]) {
      const { outside, mail } = frameOf(html);
      assert.is(outside, frameOf('').outside);
      assert.is(mail, html, 'it is not what was sent');
    }
  });

  test('a page may load, run, send or go to something', () => {
    const { outside, inside } = frameOf('');
    for (const rules of [outside, inside]) {
      for (const rule of ["default-src 'none'", 'img-src data:', "form-action 'none'", "base-uri 'none'"])
        assert.ok(rules.includes(rule), rule);
      assert.not.match(rules, /-src [^;"]*(?:\*|https?:|'self')/);
      assert.match(rules, /name="referrer" content="no-referrer"/);
      assert.match(rules, /http-equiv="x-dns-prefetch-control" content="off"/);
    }
    // Each word in "sandbox" would be a right.
    assert.match(inQuarantine('<p>'), /<iframe sandbox srcdoc=/);
  });

  test('an element goes elsewhere, or has a name looked up', () => {
    const calls = [
      '<meta http-equiv=refresh content="0;url=http://a.example/">',
      '<META\nhttp-equiv="refresh" content="0;url=http://a.example/">',
      '<meta/http-equiv=x-dns-prefetch-control content=on>',
      '<link rel=dns-prefetch href=//a.example>',
      '<LiNk\trel=preconnect href=//a.example>',
      '<link\frel="prefetch stylesheet" href=//a.example>',
      '<base href=//a.example/ target=_top>',
      '<iframe srcdoc="&lt;link rel=dns-prefetch href=//a.example>"></iframe>',
      '<svg><meta http-equiv=refresh content="0;url=//a.example"></svg>',
      '<link',
    ];
    const around = [
      '',
      '<script>',
      '<style>',
      '<!--',
      '<!-->',
      '<noscript>',
      '<svg><![CDATA[',
      '<textarea>',
      '<title>',
      '<template>',
      '<a href="',
      '<math><mtext><style>',
      '<',
      '<!',
      '</',
    ];
    for (const call of calls)
      for (const before of around) {
        const { mail } = frameOf(`${before}${call}words`);
        assert.not.match(`${mail} `, speaks, before);
        assert.ok(mail.endsWith('words'));
      }
  });

  test('words and elements of other names are lost', () => {
    const html =
      '<metadata><linker><basefont><meta-x></linker>a < b & c &amp; "d" &lt;meta> <form action=//a.example><style>@import "x"</style><a target=_top xlink:href=y>';
    assert.is(frameOf(html).mail, html);
  });

  test('a text of any letters gets out, or speaks', () => {
    const pieces = fc.constantFrom(
      ...['<', '>', '"', "'", '&', '/', ' ', '\n', '\0', '-', '=', 'meta', 'link', 'base', 'iframe', 'LINK'],
      ...['&quot;', '&lt;', '&#x3c', '&NewLine;', 'srcdoc', '<!--', '-->', '<meta', '<wbr', 'data-'],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 }), (words) => {
        const html = words.join('');
        const { mail } = frameOf(html);
        assert.not.match(`${mail} `, speaks);
        assert.is(
          mail.replaceAll(/<wbr data-(?=meta|link|base|iframe)/gi, '<'),
          html.replaceAll(/<wbr data-(?=meta|link|base|iframe)/gi, '<'),
        );
      }),
      { numRuns: 500, seed: 6 },
    );
  });
});
