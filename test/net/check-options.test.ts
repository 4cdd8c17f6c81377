/** Checking what a program asks a server to be. */
import { selfSigned } from '../../src/net/certificate.js';
import { Certificates } from '../../src/net/certificates.js';
import { serveSmtp } from '../../src/net/serve-smtp.js';
import { Reply } from '../../src/smtp/replies.js';
import { failureOf } from '../support/failure.js';
import { assert, suite } from '../support/suite.js';
import { MemoryService } from './memory-service.js';

suite('options of a server', (test) => {
  const good = {
    listen: [{ host: '127.0.0.1', port: 0 }],
    hostname: 'mx.example',
    service: new MemoryService(),
  };

  test('nonsense is served in silence, or ends in an error that does not say what is wrong', async () => {
    const wrong: [object, RegExp][] = [
      [{ hostname: 'a b\r\nx' }, /^hostname "a b\\r\\nx": not a host name/],
      [{ limits: { recipents: 3 } }, /^limits\.recipents: there is no such limit/],
      [{ limits: { recipients: -1 } }, /^limits\.recipients: -1; write a number/],
      [{ limits: { recipients: undefined } }, /^limits\.recipients: undefined/],
      [{ listen: [{ host: '127.0.0.1', port: 0, protocol: 'foo' }] }, /^protocol "foo": write smtp/],
      [{ listen: [{ host: '127.0.0.1', port: 0, protocol: 'smtps' }] }, /^smtps needs certificates/],
      [{ listen: [{ host: '127.0.0.1', port: 99_999 }] }, /^port 99999: write a number/],
      [{ listen: [{ host: '127.0.0.1', port: 'abc' }] }, /^port abc: write a number/],
    ];
    for (const [options, message] of wrong)
      assert.match((await failureOf(() => serveSmtp({ ...good, ...options }))).message, message);
  });

  test('a reply that no client could make sense of is sent', () => {
    for (const code of [99, 999, 250.5, Number.NaN])
      assert.throws(() => new Reply(code, '2.0.0', 'x'), /200 to 599/);
    assert.throws(() => new Reply(250, undefined), /at least one line/);
  });

  test('a certificate that has expired is not told from one that has not', () => {
    const certificates = new Certificates([{ place: 'own', ...selfSigned('mx.example') }]);
    assert.equal(certificates.expired(Date.now()), []);
    assert.equal(certificates.expired(Date.UTC(10_000, 0)), ['own']);
  });
});
