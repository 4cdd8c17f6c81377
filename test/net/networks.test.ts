/** Lists of networks: who is let in that was not meant. */
import { parseNetworks } from '../../src/net/networks.js';
import { assert, suite } from '../support/suite.js';

suite('networks', (test) => {
  test('an address beside the network, or one inside that is kept out', () => {
    const list = parseNetworks(['192.0.2.0/24', '198.51.100.7', '2001:db8:1::/48', '::1', '10.0.0.0/8']);
    const inside = [
      '192.0.2.0',
      '192.0.2.255',
      '198.51.100.7',
      '2001:db8:1:ffff::1',
      '::1',
      '::ffff:10.1.2.3',
      '::ffff:a01:203',
      '::FFFF:0A01:0203',
      '0:0:0:0:0:ffff:10.1.2.3',
      '0000:0000:0000:0000:0000:ffff:0a01:0203',
      '10.255.0.1',
    ];
    const outside = [
      '192.0.3.0',
      '192.0.1.255',
      '198.51.100.8',
      '2001:db8:2::',
      '::2',
      '::ffff:11.0.0.1',
      '::ffff:b00:1',
      '::ffff:0:a01:203',
      'ffff::a01:203',
      '',
      'fe80::1%eth0',
      'x',
    ];
    assert.equal(
      inside.filter((address) => !list.has(address)),
      [],
    );
    assert.equal(
      outside.filter((address) => list.has(address)),
      [],
    );
  });

  test('everything, and nothing', () => {
    assert.ok(parseNetworks(['0.0.0.0/0', '::/0']).has('203.0.113.9'));
    assert.not.ok(parseNetworks([]).has('203.0.113.9'));
    assert.not.ok(parseNetworks(['::/0']).has('203.0.113.9'), 'a prefix of IPv6 takes IPv4 in');
  });

  test('a slip that opens a wider network than was meant', () => {
    for (const text of [
      '192.0.2.7/24',
      '2001:db8::1/32',
      '192.0.2.0/33',
      '::/129',
      '192.0.2/24',
      'mx.example',
      '',
      '10.0.0.0/8/8',
      '10.0.0.0/-1',
      '10.0.0.0/',
      'fe80::1%eth0',
      '::ffff:10.0.0.0/104',
    ])
      assert.throws(
        () => parseNetworks([text]),
        (error: Error) => error.message.includes('is not a network'),
        text,
      );
  });
});
