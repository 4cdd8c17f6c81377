/** Policies before an application: what they may do, and what they must not be able to do to it. */

import { StrangeAnswer } from '../../src/smtp/answers.js';
import { PolicyHangs } from '../../src/smtp/in-time.js';
import type { Client, Delivery, MailService, MailSession } from '../../src/smtp/mail-service.js';
import type { Policy, PolicySession } from '../../src/smtp/policy.js';
import { Reply, replies } from '../../src/smtp/replies.js';
import { withPolicies } from '../../src/smtp/with-policies.js';
import { HandClock } from '../net/hand-clock.js';
import { failureOf } from '../support/failure.js';
import { assert, suite } from '../support/suite.js';

const client: Client = { protocol: 'smtp', transport: 'tcp', address: '192.0.2.1', port: 4711 };
const mailbox = (text: string) => ({ localPart: text, domain: 'example.org', text: `${text}@example.org` });
const no = new Reply(550, '5.7.1', 'No');

/** An application that writes down what it is asked. */
class Application implements MailService {
  readonly calls: string[] = [];
  readonly pieces: string[] = [];
  write: () => void | Promise<void> = () => {};
  replies = [replies.ok];

  connect(): MailSession {
    const note = (call: string) => {
      this.calls.push(call);
      return undefined;
    };
    const delivery: Delivery = {
      write: (bytes) => {
        this.pieces.push(Buffer.from(bytes).toString());
        return this.write();
      },
      commit: () => {
        note('commit');
        return this.replies;
      },
      abort: () => void note('abort'),
    };
    return {
      hello: (name) => note(`hello ${name}`),
      mail: (from) => note(`mail ${from?.text ?? ''}`),
      recipient: ({ text }) => note(`recipient ${text}`),
      content: (notes) => {
        note(`content ${JSON.stringify(notes)}`);
        return delivery;
      },
      reset: () => void note('reset'),
      close: () => void note('close'),
    };
  }
}

const thrown = (message: string): never => {
  throw new Error(message);
};
const policy = (name: string, session: PolicySession): Policy => ({ name, connect: () => session });
/** Its time goes on when nothing else is left to do: so nobody is late because the machine is busy. */
const clock = new HandClock();
const patience = {
  after: (milliseconds: number, call: () => void) => clock.after(milliseconds, call),
  milliseconds: 250,
};
const rest = (milliseconds: number) => new Promise<void>((done) => void clock.after(milliseconds, done));

async function open(...policies: Policy[]) {
  const application = new Application();
  const session = (await withPolicies(application, policies, patience).connect(client)) as MailSession;
  const deliver = async () => {
    await session.hello('client.example', client);
    await session.mail(mailbox('a'), {});
    await session.recipient(mailbox('b'));
    return session.content();
  };
  return { application, session, deliver };
}

