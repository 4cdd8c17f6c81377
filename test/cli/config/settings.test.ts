/** Settings: each key of the configuration says what its option says, and changes what a server or a reader does. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { Command } from 'commander';
import { readConfiguration } from '../../../src/cli/config/file.js';
import { rereadable, servingWords } from '../../../src/cli/config/server-settings.js';
import { type Key, keys, type Settled, settings, type ValueOf } from '../../../src/cli/config/settings.js';
import { settle } from '../../../src/cli/config/settled.js';
import { toml } from '../../../src/cli/config/shown.js';
import { whereSettings } from '../../../src/cli/config/where.js';
import { defaultLimits, type LimitName, limitNames } from '../../../src/cli/server/limit-words.js';
import { serveOptions, settingOptions, usualWords } from '../../../src/cli/server/serve-options.js';
import { assert, suite } from '../../support/suite.js';

/** A value that is not the usual one, and the words that say it in place of the file. */
interface Exercise<T> {
  readonly value: T;
  readonly words: readonly string[];
}

/** The limits, each with a number that is not the usual one; a limit that is missing here does not compile. */
const limits: { readonly [N in LimitName]: number } = {
  commandLine: 2048,
  header: 1000,
  hops: 7,
  mails: 8,
  talk: 9,
  recipients: 101,
  refusedRecipients: 12,
  errors: 13,
  connections: 14,
  connectionsPerNetwork: 15,
  connectionsPerMinute: 16,
  networkBits4: 24,
  networkBits6: 48,
  handshakes: 17,
  handshakesPerNetwork: 18,
  handshakeSeconds: 19,
  bannerSeconds: 0,
  commandSeconds: 20,
  contentSeconds: 21,
  contentRate: 22,
  applicationSeconds: 23,
  sessionSeconds: 24,
  lingerSeconds: 25,
  quickErrors: 26,
  errorSeconds: 27,
  quickGuesses: 28,
  guessSeconds: 29,
  tarpitSeconds: 31,
  logSeconds: 32,
  addressMailsPerHour: 33,
  addressMailsPerDay: 34,
  addressOctetsPerHour: 35,
  addressOctetsPerDay: 36,
};

/** A key that is missing here does not compile. */
const exercises: { readonly [K in Key]: Exercise<ValueOf<K>> } = {
  data: { value: '/d', words: ['--data', '/d'] },
  pepper: { value: '/p', words: ['--pepper', '/p'] },
  identity: { value: ['/a', '/b'], words: ['--identity', '/a', '--identity', '/b'] },
  cache: { value: '/c', words: ['--cache', '/c'] },
  pins: { value: 'none', words: ['--pins', 'none'] },
  'serve.listen': {
    value: ['lmtp://unix:/run/o?mode=0660', '[::1]:25'],
    words: ['--listen', 'lmtp://unix:/run/o?mode=0660', '--listen', '[::1]:25'],
  },
  'serve.hostname': { value: 'mx.example.org', words: ['--hostname', 'mx.example.org'] },
  'serve.max-size': { value: 5, words: ['--max-size', '5'] },
  'serve.tls': { value: 'require', words: ['--require-tls'] },
  'serve.certificates': {
    value: [{ certificate: '/c.pem', key: '/k.pem' }],
    words: ['--tls-cert', '/c.pem', '--tls-key', '/k.pem'],
  },
  'serve.early-talkers': { value: 'answer', words: ['--early-talkers', 'answer'] },
  'serve.proxy-from': { value: ['192.0.2.7'], words: ['--proxy-from', '192.0.2.7'] },
  'serve.xclient-from': { value: ['2001:db8::/32'], words: ['--xclient-from', '2001:db8::/32'] },
  'serve.neighbour': { value: [], words: ['--neighbour', 'none'] },
  'serve.allow': { value: '/allow', words: ['--allow', '/allow'] },
  'serve.deny': { value: '/deny', words: ['--deny', '/deny'] },
  'serve.address-limits': { value: '/limits', words: ['--address-limits', '/limits'] },
  'serve.check-headers': { value: true, words: ['--check-headers'] },
  'serve.disk-reserve': { value: 6, words: ['--disk-reserve', '6'] },
  'serve.retain': { value: '90d', words: ['--retain', '90d'] },
  'serve.workers': { value: 3, words: ['--workers', '3'] },
  'serve.drain-seconds': { value: 4, words: ['--drain-seconds', '4'] },
  'serve.metrics': { value: '127.0.0.1:9465', words: ['--metrics', '127.0.0.1:9465'] },
  'serve.debug': { value: true, words: ['--debug'] },
  'serve.user': { value: 'o:p', words: ['--user', 'o:p'] },
  ...(Object.fromEntries(
    limitNames.map((name): readonly [string, Exercise<number>] => [
      `serve.limits.${name}`,
      { value: limits[name], words: ['--set', `${name}=${limits[name]}`] },
    ]),
  ) as { readonly [N in LimitName as `serve.limits.${N}`]: Exercise<number> }),
};

