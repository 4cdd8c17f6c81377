/** The policy of MTA-STS is fetched as a sender does it: over TLS that is verified, without redirects, and not for ever. */
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { selfSigned } from '../../src/net/certificate.js';
import { fetchPolicy, type PolicyAnswer } from '../../src/net/sts-policy.js';
import { assert, suite } from '../support/suite.js';

const own = selfSigned('mta-sts.example.org');
const milliseconds = 60_000;

async function fetched(
  respond: (response: ServerResponse, path: string) => void,
  { domain = 'example.org', ca = own.certificate, patience = milliseconds } = {},
): Promise<PolicyAnswer> {
  const server: Server = createServer({ cert: own.certificate, key: own.key }, (request, response) =>
    respond(response, `${request.headers.host}${request.url}`),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  try {
    return await fetchPolicy(domain, { host: '127.0.0.1', port, ca, milliseconds: patience });
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

const plain = { 'content-type': 'text/plain; charset=utf-8' };

suite('MTA-STS policy', (test) => {
  test('the file is not fetched, or another is', async () => {
    const answer = await fetched((response, path) =>
      response.writeHead(200, plain).end(`mode: testing\n${path}`),
    );
    assert.equal(answer, {
      kind: 'found',
      text: 'mode: testing\nmta-sts.example.org/.well-known/mta-sts.txt',
    });
  });

  test('what no sender takes is taken', async () => {
    const good = (response: ServerResponse) => void response.writeHead(200, plain).end('x');
    const why = async (...words: Parameters<typeof fetched>) => {
      const answer = await fetched(...words);
      return answer.kind === 'failed' ? answer.why : answer.text;
    };
    assert.is(await why(good, { domain: 'example.net' }), 'ERR_TLS_CERT_ALTNAME_INVALID');
    assert.match(await why(good, { ca: selfSigned('other').certificate }), /SELF_SIGNED|UNABLE_TO/);
    assert.is(await why((response) => response.writeHead(302, { location: '/' }).end()), 'the status is 302');
    assert.is(
      await why((response) => response.writeHead(200, { 'content-type': 'text/html' }).end()),
      'its type is text/html, not text/plain',
    );
    assert.is(
      await why((response) => response.writeHead(200, plain).end('x'.repeat(70_000))),
      'it is too long',
    );
    assert.is(
      await why((response) => response.writeHead(200, plain).write('x'), { patience: 50 }),
      'ETIMEOUT',
    );
  });
});