suite('policies', (test) => {
  let isOver = false;
  const goOn = () => {
    clock.pass(0.01);
    if (!isOver) setImmediate(goOn);
  };
  test.before(goOn);
  test.after(() => {
    isOver = true;
  });

  test('the application is asked about what a policy has refused', async () => {
    const refusing: PolicySession = {
      hello: (name) => (name === 'bad.example' ? no : undefined),
      mail: (from) => (from === null ? no : undefined),
      recipient: async ({ text }) => (text.startsWith('c') ? no : undefined),
    };
    const { application, session } = await open(policy('first', {}), policy('second', refusing));
    assert.is(await session.hello('bad.example', client), no);
    assert.is(await session.mail(null, {}), no);
    assert.is(await session.recipient(mailbox('c')), no);
    assert.is(await session.recipient(mailbox('d')), undefined);
    assert.equal(application.calls, ['recipient d@example.org']);
  });

  test('a connection that is refused reaches the application, or the policies before are not told', async () => {
    let closed = 0;
    const application = new Application();
    const before = policy('before', { close: () => closed++ });
    const refusing: Policy = { name: 'refusing', connect: async () => no };
    const answer = await withPolicies(application, [before, refusing], patience).connect(client);
    assert.is(answer, no);
    assert.equal([closed, application.calls], [1, []]);
  });

  test('what policies found out does not reach the application, or under another name', async () => {
    const { application, deliver } = await open(
      policy('spf', { notes: () => ({ result: 'pass' }) }),
      policy('silent', {}),
      policy('list', { notes: () => ({ result: 'known' }) }),
    );
    await deliver();
    assert.is(application.calls.at(-1), 'content {"spf.result":"pass","list.result":"known"}');
  });

  test('content is seen in another order, or is not changed by a policy that changes it', async () => {
    const marking = (mark: string): PolicySession => ({
      content: (next) => ({
        write: (bytes) => next.write(Buffer.from(`${mark}${Buffer.from(bytes)}`)),
        commit: () => next.commit(),
        abort: () => next.abort(),
      }),
    });
    const { application, deliver } = await open(
      policy('first', marking('1')),
      policy('second', marking('2')),
    );
    const delivery = (await deliver()) as Delivery;
    await delivery.write(Buffer.from('x'));
    assert.equal(await delivery.commit(), [replies.ok]);
    assert.equal([application.pieces, application.calls.at(-1)], [['21x'], 'commit']);
  });

  test('content that a policy refuses stays with the application', async () => {
    const refusing: PolicySession = {
      content: (next) => ({ write: (bytes) => next.write(bytes), commit: () => [no], abort: () => {} }),
    };
    for (const [session, last] of [
      [refusing, 'abort'],
      [{ content: () => no }, 'abort'],
    ] as const) {
      const { application, deliver } = await open(policy('refusing', session));
      const delivery = await deliver();
      if (delivery instanceof Reply) assert.is(delivery, no);
      else assert.equal(await delivery.commit(), [no]);
      assert.is(application.calls.at(-1), last);
    }
    const { application, deliver } = await open(policy('refusing', refusing));
    ((await deliver()) as Delivery).abort();
    assert.is(application.calls.at(-1), 'abort', 'a policy that swallows the abort');
  });

  test('a policy that throws, or never answers, is waited for, or leaves content behind', async () => {
    const never = () => new Promise<never>(() => {});
    const failed = (answer: Promise<unknown>) =>
      answer.then(
        () => 'answered',
        (error: Error) => error,
      );
    for (const bad of [never, () => Promise.reject(new PolicyHangs())]) {
      const asked = await open(policy('bad', { recipient: bad }));
      assert.instance(await failed(asked.deliver()), PolicyHangs);
      const opening = await open(policy('bad', { content: bad }));
      assert.instance(await failed(opening.deliver()), PolicyHangs);
      assert.is(opening.application.calls.at(-1), 'abort');
      const ending = await open(
        policy('bad', {
          content: (next) => ({ write: (bytes) => next.write(bytes), commit: bad, abort: () => {} }),
        }),
      );
      const delivery = (await ending.deliver()) as Delivery;
      assert.instance(await failed(Promise.resolve(delivery.commit())), PolicyHangs);
      assert.is(ending.application.calls.at(-1), 'abort');
    }
  });

  test('a slow disk is taken for a policy that hangs', async () => {
    const passing: PolicySession = {
      content: (next) => ({
        write: async (bytes) => next.write(bytes),
        commit: () => next.commit(),
        abort: () => next.abort(),
      }),
    };
    const { application, deliver } = await open(policy('passing', passing));
    const delivery = (await deliver()) as Delivery;
    application.write = () => rest(800);
    await delivery.write(Buffer.from('slow'));
    assert.equal(await delivery.commit(), [replies.ok]);
  });

  const passing = (commit: (next: Delivery) => ReturnType<Delivery['commit']>): PolicySession => ({
    content: (next) => ({ write: (bytes) => next.write(bytes), commit: () => commit(next), abort: () => {} }),
  });
  const commits = (application: Application) => application.calls.filter((call) => call === 'commit').length;

  test('a policy that wakes up late commits what the client was told is lost', async () => {
    let wake = () => {};
    let late: unknown;
    const sleeping = passing(async (next) => {
      await new Promise<void>((done) => {
        wake = done;
      });
      try {
        return await next.commit();
      } catch (error) {
        late = error;
        throw error;
      }
    });
    const { application, deliver } = await open(policy('sleeping', sleeping));
    const delivery = (await deliver()) as Delivery;
    assert.instance(await failureOf(async () => delivery.commit()), PolicyHangs);
    wake();
    await rest(10);
    assert.instance(late, Error);
    assert.equal([commits(application), application.calls.at(-1)], [0, 'abort']);
  });

  test('a mail that is committed is called lost because of what a policy does afterwards', async () => {
    const never = new Promise<never>(() => {});
    for (const after of [() => never, () => Promise.reject(new Error('late')), () => 'yes' as never]) {
      const { application, deliver } = await open(
        policy(
          'clumsy',
          passing(async (next) => {
            await next.commit();
            return after();
          }),
        ),
      );
      assert.equal(await ((await deliver()) as Delivery).commit(), [replies.ok]);
      assert.is(commits(application), 1);
    }
  });

  test('a policy acknowledges what it never handed on, or what the application refused', async () => {
    const { deliver, application } = await open(
      policy(
        'eager',
        passing(() => [replies.ok]),
      ),
    );
    const { message } = await failureOf(async () => ((await deliver()) as Delivery).commit());
    assert.is(message, 'a policy accepted what it did not hand on');
    assert.is(application.calls.at(-1), 'abort');
    const refused = await open(
      policy(
        'eager',
        passing(async (next) => {
          await next.commit();
          return [replies.ok, replies.ok];
        }),
      ),
    );
    refused.application.replies = [replies.ok, no];
    assert.equal(await ((await refused.deliver()) as Delivery).commit(), [replies.ok, no]);
  });

  test('the time of a slow application is taken for the policy that waited for it', async () => {
    const slow = passing(async (next) => {
      await rest(100);
      await next.write(Buffer.from('more'));
      await rest(100);
      return next.commit();
    });
    const { application, deliver } = await open(policy('slow', slow));
    application.write = () => rest(140);
    assert.equal(await ((await deliver()) as Delivery).commit(), [replies.ok]);
  });

  test('one that throws in reset, close or connect keeps the others from hearing of it', async () => {
    const heard: string[] = [];
    const throwing: PolicySession = {
      reset: () => {
        throw new Error('reset');
      },
      close: () => {
        throw new Error('close');
      },
    };
    const listening = (name: string): PolicySession => ({
      reset: () => void heard.push(`reset ${name}`),
      close: () => void heard.push(`close ${name}`),
    });
    const { application, session } = await open(policy('bad', throwing), policy('good', listening('good')));
    session.reset();
    session.close();
    assert.equal(heard, ['reset good', 'close good']);
    assert.equal(application.calls, ['reset', 'close']);
    const failing: Policy = { name: 'failing', connect: () => Promise.reject(new Error('no list')) };
    const service = withPolicies(application, [policy('first', listening('first')), failing], patience);
    assert.is((await failureOf(async () => service.connect(client))).message, 'no list');
    assert.is(heard.at(-1), 'close first');
  });

  test('an answer that is no refusal leaves the client without a reply, or lets mail pass unseen', async () => {
    const strange = {};
    for (const answer of ['no', 550, replies.ok, strange] as never[]) {
      for (const asked of ['hello', 'mail', 'recipient'] as const)
        for (const given of [answer, Promise.resolve(answer) as never]) {
          const { application, deliver } = await open(policy('strange', { [asked]: () => given }));
          assert.instance(await failureOf(deliver), StrangeAnswer);
          assert.not.ok(application.calls.some((call) => call.startsWith(asked)));
        }
      if (answer === strange) continue;
      const { application, deliver } = await open(policy('strange', { content: () => answer }));
      assert.instance(await failureOf(deliver), StrangeAnswer);
      assert.is(application.calls.at(-1), 'abort');
    }
  });

  test('a write that failed leaves a hole in a mail that is acknowledged, or ends the process', async () => {
    const careless: PolicySession = {
      content: (next) => ({
        write: (bytes) => void next.write(bytes),
        commit: () => next.commit(),
        abort: () => next.abort(),
      }),
    };
    const swallowing: PolicySession = {
      content: (next) => ({
        write: async (bytes) => {
          try {
            await next.write(bytes);
          } catch {
            // It does not care.
          }
        },
        commit: () => next.commit(),
        abort: () => next.abort(),
      }),
    };
    for (const session of [careless, swallowing])
      for (const failing of [() => Promise.reject(new Error('no space')), () => thrown('no space')]) {
        const { application, deliver } = await open(policy('careless', session));
        const delivery = (await deliver()) as Delivery;
        await delivery.write(Buffer.from('one'));
        application.write = failing as () => Promise<void>;
        await Promise.resolve()
          .then(() => delivery.write(Buffer.from('two')))
          .catch(() => undefined);
        application.write = () => {};
        await Promise.resolve()
          .then(() => delivery.write(Buffer.from('three')))
          .catch(() => undefined);
        assert.is((await failureOf(async () => delivery.commit())).message, 'no space');
        assert.equal([commits(application), application.calls.at(-1)], [0, 'abort']);
      }
  });

  test('a policy that does not wait has its pieces committed in another order, or before they are written', async () => {
    const careless: PolicySession = {
      content: (next) => ({
        write: (bytes) => void next.write(bytes),
        commit: () => next.commit(),
        abort: () => next.abort(),
      }),
    };
    const { application, deliver } = await open(policy('careless', careless));
    const delivery = (await deliver()) as Delivery;
    let wait = 30;
    const done: number[] = [];
    application.write = async () => {
      const mine = wait;
      wait -= 10;
      await rest(mine);
      done.push(mine);
    };
    const borrowed = Buffer.from('one');
    const first = delivery.write(borrowed);
    borrowed.write('two');
    void delivery.write(borrowed);
    borrowed.write('xxx');
    assert.instance(first, Promise, 'the engine is not made to wait');
    assert.equal(await delivery.commit(), [replies.ok]);
    assert.equal(
      [done, application.pieces],
      [
        [30, 20],
        ['one', 'two'],
      ],
    );
  });

  test('a session or delivery that comes too late is never told that it is over', async () => {
    const heard: string[] = [];
    const later = <T>(value: T) => rest(400).then(() => value);
    const late: Policy = { name: 'late', connect: () => later({ close: () => void heard.push('close') }) };
    const service = withPolicies(new Application(), [late], patience);
    assert.instance(await failureOf(async () => service.connect(client)), PolicyHangs);
    const slow: PolicySession = {
      content: (next) =>
        later({ write: next.write, commit: () => next.commit(), abort: () => void heard.push('abort') }),
    };
    const { deliver } = await open(policy('slow', slow));
    assert.instance(await failureOf(deliver), PolicyHangs);
    await rest(300);
    assert.equal(heard, ['close', 'abort']);
  });
});
