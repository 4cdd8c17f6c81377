/** Envelope cells: sealed to one place and one step, and to nothing else. */
import { hex } from '../../src/core/bytes.js';
import type { OpeningChain, SealingChain, Step } from '../../src/seal/chain.js';
import { openChannel, sealChannel } from '../../src/seal/channel.js';
import { openEnvelope, sealEnvelope } from '../../src/seal/envelope.js';
import { identityOf } from '../../src/seal/keys.js';
import { bytesFrom, chance } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const owner = identityOf(bytesFrom('owner', 32));
const place = {
  journal: bytesFrom('journal', 16),
  lane: bytesFrom('lane', 16),
  segment: 3,
  id: bytesFrom('segment', 16),
};
const plaintext = bytesFrom('plaintext', 1204);
const random = chance('envelopes');

function channel(): { writer: SealingChain; reader: OpeningChain } {
  const body = new Uint8Array(1264);
  const writer = sealChannel(body, owner.publicKey, place, 0, random);
  return { writer, reader: openChannel(body, owner, place, 0) as OpeningChain };
}

/** An envelope as number 9 and the step that opens it. */
function sealed(): { cell: Uint8Array; step: Step } {
  const { writer, reader } = channel();
  const cell = new Uint8Array(1280);
  sealEnvelope(cell.subarray(0, 1264), plaintext, writer, place, 9, random);
  return { cell, step: reader.next() };
}

suite('envelope cells', (test) => {
  test('an envelope does not come back as it was', () => {
    const { cell, step } = sealed();
    assert.is(hex(cell.subarray(0, 32)), hex(step.tag));
    assert.is(hex(openEnvelope(cell, step.key, place, 9) ?? cell), hex(plaintext));
  });

  test('an envelope opens in another place', () => {
    const { cell, step } = sealed();
    const open = (at: typeof place, number: number) => openEnvelope(cell, step.key, at, number);
    assert.ok(open(place, 9));
    assert.not.ok(open(place, 8));
    assert.not.ok(open({ ...place, segment: 4 }, 9));
    for (const part of ['journal', 'lane', 'id'] as const)
      assert.not.ok(open({ ...place, [part]: bytesFrom('another', 16) }, 9), part);
  });

  test('a changed octet goes unseen, or another tag is put before an envelope', () => {
    const { cell, step } = sealed();
    for (let at = 0; at < 1264; at++) {
      const changed = cell.slice();
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      assert.not.ok(openEnvelope(changed, step.key, place, 9), `octet ${at}`);
    }
  });

  test('two envelopes of one text share bytes', () => {
    const { writer } = channel();
    const cells = [0, 1].map((number) => {
      const body = new Uint8Array(1264);
      sealEnvelope(body, plaintext, writer, place, number, random);
      return body;
    });
    const same = cells[0]?.filter((byte, at) => byte === cells[1]?.[at]).length ?? 0;
    assert.ok(same < 30, `${same} octets are the same`);
  });

  test('an envelope shows how much is in it', () => {
    const { writer } = channel();
    const body = new Uint8Array(1264);
    sealEnvelope(body, new Uint8Array(1204), writer, place, 0, random);
    const zeros = body.filter((byte) => byte === 0).length;
    assert.ok(zeros < 30, `${zeros} zeros`);
  });
});