/** What a server is told before it begins; test/cli/config/serve.test.ts has them. */
const beforeServing: readonly Key[] = [
  'serve.metrics',
  'serve.listen',
  'serve.workers',
  'serve.drain-seconds',
  'serve.user',
];

/** Something else, where nothing is usual. */
const others: { readonly [K in Key]?: ValueOf<K> } = {
  'serve.disk-reserve': 7,
  'serve.metrics': 'unix:m.sock',
};

const fileOf = (text: string) => readConfiguration('/etc/o.toml', text, '/etc');

/** What commander makes of words. */
function optionsOf(words: readonly string[]): Record<string, unknown> {
  const command = new Command().exitOverride();
  settingOptions(command, () => true);
  command.option('--set <X>', '', (word: string, before: string[]) => [...before, word], []);
  command.parse([...words], { from: 'user' });
  return command.opts();
}

const told = (all: Settled) => JSON.stringify([servingWords(all), rereadable(all)]);
const guide = (name: string) => readFileSync(new URL(`../../../../spec/${name}`, import.meta.url), 'utf8');

suite('settings', (test) => {
  test('a key is read and has no effect, or its option says something else', () => {
    const usual = settle({}, undefined);
    for (const key of keys) {
      const { value, words } = exercises[key];
      const text = `${key} = ${toml(value)}`;
      const file = fileOf(`\n${text}\n`);
      assert.equal(file.faults, [], text);
      const all = settle({}, file);
      assert.equal(all[key], { value, source: { kind: 'file', name: '/etc/o.toml', line: 2 } }, text);
      assert.not.equal(usual[key].value, value, text);
      if (!(key in whereSettings) && !beforeServing.includes(key))
        assert.is.not(told(all), told(usual), text);
      const byOption = settle(optionsOf(words), undefined)[key];
      assert.equal([byOption.value, byOption.source.kind], [value, 'option'], words.join(' '));
      const [name = ''] = words;
      if (byOption.source.kind === 'option') assert.is(byOption.source.name, name);
    }
  });

  test('an option or a variable gives way to the file, or another key takes what it says', () => {
    for (const key of keys) {
      const { value, words } = exercises[key];
      const other = toml(settings[key].usual() ?? others[key] ?? '1d');
      const file = fileOf(`${key} = ${other}`);
      assert.equal(file.faults, [], other);
      const all = settle(optionsOf(words), file);
      assert.equal([all[key].value, all[key].source.kind], [value, 'option'], key);
      const strange = keys.filter((one) => one !== key && all[one].source.kind !== 'default');
      assert.equal(strange, [], key);
    }
    const variables = {
      OBALKA_DATA: '/e',
      OBALKA_PEPPER: '/g',
      OBALKA_IDENTITY: ':/e:/f',
      OBALKA_CACHE: 'none',
      OBALKA_PINS: '/e',
    };
    Object.assign(process.env, variables);
    const file = fileOf('data = "x"\npepper = "x"\nidentity = "x"\ncache = "x"\npins = "x"');
    const [all, given] = [settle({}, file), settle({ data: '/o' }, file)];
    for (const name of Object.keys(variables)) process.env[name] = '';
    const none = settle({}, file);
    for (const name of Object.keys(variables)) delete process.env[name];
    assert.equal(
      [
        all.data.value,
        all.pepper.value,
        all.identity.value,
        all.cache.value,
        all.pins.value,
        given.data.value,
      ],
      ['/e', '/g', ['/e', '/f'], 'none', '/e', '/o'],
    );
    assert.equal(all.pins.source, { kind: 'environment', name: 'OBALKA_PINS' });
    // A variable that is empty is none.
    assert.equal([none.data.value, none.identity.value], ['/etc/x', ['/etc/x']]);
  });

  test('the example lacks a key, has one that there is not, or says another default', () => {
    const text = guide('guide/obalka.toml');
    assert.equal(Object.keys(fileOf(text).values), [], 'a key that holds');
    const all = fileOf(text.replace(/^# ([a-zA-Z][\w-]* = |\]| {2}\{)/gm, '$1'));
    assert.equal(all.faults, []);
    assert.equal(Object.keys(all.values).sort(), [...keys].sort());
    for (const key of keys) {
      const { usually, usual } = settings[key];
      if (usually === undefined && usual() !== undefined) assert.equal(all.values[key]?.value, usual(), key);
    }
    assert.equal(all.values['serve.listen']?.value, ['127.0.0.1:2525']);
    assert.equal(all.values['serve.neighbour']?.value, settings['serve.neighbour'].usual());
    assert.is(all.values.cache?.value, `${homedir()}/.cache/obalka`);
  });

  test('the table of keys in the specification is another', () => {
    const page = guide('configuration.md');
    const rows = [...page.matchAll(/^\| `([a-zA-Z.-]+)` \| (.*) \| (.*) \| (.*) \| (.*) \|$/gm)];
    const isNamed = (key: Key) => !key.startsWith('serve.limits.');
    assert.equal(
      rows.map(([, key]) => key),
      keys.filter(isNamed),
    );
    for (const [, key, , usual, options, reread] of rows) {
      const setting = settings[key as Key];
      const words = usualWords(setting);
      if (words !== undefined) assert.is(usual, words.includes(' ') ? words : `\`${words}\``, key);
      const names = setting.options.map(({ flags }) => `\`${flags.split(' ')[0]}\``);
      assert.is(options, names.join(' '), key);
      assert.is(reread === 'yes', 'isReread' in setting, key);
    }
    const limitsReread = keys.filter((key) => !isNamed(key) && 'isReread' in settings[key]);
    assert.ok(limitsReread.every((key) => key.startsWith('serve.limits.address')));
    assert.is(limitsReread.length, 4);
  });

  test('a limit of the file has other bounds than --set has', () => {
    for (const name of limitNames)
      for (const number of [-1, 0, 1, 511, 2 ** 31, 1.5]) {
        const file = fileOf(`serve.limits.${name} = ${number}`).faults.length === 0;
        let words = true;
        try {
          settle({ set: [`${name}=${number}`] }, undefined);
        } catch {
          words = false;
        }
        assert.is(file, words, `${name} = ${number}`);
      }
    assert.is(limitNames.length, Object.keys(defaultLimits).length);
  });

  test('an option of serve is none of the table', () => {
    const command = new Command();
    serveOptions(command);
    const flags = keys.flatMap((key) => settings[key].options.map(({ flags }) => flags));
    for (const { flags: one } of command.options)
      assert.ok(one.startsWith('--set ') || flags.includes(one), one);
  });
});
