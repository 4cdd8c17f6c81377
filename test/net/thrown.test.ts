/** What is thrown at the wire, octet by octet over real connections: in plaintext, after STARTTLS, and inside TLS. */
import { replies } from '../../src/smtp/replies.js';
import { Session } from '../../src/smtp/session.js';
import { sessionSettings } from '../../src/smtp/settings.js';
import { converse, goOn, Transcript } from '../smtp/drive.js';
import { bytes, hello } from '../smtp/talk.js';
import { thrown } from '../smtp/thrown.js';
import { assert, suite } from '../support/suite.js';
import { eventually, type Peer } from './peer.js';
import { type Scene, scene, withTls } from './scene.js';

/** What a session without a connection says and does: the same in whatever pieces and over whatever it comes. */
function bare(input: string, way: Way): { output: string; mails: number } {
  const kind = { protocol: 'smtp', offersTls: true, requiresTls: false, takesXclient: false } as const;
  const session = new Session(sessionSettings('mx.example', {}, kind), { secured: way === 'inside TLS' });
  if (way === 'after STARTTLS') {
    session.receive(bytes(`${hello}STARTTLS\r\n`));
    goOn(session, new Transcript(), () => undefined);
    session.secured();
  }
  const said = converse(session, [bytes(input)], ({ type }) =>
    type === 'end' ? [replies.queued('1')] : undefined,
  );
  return { output: said.output, mails: said.events.filter((event) => event === 'end').length };
}

/** Sends each octet by itself: inside TLS each is a record of its own. */
async function dribble(client: Peer, input: string): Promise<void> {
  for (const octet of bytes(input)) {
    if (client.ended || client.broken) return;
    await new Promise((done) => client.socket.write(Uint8Array.of(octet), done));
  }
  client.socket.end();
}

const ways = ['in plaintext', 'after STARTTLS', 'inside TLS'] as const;
type Way = (typeof ways)[number];

async function open({ peer }: Scene, way: Way): Promise<Peer> {
  if (way !== 'after STARTTLS') return peer(way === 'inside TLS' ? 1 : 0);
  const client = peer();
  await client.send(hello).until(/^250 /m);
  return client.startTls();
}

for (const way of ways) {
  suite(`thrown octet by octet, ${way}`, (test) => {
    for (const [name, inputs] of Object.entries(thrown)) {
      test(`${name}: another answer than the session by itself gives, or another mail kept`, () =>
        scene(
          async (all) => {
            for (const input of inputs) {
              const expected = bare(input, way);
              const before = all.service.messages.length;
              const closed = all.service.calls.filter((call) => call === 'close').length;
              const client = await open(all, way);
              await dribble(client, input);
              assert.is(await client.untilEnd(), expected.output, JSON.stringify(input));
              await eventually(
                () => all.service.calls.filter((call) => call === 'close').length > closed,
                'close',
              );
              assert.is(all.service.messages.length - before, expected.mails, JSON.stringify(input));
            }
          },
          {},
          withTls(),
        ));
    }
  });
}
