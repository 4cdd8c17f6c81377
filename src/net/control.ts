/** Control socket: one question and one answer a connection, each a line of JSON, between programs of one data directory. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Problem, type ProblemKind } from '../core/errors.js';

/** sockaddr_un holds 108 octets, one of them a NUL. */
const maxPathOctets = 107;
/** Lists of addresses come in one line, with their keys. */
const maxLineOctets = 64_000_000;
/** A long list of addresses takes some seconds. */
const answerWithin = 300_000;
/** A question is one line of a program on the same machine. */
const askWithin = 5_000;

type Answer = { readonly ok: unknown } | { readonly kind: ProblemKind; readonly message: string };

/** What a question begins, if it is not answered by one line: the two go on talking, and the socket is closed behind it. */
export type Conversation = (socket: Socket) => Promise<void>;

/** Serves questions at a unix socket (its folder decides who may ask). A handler's Problem reaches the asker whole. */
export async function serveControl(
  path: string,
  handle: (question: unknown) => Promise<unknown>,
  converse: (question: unknown) => Conversation | undefined = () => undefined,
): Promise<{ close(): Promise<void> }> {
  checkControlPath(path);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const pieces: Buffer[] = [];
    let octets = 0;
    sockets.add(socket);
    // Not an idle time: a client that sends an octet now and then must not keep the place.
    const tooLate = setTimeout(() => socket.destroy(), askWithin);
    socket.on('close', () => {
      clearTimeout(tooLate);
      sockets.delete(socket);
    });
    socket.setTimeout(answerWithin, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (piece: Buffer) => {
      pieces.push(piece);
      octets += piece.length;
      if (octets > maxLineOctets) return socket.destroy();
      if (!piece.includes('\n')) return;
      socket.removeAllListeners('data');
      socket.pause();
      clearTimeout(tooLate);
      const whole = Buffer.concat(pieces);
      const end = whole.indexOf('\n');
      const line = whole.toString('utf8', 0, end);
      const conversation = conversationOf(line, converse);
      if (conversation) {
        socket.unshift(whole.subarray(end + 1));
        void conversation(socket).then(
          () => socket.end(),
          () => socket.destroy(),
        );
      } else void answer(line, handle).then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { close };
}

/** Asks the process that serves the socket. Throws its Problem, or a Problem of kind "later" if nobody answers. */
export async function askControl(path: string, question: unknown): Promise<unknown> {
  checkControlPath(path);
  const text = await new Promise<string>((resolve, reject) => {
    let line = '';
    const socket = connect(path, () => socket.write(`${JSON.stringify(question)}\n`));
    socket.setEncoding('utf8');
    socket.setTimeout(answerWithin, () => socket.destroy(new Error('timed out')));
    socket.on('data', (piece: string) => {
      line += piece;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(line));
  }).catch((error: NodeJS.ErrnoException) => {
    throw new Problem(
      'later',
      `${path}: the running server does not answer (${error.code ?? error.message}); try again`,
    );
  });
  if (!text.endsWith('\n'))
    throw new Problem('later', `${path}: the running server ended before it answered; try again`);
  return readAnswer(text);
}

/** Begins a conversation by a question. What is written and read on the socket is up to the two. */
export async function beginConversation(path: string, question: unknown): Promise<Socket> {
  checkControlPath(path);
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  }).catch((error: NodeJS.ErrnoException) => {
    throw new Problem(
      'later',
      `${path}: the running server does not answer (${error.code ?? error.message}); try again`,
    );
  });
  socket.write(`${JSON.stringify(question)}\n`);
  return socket;
}

/** What `serveControl` would answer with, as a line: for conversations that answer more than once. */
export async function answerLine(work: () => Promise<unknown>): Promise<string> {
  return `${JSON.stringify(await attempt(work))}\n`;
}

/** What a line that was answered says. Throws its Problem. */
export function readAnswer(line: string): unknown {
  const answer = JSON.parse(line) as Answer;
  if ('ok' in answer) return answer.ok;
  throw new Problem(answer.kind, answer.message);
}

/** Whether a process serves the socket at this moment. */
export function answersControl(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function conversationOf(
  line: string,
  converse: (question: unknown) => Conversation | undefined,
): Conversation | undefined {
  try {
    return converse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function answer(line: string, handle: (question: unknown) => Promise<unknown>): Promise<Answer> {
  return attempt(async () => handle(JSON.parse(line)));
}

async function attempt(work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { ok: (await work()) ?? null };
  } catch (error) {
    if (error instanceof Problem) return { kind: error.kind, message: error.message };
    return { kind: 'failure', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Throws a Problem if a path is too long for a socket. */
export function checkControlPath(path: string): void {
  const octets = Buffer.byteLength(path);
  if (octets > maxPathOctets)
    throw new Problem(
      'usage',
      `${path}: ${octets} octets are too long for a socket (${maxPathOctets} at most): choose a shorter --data DIR`,
    );
}
