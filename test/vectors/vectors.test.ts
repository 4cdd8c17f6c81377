/** Every vector of spec/vectors, read by the real reader: whole, streamed, octet by octet, and with each AEAD alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeAead, sodiumAead } from '../../src/seal/aead.js';
import { decodeVector } from '../../tools/vectors/vector-file.js';
import { withFolder } from '../support/folder.js';
import { assert, suite } from '../support/suite.js';
import {
  collected,
  expected,
  type Found,
  inReadsOf,
  layOut,
  readVector,
  streamed,
  verifyVector,
  withOnly,
} from './read-vector.js';

const folder = join(import.meta.dirname, '../../../spec/vectors');

suite('vectors', (test) => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.vector')))
    test(name.replace('.vector', ''), async () => {
      const bytes = readFileSync(join(folder, name));
      const vector = decodeVector(bytes);
      // The few large ones would take as long as all others.
      const octets = bytes.length <= 40_000 ? 1 : 61;
      const hold = (found: Found, way: string) => assert.equal(found, expected(vector), way);
      await withFolder(async (path) => {
        layOut(path, vector);
        const { mails, ...others } = expected(vector);
        const whole = mails.filter((mail) => mail.endsWith(' whole')).length;
        assert.equal(await verifyVector(path, vector), { mails: whole, ...others }, 'checked');
        hold(await readVector(path, vector, collected, inReadsOf(octets)), `in reads of ${octets}`);
        if (vector.identities.length === 0) return;
        hold(
          await withOnly(nodeAead, () => readVector(path, vector, streamed)),
          'streamed, node:crypto alone',
        );
        hold(await withOnly(sodiumAead, () => readVector(path, vector, collected)), 'whole, libsodium alone');
      });
    });
});
