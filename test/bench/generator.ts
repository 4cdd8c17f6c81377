/**
 * Load generator, a process of its own: sessions in parallel that send one message after another.
 *
 *   node dist/test/bench/generator.js '{"port":2525, ...}'      (the argument is a Plan, the output a LoadResult)
 *
 * It is meant to cost less than any server it loads, so it is one state per session over plain sockets. Any reply that
 * is not the expected one, and any connection that breaks, ends it with exit code 1.
 */
import { connect, type Socket } from 'node:net';
import { contentOnTheWire } from './content.js';
import type { LoadResult, Plan } from './load.js';
import { percentile } from './statistics.js';

const quietMilliseconds = 120_000;

const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const content = contentOnTheWire(plan.size);
const hello = Buffer.from('EHLO bench.example.net\r\n');
const mail = Buffer.from(`MAIL FROM:<${plan.from}>\r\n`);
const recipients = [plan.to, ...(plan.alsoTo ?? [])].map((to) => Buffer.from(`RCPT TO:<${to}>\r\n`));
const data = Buffer.from('DATA\r\n');
const quit = Buffer.from('QUIT\r\n');
const group = Buffer.concat([mail, ...recipients, data]);

/** All sessions read into it: what came is taken out before the next read. */
const replies = Buffer.allocUnsafe(4096);

/** What the next reply answers, and the code it must have. */
const expected = {
  greeting: '220',
  hello: '250',
  mail: '250',
  recipient: '250',
  data: '354',
  content: '250',
  quit: '221',
} as const;
type Step = keyof typeof expected;

let started = 0;
let accepted = 0;
let openSessions = 0;
let lastAccepted = 0;
let start = performance.now();
let deadline = start + plan.seconds * 1000;
let cpuAtStart = process.cpuUsage();
/** Milliseconds from the final dot to its reply, one for each message. */
const waits: number[] = [];
/** Kept sessions that were greeted and wait for the others: opening them is not what is measured. */
const ready: (() => void)[] = [];
const sessions = Math.min(plan.sessions, plan.messages);

function startTogether(message: () => void): void {
  ready.push(message);
  if (ready.length < sessions) return;
  start = performance.now();
  deadline = start + plan.seconds * 1000;
  cpuAtStart = process.cpuUsage();
  for (const begin of ready) begin();
}

function fail(what: string): never {
  console.error(`generator: ${what}`);
  process.exit(1);
}

function more(): boolean {
  return started < plan.messages && performance.now() < deadline;
}

function sendContent(socket: Socket, from: number, sent: () => void): void {
  for (let at = from; at < content.length; at += 1) {
    const wait = !socket.write(content[at] as Buffer);
    if (wait && at + 1 < content.length) {
      socket.once('drain', () => sendContent(socket, at + 1, sent));
      return;
    }
  }
  sent();
}

function session(): void {
  let step: Step = 'greeting';
  let text = '';
  let contentSentAt = 0;
  let named = 0;
  let saidGoodbye = false;
  openSessions += 1;

  const socket = connect({
    port: plan.port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: replies,
      callback(length, buffer) {
        text += Buffer.from(buffer.buffer, buffer.byteOffset, length).toString('latin1');
        lines();
        return true;
      },
    },
  });
  socket.setTimeout(quietMilliseconds, () => fail(`nothing happened for ${quietMilliseconds} ms at ${step}`));
  socket.on('error', (error) => fail(`${error.message} at ${step}`));
  socket.on('close', () => {
    if (!saidGoodbye) fail(`the connection broke off at ${step}`);
    openSessions -= 1;
    if (!plan.keep && more()) session();
    else if (openSessions === 0) finish();
  });

  const next = (to: Step, command: Buffer) => {
    step = to;
    socket.write(command);
  };
  const message = () => {
    if (!more()) return next('quit', quit);
    started += 1;
    next('mail', plan.pipelining ? group : mail);
  };

  const answered = (reply: string) => {
    if (!reply.startsWith(expected[step])) fail(`at ${step}: ${reply}`);
    switch (step) {
      case 'greeting':
        return next('hello', hello);
      case 'hello':
        return plan.keep ? startTogether(message) : message();
      case 'mail':
        named = 1;
        if (plan.pipelining) step = 'recipient';
        else next('recipient', recipients[0] as Buffer);
        return;
      case 'recipient': {
        const another = recipients[named];
        if (another) named += 1;
        if (plan.pipelining) step = another ? 'recipient' : 'data';
        else if (another) next('recipient', another);
        else next('data', data);
        return;
      }
      case 'data':
        step = 'content';
        contentSentAt = 0;
        return sendContent(socket, 0, () => {
          contentSentAt = performance.now();
        });
      case 'content':
        if (contentSentAt === 0) fail(`answered before the final dot: ${reply}`);
        accepted += 1;
        lastAccepted = performance.now();
        waits.push(lastAccepted - contentSentAt);
        return plan.keep ? message() : next('quit', quit);
      case 'quit':
        saidGoodbye = true;
        socket.end();
    }
  };

  // A reply is all lines up to the one with no '-' after its code (RFC 5321 section 4.2.1).
  const lines = () => {
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      const line = text.slice(0, end);
      text = text.length === end + 2 ? '' : text.slice(end + 2);
      if (line[3] !== '-') answered(line);
    }
  };
}

function finish(): void {
  if (accepted === 0) fail('no time to send anything');
  const usage = process.cpuUsage(cpuAtStart);
  const seconds = (lastAccepted - start) / 1000;
  const result: LoadResult = {
    accepted,
    perSecond: accepted / seconds,
    generatorShare: (usage.user + usage.system) / 1e6 / seconds,
    waits: { p50: percentile(waits, 50) ?? 0, p99: percentile(waits, 99) ?? 0 },
  };
  console.log(JSON.stringify(result));
}

for (let count = 0; count < sessions; count += 1) {
  session();
}
