/** The page of dependencies says what the lock file says, and nothing is there without a reason, a door and a good licence. */
import { readFileSync } from 'node:fs';
import { dependencies, dependencyPage, dependencyTables, renewed } from '../../tools/dependencies.js';
import { assert, suite } from '../support/suite.js';

/** They ask for no more than that their notice is kept. */
const good = /^\(?(MIT|MIT-0|ISC|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|Unlicense|0BSD)\b/;

suite('dependencies', (test) => {
  test('the page is older than the lock file: npm run dependencies', () => {
    const page = readFileSync(dependencyPage, 'utf8');
    assert.is(page, renewed(page));
  });

  test('a package is under another licence than the program can live with', () => {
    const odd = dependencies().filter(({ isForWork, licence }) => !isForWork && !good.test(licence));
    assert.equal(odd, []);
  });

  test('a package has no reason, or no door', () => {
    const cells = dependencyTables()
      .split('\n\n')[0]
      ?.split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()));
    for (const [, name, , , why, sees, door] of cells ?? []) assert.ok(name && why && sees && door, name);
  });
});
