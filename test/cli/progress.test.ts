/** Progress: said on a terminal, and only of what takes long. */
import { Progress } from '../../src/cli/terminal/progress.js';
import { assert, suite } from '../support/suite.js';

function shown(isTTY: boolean, ...at: readonly (readonly [milliseconds: number, done: number])[]): string {
  let [text, now] = ['', 0];
  const progress = new Progress('checking', { isTTY, write: (more: string) => (text += more) }, () => now);
  for (const [milliseconds, done] of at) {
    now = milliseconds;
    progress.at(done, 1e9);
  }
  progress.end();
  return text;
}

suite('progress', (test) => {
  test('a pipe gets it, or a quick run flickers', () => {
    assert.is(shown(false, [2000, 1e8], [9000, 9e8]), '');
    assert.is(shown(true, [300, 1e8], [900, 9e8]), '');
  });

  test('share, rate or time left is wrong, or the line stays', () => {
    assert.is(
      shown(true, [2000, 1e8], [2100, 1.1e8], [4000, 1.6e8]),
      '\r\u001b[Kchecking 10 %, 50 MB/s, 18 s left\r\u001b[Kchecking 16 %, 40 MB/s, 21 s left\r\u001b[K',
    );
    assert.match(shown(true, [100_000, 1e6]), /checking 0 %, 10 kB\/s, 28 h left/);
    assert.match(shown(true, [1000, 2e6]), /checking 0 %, 2\.0 MB\/s(?!, )/, 'an estimate that frightens');
  });
});
