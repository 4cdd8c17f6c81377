/** Every page of spec/guide: each has a test that types it, says what its blocks are, and leads to pages that are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assert, suite } from '../support/suite.js';
import { blocksOf, guideFolder } from './guide.js';

const pages = readdirSync(guideFolder).filter((name) => name.endsWith('.md'));
const text = (name: string) => readFileSync(join(guideFolder, name), 'utf8');

/** `sh` is typed. The others are files, or pieces of files, which the tests of their pages put where they belong. */
const kinds = ['sh', 'authorized_keys', 'cron', 'dns', 'exim', 'ini', 'js', 'text', 'toml', 'yaml'];

suite('guides', (test) => {
  test('a block is of a kind that nobody checks, or its page has no test', () => {
    const root = resolve(import.meta.dirname, '../../../test');
    const tests = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(root, name), 'utf8'));
    for (const page of pages) {
      const blocks = blocksOf(text(page));
      assert.is(
        blocks.length * 2,
        text(page).match(/^ *```/gm)?.length ?? 0,
        `${page}: a fence that is not closed`,
      );
      for (const { kind, line } of blocks) assert.ok(kinds.includes(kind), `${page}, line ${line}: ${kind}`);
      if (blocks.length > 0)
        assert.is(
          tests.filter((one) => one.includes(`new Guide('${page}')`)).length,
          1,
          `${page} has no test`,
        );
    }
  });

  test('a link leads nowhere', () => {
    for (const page of pages)
      for (const [, to = ''] of text(page).matchAll(/\]\((?!https?:)([^)#]+)/g))
        assert.ok(existsSync(join(guideFolder, to)), `${page}: ${to}`);
  });

  test('the index has lost a page', () => {
    const index = text('README.md');
    const left = pages.filter((page) => page !== 'README.md' && !index.includes(`](${page})`));
    assert.equal(left, []);
  });
});
