/** The ledger's table: every promise of the threat model is in it, and every test that it names is there. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { missingTests } from '../support/named-tests.js';
import { assert, suite } from '../support/suite.js';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'spec/leaks.md'), 'utf8');
const model = readFileSync(join(root, 'spec/threat-model.md'), 'utf8');

/** What is promised for later: these rows name no test, and say so. */
const notBuilt = /^not built/;

interface Row {
  readonly promise: string;
  readonly saidIn: string;
  readonly mechanism: string;
  readonly tests: string;
}

function rowsOf(text: string): Row[] {
  const [, table] = text.split('## Promise, mechanism, test\n');
  const lines = (table ?? '').split('\n## ')[0]?.split('\n') ?? [];
  return lines
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1)
    .map((line) => {
      const [promise = '', saidIn = '', mechanism = '', tests = ''] = line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim());
      return { promise, saidIn, mechanism, tests };
    });
}

/** What is wrong with a table, row by row. */
function faultsOf(rows: readonly Row[]): string[] {
  return rows.flatMap(({ promise, saidIn, mechanism, tests }) => {
    if (!promise || !saidIn || !mechanism || !tests) return [`${promise}: an empty cell`];
    if (notBuilt.test(tests)) return notBuilt.test(mechanism) ? [] : [`${promise}: built, and no test`];
    return missingTests(tests).map((fault) => `${promise}: ${fault}`);
  });
}

suite('leak ledger', (test) => {
  const rows = rowsOf(page);

  test('a row of the table names no test, or one that is not there', () => {
    assert.ok(rows.length > 30, `${rows.length} rows`);
    assert.equal(faultsOf(rows), []);
  });

  test('somebody of the threat model has no row, or a row says where it is said and it is not', () => {
    const heading = (text: string) => [...text.matchAll(/^### (.+)$/gm)].map(([, name]) => name as string);
    const who = heading(model.split('## Who learns what')[1]?.split('\n## ')[0] ?? '');
    assert.ok(who.length >= 8, who.join());
    const said = rows.flatMap(({ saidIn }) => saidIn.split('; '));
    for (const name of who)
      assert.ok(
        said.some((one) => one.startsWith(name)),
        `no promise about: ${name}`,
      );
    const pages = ['journal', 'sealing', 'registry', 'leaks', 'smtp', 'checkpoints'];
    for (const one of said) {
      const other = pages.find((name) => one.startsWith(`${name}.md, `));
      const text = other ? readFileSync(join(root, 'spec', `${other}.md`), 'utf8') : model;
      const name = other ? one.slice(`${other}.md, `.length) : one;
      assert.ok(
        [...text.matchAll(/^#+ (.+)$/gm)].some(([, known]) => known === name),
        one,
      );
    }
  });

  test('the check itself lets a missing test or an empty cell pass', () => {
    const row = { promise: 'p', saidIn: 's', mechanism: 'm', tests: '' };
    for (const tests of [
      '',
      'none yet',
      'not built',
      '`no such suite`: a',
      '`leak ledger`: a test that nobody wrote',
    ])
      assert.is(faultsOf([{ ...row, tests }]).length, 1, tests);
  });
});
