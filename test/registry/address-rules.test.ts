/** Address rules: which mailboxes are one, what a bad rule is, and that no address makes the server wait. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { Problem } from '../../src/core/errors.js';
import { parseAddressRules, usualRules } from '../../src/registry/address-rules.js';
import { waysTo } from '../../src/registry/ways.js';
import { assert, suite } from '../support/suite.js';

const parse = (...lines: string[]) => parseAddressRules(lines.join('\n'), 'rules');

/** The ways to a mailbox: subjects without their first octet, and how they are reached. */
function ways(localPart: string, domain: string, rules = usualRules): string[] {
  return waysTo({ localPart, domain }, rules).map(
    ({ subject, reached }) => `${Buffer.from(subject.subarray(1)).toString()} ${reached}`,
  );
}

suite('address rules', (test) => {
  test('the page says that other addresses are looked for', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../spec/registry.md'), 'utf8');
    const section = page.split('## Address rules\n')[1]?.split('\n## ')[0] ?? '';
    const rules = parseAddressRules(section.split('```')[1] ?? '', 'page');
    const rows = section.split('| mail to |')[1]?.split('\n').slice(2) ?? [];
    const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word);
    let count = 0;
    for (const row of rows.filter((line) => line.startsWith('| `'))) {
      const [, mailbox, ...cells] = row.split('|');
      const [localPart = '', domain = ''] = words(mailbox)[0]?.split('@') ?? [];
      const expected = ['itself', 'sub-address', 'mapper'].flatMap((reached, at) =>
        words(cells[at]).map((word) => `${word} ${reached}`),
      );
      assert.equal(ways(localPart, domain, rules).slice(0, -2), expected, row);
      count += 1;
    }
    assert.is(count, 6);
  });

  test('ways are tried in another order, or twice', () => {
    const rules = parse(
      'dots ignored example.org',
      'separator - example.org',
      `map (?<user>.*)-(.*)@example.org -> $2.x+y@$\{user}.example`,
    );
    assert.equal(ways('Ann', 'Example.org'), [
      'ann@example.org itself',
      'example.org domain-catch-all',
      ' system-catch-all',
    ]);
    assert.equal(ways('A.b-C.d-e', 'Example.org', rules), [
      'a.b-c.d-e@example.org itself',
      'ab-cd-e@example.org itself',
      'a.b@example.org sub-address',
      'ab@example.org sub-address',
      'e.x+y@a.b-c.d.example mapper',
      'e.x@a.b-c.d.example mapper',
      'example.org domain-catch-all',
      ' system-catch-all',
    ]);
    assert.equal(ways('a+b', 'other.example', rules)[1], 'a@other.example sub-address');
    // What a mapping rule names is there already.
    assert.is(ways('a', 'b.example', parse('map (.*)@b.example -> $1@b.example')).length, 3);
  });

  test('separators and dots where there is nothing before, behind or between them', () => {
    const dots = parse('dots ignored');
    for (const local of ['+', '+a', 'a', '.', '...'])
      assert.is(ways(local, 'example.org', dots).length, 3, local);
    assert.is(ways('a+', 'example.org')[1], 'a@example.org sub-address');
    assert.equal(ways('a.+b', 'example.org', dots).slice(0, 4), [
      'a.+b@example.org itself',
      'a+b@example.org itself',
      'a.@example.org sub-address',
      'a@example.org sub-address',
    ]);
    assert.is(ways('a+b', 'example.org', parse('separator none')).length, 3);
    const but = parse(
      'separator none',
      'separator + Example.ORG',
      'dots ignored',
      'dots kept bücher.example',
    );
    assert.is(ways('a+b', 'example.org', but).length, 4);
    assert.is(ways('a.b', 'xn--bcher-kva.example', but).length, 3);
  });

  test('a mapping rule that matches a part, in another case, or by its second match', () => {
    const to = (expression: string, template: string, text: string) => {
      const [localPart = '', domain = ''] = text.split('@');
      const mapped = parse(`map ${expression} -> ${template}`).map({ localPart, domain });
      return mapped && `${mapped.localPart}@${mapped.domain}`;
    };
    assert.is(to('ann', 'x@y.z', 'ann@example.org'), undefined);
    assert.is(to('ann@example.org', 'x@y.z', 'joann@example.org'), undefined);
    assert.is(to('(a|ab)(c|bcd)@x', '$1-$2@x', 'abcd@x'), 'a-bcd@x');
    assert.is(to('(a)?b@x', '<$1>$$$1@x', 'b@x'), '<>$@x');
    assert.is(to('(.*)@(.*)', '$1@Sub.$2', 'Ann@x.y'), 'ann@sub.x.y');
    assert.is(to('(.*)@(.*)', '$1', 'ann@x.y'), undefined);
    assert.is(to('(.*)@(.*)', '$1$1$1$1$1$1$1@$2', `${'a'.repeat(64)}@x.y`), undefined, 'too long');
    const rules = parse('map a.*@x -> first@x', 'map ab@x -> second@x');
    assert.is(rules.map({ localPart: 'ab', domain: 'x' })?.localPart, 'first');
  });

  test('a rule that is none', () => {
    const refused = (words: string, ...lines: string[]) =>
      assert.throws(
        () => parse('# rules', '', ...lines),
        (error: unknown) =>
          error instanceof Problem &&
          error.kind === 'usage' &&
          error.message.startsWith(`rules, line ${lines.length + 2}: `) &&
          error.message.includes(words),
        lines.join(),
      );
    refused('begins with', 'seperator +');
    refused('a separator is', 'separator');
    refused('a separator is', 'separator ++');
    refused('a separator is', 'separator .');
    refused('ignored or kept', 'dots yes');
    refused('domains', 'dots ignored ann@example.org');
    refused('said before of this domain', 'dots kept a.example', 'dots ignored b.example A.example');
    refused('said before of all', 'separator -', 'separator +');
    refused('map EXPRESSION', 'map a@b');
    refused('map EXPRESSION', 'map a@b -> c@d e@f');
    refused('cannot be used', 'map (a@b -> c@d');
    refused('cannot be used', 'map (a)\\1@b -> c@d');
    refused('cannot be used', 'map a{1001}@b -> c@d');
    refused('does not have', 'map (a)@b -> $2@d');
    refused('does not have', `map (?<user>a)@b -> $\{usr}@d`);
    refused('stands before', 'map (a)@b -> $@d');
    refused('no @', 'map a@b -> c');
    refused('too large', 'map a{900}@b -> c@d', 'map b{900}@b -> c@d', 'map c{900}@b -> c@d');
    assert.throws(() => parse(`#${'x'.repeat(300_000)}`), /256000 octets/);
  });

  test('a hostile address makes a mapping rule run for ever', () => {
    const hostile = { localPart: 'a'.repeat(64), domain: `${'a'.repeat(60)}.`.repeat(4) };
    const size = Array.from({ length: 60 }, (_, index) => `map (.*)(a|a)*(.*)(.*)x${index} -> a@$1`);
    for (const lines of [
      ['map ((a+)+)+x -> a@$1'],
      ['map (a|aa)+@x -> a@$1'],
      ['map (([a-z]{1,50}){1,19})@x -> $1@y'],
      ['map ((a?){300}a{300}.*)x -> a@$1'],
      size,
    ]) {
      const rules = parse(...lines);
      const times = Array.from({ length: 5 }, () => {
        const start = process.cpuUsage().user;
        assert.is(rules.map(hostile), undefined);
        return (process.cpuUsage().user - start) / 1000;
      });
      assert.ok(Math.min(...times) < 200, `${lines[0]}: ${times} ms`);
    }
  });

  test('any text breaks a way', () => {
    const rules = parse('dots ignored', 'map (.)(.*)@(.*) -> $2$1@$3', 'map (?s)(.*) -> $1');
    return fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.string({ maxLength: 400 }),
        (localPart, domain) => {
          for (const { subject } of waysTo({ localPart, domain }, rules)) assert.ok(subject.length <= 321);
        },
      ),
      { seed: 6, numRuns: 300 },
    );
  });
});
