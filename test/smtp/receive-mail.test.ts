/** The short way to a mail service: content as an iterable, with the waiting on both sides that it promises. */
import type { Client, Delivery, MailSession } from '../../src/smtp/mail-service.js';
import { ContentBrokeOff, type Receive, receiveMail } from '../../src/smtp/receive-mail.js';
import { Reply, replies } from '../../src/smtp/replies.js';
import { assert, suite } from '../support/suite.js';

const client: Client = { protocol: 'smtp', transport: 'tcp', address: '192.0.2.1', port: 4711 };
const mailbox = (text: string) => ({ localPart: text, domain: 'example.org', text: `${text}@example.org` });

async function begin(receive: Receive, ...to: string[]): Promise<Delivery> {
  const session = (await receiveMail(receive).connect(client)) as MailSession;
  await session.hello('client.example', client);
  await session.mail(mailbox('a'), {});
  for (const one of to) assert.is(await session.recipient(mailbox(one)), undefined);
  return (await session.content()) as Delivery;
}

const pause = () => new Promise((done) => setImmediate(done));

suite('receive mail', (test) => {
  test('the borrowed octets change after they were handed over', async () => {
    const pieces: Uint8Array[] = [];
    const delivery = await begin(async ({ content }) => {
      for await (const bytes of content) pieces.push(bytes);
      return undefined;
    }, 'b');
    const borrowed = Buffer.from('one');
    await delivery.write(borrowed);
    borrowed.write('two');
    await delivery.write(borrowed);
    await delivery.commit();
    assert.is(Buffer.concat(pieces).toString(), 'onetwo');
  });

  test('a client is read faster than the receiver takes', async () => {
    let goOn = () => {};
    const delivery = await begin(async ({ content }) => {
      for await (const _ of content)
        await new Promise<void>((done) => {
          goOn = done;
        });
      return undefined;
    }, 'b');
    let written = false;
    const writing = Promise.resolve(delivery.write(Buffer.from('x'))).then(() => {
      written = true;
    });
    await pause();
    assert.is(written, false);
    goOn();
    await writing;
    assert.equal(await delivery.commit(), [replies.ok]);
  });

  test('250 before the receiver is done, or not one reply for each recipient', async () => {
    let finish = (_: Reply | undefined) => {};
    const delivery = await begin(
      async ({ content }) => {
        for await (const _ of content);
        return new Promise<Reply | undefined>((done) => {
          finish = done;
        });
      },
      'b',
      'c',
    );
    await delivery.write(Buffer.from('x'));
    let committed = false;
    const commit = Promise.resolve(delivery.commit()).finally(() => {
      committed = true;
    });
    await pause();
    assert.is(committed, false);
    const own = new Reply(250, '2.0.0', 'Kept');
    finish(own);
    assert.equal(await commit, [own, own]);
  });

  test('content that broke off ends the loop as if it were whole', async () => {
    let seen: unknown;
    const delivery = await begin(async ({ content }) => {
      try {
        for await (const _ of content);
      } catch (error) {
        seen = error;
        throw error;
      }
      return undefined;
    }, 'b');
    await delivery.write(Buffer.from('half'));
    delivery.abort();
    await pause();
    assert.instance(seen, ContentBrokeOff);
  });

  test('a receiver that fails, or reads no further, makes the client wait for ever', async () => {
    const failing = await begin(() => Promise.reject(new Error('full')), 'b');
    await failing.write(Buffer.from('x'));
    await failing.write(Buffer.from('y'));
    const outcome = await Promise.resolve(failing.commit()).catch((error: Error) => error.message);
    assert.is(outcome, 'full');

    let finish = () => {};
    const leaving = await begin(async ({ content }) => {
      for await (const _ of content) break;
      await new Promise<void>((done) => {
        finish = done;
      });
      return undefined;
    }, 'b');
    await leaving.write(Buffer.from('x'));
    await leaving.write(Buffer.from('y'));
    finish();
    assert.equal(await leaving.commit(), [replies.ok]);
  });

  test('TLS that came by STARTTLS is not told of', async () => {
    const tls = { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' };
    const seen: unknown[] = [];
    const service = receiveMail(
      async (mail) => {
        seen.push(mail.client.tls, mail.notes);
        return undefined;
      },
      (_, now) => {
        seen.push(now.tls);
        return undefined;
      },
    );
    const session = (await service.connect(client)) as MailSession;
    await session.hello('client.example', { ...client, tls });
    await session.mail(null, {});
    await session.recipient(mailbox('b'));
    await ((await session.content({ 'a.b': 'c' })) as Delivery).commit();
    assert.equal(seen, [tls, tls, { 'a.b': 'c' }]);
  });
});
