/** Certificate chains: who vouches for a certificate, and what is said of it in DNS. */
import { rootCertificates } from 'node:tls';
import { selfSigned } from '../../src/net/certificate.js';
import { readChain } from '../../src/net/certificate-chain.js';
import { intermediate, leaf, leafKeyHash, root, shortKey } from '../support/chained-certificates.js';
import { assert, suite } from '../support/suite.js';

suite('certificate chain', (test) => {
  test('a chain is taken for whole that is cut, or the other way round', () => {
    const vouching = (...pems: readonly string[]) => readChain(pems.join('')).vouching;
    assert.is(vouching(leaf), 'cut');
    assert.is(vouching(leaf, root), 'cut', 'one is left out between them');
    assert.is(vouching(leaf, intermediate), 'cut', 'of a root that nobody knows');
    assert.is(vouching(leaf, intermediate, root), 'unknown');
    assert.is(vouching(leaf, shortKey), 'cut', 'something else stands behind it');
    assert.is(vouching(selfSigned('mx.example.org').certificate), 'own');
    assert.is(vouching(root), 'own');
    assert.match(readChain(leaf).issuer, /B/);
  });

  test('a root that Node knows is not known', () => {
    // An intermediate of such a root would be better, but they do not last.
    const [known = ''] = rootCertificates;
    assert.is(readChain(known).vouching, 'own');
  });

  test('name, dates, key or length of it are not those of the first certificate', () => {
    const chain = readChain(`${leaf}${intermediate}${root}`);
    assert.ok(chain.covers('mx.example.org'));
    assert.not(chain.covers('example.org'));
    assert.is(chain.keyHash, leafKeyHash);
    assert.is(chain.rsaBits, undefined);
    assert.ok(chain.from < Date.UTC(2027, 0) && chain.until > Date.UTC(2120, 0));
    assert.is(readChain(shortKey).rsaBits, 1024);
    assert.throws(() => readChain('no certificate'));
  });
});
