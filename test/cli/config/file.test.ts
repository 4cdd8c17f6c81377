/** A configuration file as text: what is wrong in it, where, and what may be meant. */
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { faultLine, faultPicture } from '../../../src/cli/config/fault.js';
import { readConfiguration } from '../../../src/cli/config/file.js';
import { nearest } from '../../../src/cli/config/nearest.js';
import { findPlaces, pathWord } from '../../../src/cli/config/places.js';
import { assert, suite } from '../../support/suite.js';

const unquote = (key: string) => Object.keys(parse(`${key} = 0`))[0] as string;

/** What is wrong with a text: "2:5 serve.workers: write …". */
function faults(...lines: readonly string[]): string[] {
  const read = readConfiguration('a.toml', lines.join('\n'), '/base');
  return read.faults.map((one) => faultLine(one).replace(/^a\.toml, line (\d+), column (\d+):/, '$1:$2'));
}

suite('configuration file', (test) => {
  test('a slip is not said, is said elsewhere, or hides another', () => {
    for (const [text, ...said] of [
      ['dta = "x"', '1:1 dta: there is no such key; is data meant?'],
      ['data = "x"\nmax-size = 4', '2:1 max-size: there is no such key here; max-size stands below [serve]'],
      ['[serve]\ndata = "x"', '2:1 serve.data: there is no such key here; data stands above all tables'],
      ['[serve]\nmaxSize = 4', '2:1 serve.maxSize: there is no such key; is max-size meant?'],
      ['[server]\nlisten = 5', '1:1 server: there is no such key; is serve meant?'],
      [
        '[serve.limits]\ncontent = 5',
        '2:1 serve.limits.content: there is no such key; serve.max-size sets this limit',
      ],
      [
        '[serve.limits]\nhandshake-seconds = 5',
        '2:1 serve.limits.handshake-seconds: there is no such key; is handshakeSeconds meant?',
      ],
      ['connexions = 5', '1:1 connexions: there is no such key; is serve.limits.connections meant?'],
      [
        '"serve.workers" = 5',
        '1:1 serve.workers: there is no such key; "obalka config show" prints all that there are',
      ],
      ['quite.other = 5', '1:1 quite: there is no such key; "obalka config show" prints all that there are'],
      ['serve = 5', '1:9 serve: this is a table: write its keys below [serve]'],
      ['[serve]\nlimits = 5', '2:10 serve.limits: this is a table: write its keys below [serve.limits]'],
      ['[data]\nx = 1', '1:1 data: write it in quotes, such as "/var/lib/obalka"'],
      [
        '__proto__ = 5',
        '1:1 __proto__: there is no such key; "obalka config show" prints all that there are',
      ],
      ['[serve]\ntls = "reqire"', '2:7 serve.tls: write "offer", "require" or "none"; is "require" meant?'],
      ['identity = []', '1:12 identity: write at least one, or leave the key out'],
      ['[serve]\nlisten = []\nneighbour = []', '2:10 serve.listen: write at least one, or leave the key out'],
      ['[serve]\nworkers = "2"', '2:11 serve.workers: write a number from 1 to 64'],
      ['[serve]\nworkers = 2.5', '2:11 serve.workers: write a number from 1 to 64'],
      [
        '[serve]\nlisten = ["127.0.0.1:25", "x", "[::1]:25", 7]',
        '2:27 serve.listen: write HOST:PORT, such as 127.0.0.1:2525 or [::1]:2525, or unix:PATH',
        '2:44 serve.listen: write it in quotes, such as "127.0.0.1:2525"',
      ],
      [
        '[serve]\ncertificates = [\n  { certificate = "a", key = 5 },\n  { certificate = "a" },\n]',
        '3:30 serve.certificates: key: write it in quotes, such as "/var/lib/obalka"',
        '4:3 serve.certificates: key is missing: write { certificate = "…", key = "…" }',
      ],
      [
        '[[serve.certificates]]\ncertificate = "a"\nkey = "b"\n[[serve.certificates]]\ncertificate = "a"\nkye = "b"',
        '6:1 serve.certificates: there is no kye here; is key meant?',
      ],
      ['data = 1979-05-27', '1:8 data: write it in quotes, such as "/var/lib/obalka"'],
      ['data = ""', '1:8 data: write a path'],
    ] as const)
      assert.equal(faults(text), said, text);
  });

  test('what is no TOML hides what is wrong below it, or is said with all that follows from it', () => {
    assert.equal(faults('dta = "x"', 'cache = "open', '[serve]', 'workers = 0'), [
      '1:1 dta: there is no such key; is data meant?',
      '2:14 not TOML: control characters are not allowed in strings',
      '4:11 serve.workers: write a number from 1 to 64',
    ]);
    // Below a header that cannot be read, nobody knows what a key means.
    assert.is(faults('[serve', 'workers = 0').length, 1);
    assert.is(faults('[serve]', 'listen = [', '"a:1",', 'workers = 2').length, 1);
    assert.equal(faults('data = "x"', 'data = "y"'), [
      '2:1 not TOML: trying to redefine an already defined table or value',
    ]);
    assert.is(faults(...Array.from({ length: 50 }, () => 'no line')).length, 20);
  });

  test('the caret stands elsewhere than the place', () => {
    const pictures = (text: string) => readConfiguration('a', text, '/').faults.map(faultPicture);
    assert.equal(pictures('[serve]\r\n\tworkers =\t0\r\n'), [['   workers = 0', '             ^']]);
    assert.equal(pictures('[serve]\nhostname = "\u202eevil"'), [
      ['  hostname = "‹U+202E›evil"', '             ^'],
    ]);
    assert.equal(pictures('serve = { hostname = "日本", tls = 1 }')[1], [
      '  serve = { hostname = "日本", tls = 1 }',
      `${' '.repeat(37)}^`,
    ]);
    const [long] = pictures(`${' '.repeat(200)}dta = "x"`);
    assert.is(long?.[0].indexOf('d'), long?.[1].indexOf('^'));
  });

  test('a value is found that nobody wrote, or paths are those of another folder', () => {
    const { values } = readConfiguration(
      '/etc/o.toml',
      'data = "data"\ncache = "none"\nidentity = "a"',
      '/etc',
    );
    assert.equal(values.data, { value: '/etc/data', source: { kind: 'file', name: '/etc/o.toml', line: 1 } });
    assert.is(values.cache?.value, 'none');
    assert.equal(values.identity?.value, ['/etc/a']);
    assert.equal(Object.keys(values), ['data', 'cache', 'identity']);
  });

  test('a key of any text of TOML is elsewhere than it is said to be', () => {
    const key = fc.constantFrom('a', 'b-c', 'd e', '"', 'é', '1.5', "it's");
    const leaf = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.boolean(),
      fc.string({ unit: fc.constantFrom('a', '"', "'", '#', '\\', '\n', ']', '}', ',', '=', '[', 'é') }),
    );
    const { table } = fc.letrec<{ table: Record<string, unknown> }>((tie) => ({
      table: fc.dictionary(
        key,
        fc.oneof(
          { depthSize: 'small' },
          leaf,
          fc.array(leaf, { maxLength: 3 }),
          fc.array(fc.dictionary(key, leaf, { maxKeys: 2 }), { minLength: 1, maxLength: 3 }),
          tie('table'),
        ),
        { maxKeys: 4 },
      ),
    }));
    fc.assert(
      fc.property(table, (tree) => {
        const text = stringify(tree);
        const places = findPlaces(text, unquote);
        const visit = (value: unknown, path: readonly string[]): void => {
          const place = places.get(pathWord(path));
          if (path.length > 0) {
            assert.ok(place, `${path.join('/')} in ${text}`);
            if (typeof value !== 'object') {
              const name = path.at(-1) as string;
              const line = text.slice(place.key);
              const isItem = place.key === place.value;
              assert.ok(isItem || line.startsWith(name) || /^["']/.test(line), line);
              const rest = text.slice(place.value);
              assert.ok(
                typeof value === 'string' ? /^["']/.test(rest) : rest.startsWith(String(value)),
                rest,
              );
            }
          }
          if (typeof value === 'object' && value !== null)
            for (const [name, inside] of Object.entries(value)) visit(inside, [...path, name]);
        };
        visit(parse(text), []);
      }),
      { numRuns: 200, seed: 8 },
    );
  });

  test('a word is proposed that nobody meant, or none for a slip', () => {
    const words = ['listen', 'hostname', 'workers', 'deny', 'allow'];
    assert.equal(
      ['lisetn', 'Hostname', 'host-name', 'worker', 'dney', 'zzzz', ''].map((word) => nearest(word, words)),
      ['listen', 'hostname', 'hostname', 'workers', 'deny', undefined, undefined],
    );
  });
});
