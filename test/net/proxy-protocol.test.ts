/** The header of a proxy: a client that passes for another one, and octets that a broken header hands to the protocol. */
import fc from 'fast-check';
import { longestHeader, type ProxyHeader, readProxyHeader } from '../../src/net/proxy-protocol.js';
import { assert, suite } from '../support/suite.js';

const line = (text: string) => Buffer.from(`${text}\r\n`, 'latin1');
const binary = (command: number, family: number, rest: Buffer, length = rest.length) => {
  const fixed = Buffer.from('0d0a0d0a000d0a515549540a00000000', 'hex');
  fixed.writeUInt8(command, 12);
  fixed.writeUInt8(family, 13);
  fixed.writeUInt16BE(length, 14);
  return Buffer.concat([fixed, rest]);
};
const v4 = Buffer.from('c0000207c633640706b80019', 'hex');
const v6 = Buffer.from(`20010db8${'00'.repeat(11)}07${'00'.repeat(15)}0106b80019`, 'hex');

const good: [string, Buffer, string][] = [
  ['v1 TCP4', line('PROXY TCP4 192.0.2.7 198.51.100.7 1720 25'), '192.0.2.7 1720'],
  ['v1 TCP6', line('PROXY TCP6 2001:db8::7 ::1 1720 25'), '2001:db8::7 1720'],
  ['v1 UNKNOWN', line('PROXY UNKNOWN'), ''],
  ['v1 UNKNOWN with more', line('PROXY UNKNOWN ffff:f...f:ffff 1 2'), ''],
  ['v2 TCP4', binary(0x21, 0x11, v4), '192.0.2.7 1720'],
  [
    'v2 TCP4 with more behind it',
    binary(0x21, 0x11, Buffer.concat([v4, Buffer.alloc(300, 4)])),
    '192.0.2.7 1720',
  ],
  ['v2 TCP6', binary(0x21, 0x21, v6), '2001:db8::7 1720'],
  ['v2 LOCAL', binary(0x20, 0x00, Buffer.alloc(0)), ''],
  ['v2 LOCAL with addresses', binary(0x20, 0x11, v4), ''],
  ['v2 unspecified', binary(0x21, 0x00, Buffer.alloc(0)), ''],
  ['v2 unix', binary(0x21, 0x31, Buffer.alloc(216)), ''],
];

const bad: [string, Buffer][] = [
  ['a command of SMTP', Buffer.from('EHLO client.example\r\n')],
  ['lower case', line('proxy TCP4 192.0.2.7 198.51.100.7 1720 25')],
  ['no addresses', line('PROXY TCP4')],
  ['an address of the other kind', line('PROXY TCP4 2001:db8::7 ::1 1720 25')],
  ['an address with a zero before it', line('PROXY TCP4 192.0.2.07 198.51.100.7 1720 25')],
  ['a zone', line('PROXY TCP6 fe80::1%eth0 ::1 1720 25')],
  ['a port that is none', line('PROXY TCP4 192.0.2.7 198.51.100.7 65536 25')],
  ['a port with a zero before it', line('PROXY TCP4 192.0.2.7 198.51.100.7 01720 25')],
  ['two spaces', line('PROXY TCP4  192.0.2.7 198.51.100.7 1720 25')],
  ['something behind the ports', line('PROXY TCP4 192.0.2.7 198.51.100.7 1720 25 x')],
  ['a line that ends with a bare line feed', Buffer.from('PROXY UNKNOWN\nEHLO x\r\n')],
  ['a bare carriage return', Buffer.from('PROXY UNKNOWN\rEHLO x\r\n')],
  ['a line without an end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(200)}`)],
  ['a line of 108 octets', line(`PROXY UNKNOWN ${'x'.repeat(92)}`)],
  ['v2: a wrong signature', Buffer.from('0d0a0d0a000d0a515549540b21110000', 'hex')],
  ['v2: version 1', binary(0x11, 0x11, v4)],
  ['v2: an unknown command', binary(0x22, 0x11, v4)],
  ['v2: addresses too short', binary(0x21, 0x11, v4.subarray(1))],
  ['v2: IPv6 addresses too short', binary(0x21, 0x21, v6.subarray(1))],
  ['v2: an unknown family', binary(0x21, 0x41, v4)],
  ['v2: a length that is never reached', binary(0x21, 0x11, v4, 65535)],
];

const shown = (header: ProxyHeader) =>
  header.state === 'done'
    ? `${header.size} ${header.client ? `${header.client.address} ${header.client.port}` : ''}`
    : header.state;

suite('PROXY protocol', (test) => {
  for (const [name, bytes, client] of good)
    test(`${name}: another client, or an octet too much or too little taken`, () => {
      const whole = Buffer.concat([bytes, Buffer.from('EHLO x\r\n')]);
      assert.is(shown(readProxyHeader(whole)), `${bytes.length} ${client}`);
      for (let cut = 0; cut < bytes.length; cut += 1)
        assert.is(shown(readProxyHeader(bytes.subarray(0, cut))), 'more', `cut at ${cut}`);
    });

  for (const [name, bytes] of bad)
    test(`${name}: taken for a header`, () => {
      assert.is(shown(readProxyHeader(bytes)), 'refused');
      // Octet by octet it is refused at some point, and waits before it: never done.
      for (let cut = 0; cut < bytes.length; cut += 1)
        assert.match(shown(readProxyHeader(bytes.subarray(0, cut))), /^(more|refused)$/);
    });

  test('any octets: an exception, or waiting for more than a header can have', () => {
    const opening = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from('PROXY TCP4 '),
      binary(0x21, 0x11, v4).subarray(0, 14),
    );
    fc.assert(
      fc.property(opening, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        const bytes = Buffer.concat([start, rest]);
        const header = readProxyHeader(bytes);
        if (header.state === 'done') assert.ok(header.size <= bytes.length);
      }),
      { numRuns: 5000, seed: 20 },
    );
    assert.is.not(
      readProxyHeader(Buffer.concat([binary(0x21, 0x11, v4), Buffer.alloc(longestHeader)])).state,
      'more',
    );
  });
});
