/** Command lines: cut at CRLF, whatever the chunks. */
import fc from 'fast-check';
import { CommandLines } from '../../src/smtp/command-lines.js';
import { Reply } from '../../src/smtp/replies.js';
import { assert, suite } from '../support/suite.js';

const limit = 8;

function read(chunks: readonly string[]): string[] {
  const lines = new CommandLines(limit);
  const found: string[] = [];
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk, 'latin1');
    for (let at = 0; at < bytes.length; at = lines.at) {
      const line = lines.read(bytes, at);
      if (line !== undefined)
        found.push(line instanceof Reply ? (line.lines[0] ?? '') : line.toString('latin1'));
    }
  }
  return found;
}

/** The definition: of the octets up to CRLF, a faulty line is what has a LF before it, or too many octets. */
function readPlainly(input: string): string[] {
  const found: string[] = [];
  for (let rest = input; rest !== ''; ) {
    const lf = rest.slice(0, limit).indexOf('\n');
    const end = rest.indexOf('\r\n');
    if (lf > 0 && lf === end + 1) found.push(rest.slice(0, end));
    else if (lf >= 0) found.push('Lines end with CRLF, and have no other CR or LF');
    else if (rest.length >= limit) found.push('Line too long');
    else break;
    if (end < 0) break;
    rest = rest.slice(end + 2);
  }
  return found;
}

suite('command lines', (test) => {
  test('lines, faults or skipped octets that depend on the cut', () => {
    const pieces = fc.array(fc.constantFrom('\r\n', '\r', '\n', 'a', 'bc', 'defghi'), { maxLength: 16 });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(), { maxLength: 5 }), (parts, cuts) => {
        const input = parts.join('');
        const borders = [0, ...cuts.map((cut) => cut % (input.length + 1)), input.length].sort(
          (a, b) => a - b,
        );
        const chunks = borders.slice(1).map((border, i) => input.slice(borders[i], border));
        const plain = readPlainly(input);
        assert.equal(read(chunks), plain);
        assert.equal(read([...input]), plain);
      }),
      { numRuns: 20_000, seed: 7 },
    );
  });
});
