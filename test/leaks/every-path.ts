/** Every path that mail and commands can take through the program, with secrets in every place that a client fills. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from '../support/installation.js';
import type { Server } from '../support/server.js';
import { assert } from '../support/suite.js';
import { Wire } from '../support/wire.js';
import * as secret from './secrets.js';

const [wilhelmine, bartholomaeus] = secret.recipients as [string, string];
export const maxSize = 400_000;

/** A mail with a secret in every place where a reader would look for one. */
function content(words: string, more = ''): Buffer {
  const lines = [
    `From: "${secret.fromName}" <${secret.sender}>`,
    `To: ${secret.toName} <${wilhelmine}>`,
    `Subject: ${secret.subject}`,
    `Message-ID: <${secret.messageId}>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=part',
    ...(more === '' ? [] : [more]),
    '',
    '--part',
    '',
    words,
    secret.umlauts,
    '--part',
    `Content-Disposition: attachment; filename="${secret.attachmentName}"`,
    '',
    ...Array.from({ length: 2000 }, () => secret.attachmentWords),
    '--part--',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

const mail = { from: secret.sender, to: [wilhelmine] };

/** Takes all paths, with a server that is killed and one after it. `look` is called at moments worth a thief's visit. */
export async function everyPath(made: Installation, servers: Server[], look: Look): Promise<void> {
  const first = await made.serve('--debug', '--max-size', String(maxSize));
  servers.push(first);
  const replies: string[] = [];
  await accepted(first, replies);
  await refused(first);
  await brokenOff(first);
  await commands(made, first, replies);
  look('while it serves', replies);

  const dying = await client(first);
  await begin(dying);
  await dying.send(content(secret.killedBody));
  await new Promise((done) => setTimeout(done, 100));
  look('in the middle of content', replies);
  await first.kill();
  await dying.closed;
  look('after kill -9', replies);

  const second = await made.serve('--debug', '--max-size', String(maxSize), '--workers', '2');
  servers.push(second);
  await accepted(second, replies);
  look('while two workers serve', replies);
  assert.equal(await second.stop(), { code: 0, signal: null });
  await without(made);
  look('after the end', replies);
}

type Look = (moment: string, replies: readonly string[]) => void;

async function client(server: Server, name = secret.hello): Promise<Wire> {
  const wire = await Wire.to({ port: server.port, host: '127.0.0.1', localAddress: secret.clientAddress });
  await wire.hello(name);
  return wire;
}

async function begin(wire: Wire): Promise<void> {
  wire.must(await wire.command(`MAIL FROM:<${secret.sender}>`), '250');
  wire.must(await wire.command(`RCPT TO:<${wilhelmine}>`), '250');
  wire.must(await wire.command('DATA'), '354');
}

async function accepted(server: Server, replies: string[]): Promise<void> {
  const wire = await client(server);
  const huge = Array.from({ length: 4000 }, () => `\t${secret.hugeHeaderWord}`).join('\r\n');
  for (const one of [
    { ...mail, content: content(secret.body) },
    { ...mail, to: [wilhelmine, bartholomaeus], content: content(secret.body) },
    { from: '', to: [bartholomaeus], content: content(secret.body) },
    { ...mail, content: content(secret.body, `${secret.hugeHeaderField}: x\r\n${huge}`) },
    { ...mail, content: Buffer.from(`Subject: ${`${secret.subject} `.repeat(900)}\r\n\r\n`) },
  ])
    replies.push(wire.must(await wire.deliver(one), '250'));
  await wire.quit();
}

async function refused(server: Server): Promise<void> {
  const wire = await client(server);
  const must = async (code: string, reply: Promise<string>) => wire.must(await reply, code);
  const unwanted = content(secret.refusedBody);
  await must('550', wire.deliver({ ...mail, to: [secret.unknownRecipient], content: unwanted }));
  await must('250', wire.command('RSET'));
  await must('552', wire.command(`MAIL FROM:<${secret.otherSender}> SIZE=99999999`));
  const tooLarge = Buffer.concat(Array.from({ length: 12 }, () => unwanted));
  await must('552', wire.deliver({ ...mail, content: tooLarge }));
  const bare = Buffer.from(unwanted.toString().replace('\r\n\r\n', '\n\n'));
  await must('550', wire.deliver({ ...mail, content: bare }));
  await must('50', wire.command(`MAIL FROM:${secret.otherSender} ${secret.hello}`));
  await must('250', wire.command(`MAIL FROM:<${secret.otherSender}>`));
  await must('50', wire.command(`RCPT TO:<${secret.badRecipient}>`));
  await must('555', wire.command(`RCPT TO:<${wilhelmine}> NOTIFY=${secret.sender}`));
  await must('503', wire.command('DATA'));
  await must('252', wire.command(`VRFY ${secret.unknownRecipient}`));
  await must('50', wire.command(`EXPN ${secret.unknownRecipient}`));
  await must('50', wire.command(`AUTH PLAIN ${Buffer.from(secret.sender).toString('base64')}`));
  await must('50', wire.command(secret.wrongCommand));
  await must('50', wire.command(`${secret.wrongCommand} ${'x'.repeat(3000)}`));
  await must('50', wire.command(`\xfc${secret.wrongCommand}\0`));
  await must('25', wire.command(`NOOP ${secret.sender}`));
  await must('250', wire.command(`HELO ${secret.otherHello}`));
  await wire.quit();
  for (const line of [
    `PROXY TCP4 ${secret.clientAddress} ${secret.clientAddress} 25 25`,
    `POST /${secret.sender} HTTP/1.1\r\nHost: ${secret.hello}`,
  ]) {
    const other = await Wire.to(server.port);
    assert.match(await other.command(line), /^421 /);
    await other.abandon();
  }
}

async function brokenOff(server: Server): Promise<void> {
  for (const [how, words] of [
    ['close', secret.abortedBody],
    ['reset', secret.resetBody],
  ] as const) {
    const wire = await client(server, secret.otherHello);
    await begin(wire);
    await wire.send(content(words));
    await new Promise((done) => setTimeout(done, 50));
    await wire.abandon(how);
  }
  const inCommand = await client(server);
  await inCommand.send(`MAIL FROM:<${secret.otherSender}`);
  await inCommand.abandon('reset');
}

/** Administration through the control socket, and the commands of a reader, right and wrong. */
async function commands(made: Installation, server: Server, replies: string[]): Promise<void> {
  const names = secret.recipients.map((address) => address.replace(/@.*/, ''));
  const [, other] = names as [string, string];
  const key = ['--key', `${other}.pub`, '--label', secret.label];
  await made.must('register', secret.registeredLater, ...key, '--until', '2031-01-01');
  await made.must('register', secret.catchAll, ...key);
  const wire = await client(server);
  for (const to of [secret.registeredLater, secret.caught])
    replies.push(wire.must(await wire.deliver({ ...mail, to: [to], content: content(secret.body) }), '250'));
  await wire.quit();
  const [registered, wrong, none, list] = await Promise.all([
    made.must('registered', secret.registeredLater),
    made.run('register', secret.badRecipient, ...key),
    made.run('revoke', secret.typedByMistake),
    made.must('list', '--identity', other),
  ]);
  assert.match(registered, secret.label);
  assert.is(wrong.code, 2);
  assert.is(none.code, 3);
  assert.match(list, secret.fromName);
  const rotated = await made.bare(
    ...['key', 'rotate', secret.registeredLater, '--identity', other, '--data', made.data],
  );
  assert.is(rotated.code, 0, rotated.stderr);
  // Its owner's files, which lie beside the data here.
  const [, before] = /^before (\S+)$/m.exec(rotated.stdout.toString()) as RegExpExecArray;
  await rm(made.identity(`${other}.${before}.pub`));
  await made.must('revoke', secret.registeredLater);
  await broughtIn(made);
}

/** Old mail is brought in, from a file that is gone again. */
async function broughtIn(made: Installation): Promise<void> {
  const file = join(made.folder, 'old.eml');
  await writeFile(file, content(secret.body));
  await made.must('import', file, '--format', 'eml', '--address', wilhelmine);
  await rm(file);
}

/** The same commands while no server runs. */
async function without(made: Installation): Promise<void> {
  const [name] = (secret.recipients[0] as string).split('@') as [string];
  await made.must('register', secret.registeredLater, '--key', `${name}.pub`, '--label', secret.label);
  await made.must('revoke', secret.registeredLater);
  await broughtIn(made);
  await Promise.all([
    made.must('registered', secret.catchAll),
    made.must('verify', '--identity', name),
    made.run('registered', secret.typedByMistake),
    made.run('read', secret.typedByMistake, '--identity', name),
  ]);
}
