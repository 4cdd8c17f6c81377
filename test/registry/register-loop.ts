/** A process of its own that registers and revokes without end and says what it has done, until it is killed. */
import { openRegistry } from '../../src/registry/open-registry.js';
import { bytesOf, keyOf } from './make-registry.js';

const [path, pepper, name] = process.argv.slice(2) as [string, string, string];
let drawn = 0;
const registry = openRegistry({
  path,
  pepper: Buffer.from(pepper, 'hex'),
  random: (length) => {
    drawn += 1;
    return bytesOf(`${name} ${drawn}`, length);
  },
  now: () => 1_800_000_000_000,
});
for (let number = 0; ; number += 1) {
  const address = `${name}-${number}@example.org`;
  registry.register(address, keyOf(address));
  if (number % 3 === 2) registry.revoke(`${name}-${number - 1}@example.org`);
  // Written at once: what a parent has read was done.
  await new Promise((done) => process.stdout.write(`${number}\n`, done));
}
