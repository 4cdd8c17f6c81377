/** Bringing mail in through a running server: frames one way, a line of JSON for each mail the other way. */
import { Problem } from '../../core/errors.js';
import { answerLine, beginConversation, type Conversation, readAnswer } from '../../net/control.js';
import { encodeFrames, readFrames } from '../../net/frames.js';
import type { Bringing, Incoming, OldMail } from '../../server/import-writer.js';

/** `m` begins a mail (an OldMail as JSON), `d` is content, `e` its end, and `a` gives it up. */
type Kind = 'm' | 'd' | 'e' | 'a';

interface ImportQuestion {
  readonly command: 'import';
  readonly address: string;
}

/** Mails that wait for their answer; more are not read. */
const mostWaiting = 64;

/** The server's side: a conversation for the question of an import. */
export function importConversation(
  bring: (address: string) => Promise<Bringing>,
): (question: unknown) => Conversation | undefined {
  return (question) => {
    if (!isImport(question)) return undefined;
    return async (socket) => {
      const write = (line: string) => {
        if (!socket.destroyed) socket.write(line);
      };
      let bringing: Bringing | undefined;
      write(
        await answerLine(async () => {
          bringing = await bring(question.address);
          return { maxSize: bringing.maxSize };
        }),
      );
      if (bringing) await takeIn(bringing, readFrames(socket), write);
    };
  };
}

async function takeIn(
  bringing: Bringing,
  frames: ReturnType<typeof readFrames>,
  write: (line: string) => void,
): Promise<void> {
  let incoming: Incoming | undefined;
  /** Why the mail that is coming is not taken. */
  let fault: unknown;
  let answered: Promise<void> = Promise.resolve();
  const waiting: Promise<void>[] = [];
  const trying = async (work: () => unknown) => {
    if (fault !== undefined) return;
    try {
      await work();
    } catch (error) {
      incoming?.abort();
      fault = error;
    }
  };
  try {
    for await (const { kind, octets } of frames) {
      if (kind === 'm') {
        fault = undefined;
        await trying(async () => {
          incoming = await bringing.begin(JSON.parse(Buffer.from(octets).toString()) as OldMail);
        });
      } else if (kind === 'd') await trying(() => incoming?.write(octets));
      else if (kind === 'a') {
        incoming?.abort();
        incoming = undefined;
      } else {
        const [mail, failed] = [incoming, fault];
        incoming = undefined;
        const line = answerLine(async () => {
          if (failed !== undefined) throw failed;
          await mail?.commit();
        });
        answered = answered.then(async () => write(await line));
        waiting.push(answered);
        if (waiting.length >= mostWaiting) await waiting.shift();
      }
    }
  } finally {
    incoming?.abort();
    await answered;
  }
}

function isImport(question: unknown): question is ImportQuestion {
  return (
    typeof question === 'object' &&
    question !== null &&
    Reflect.get(question, 'command') === 'import' &&
    typeof Reflect.get(question, 'address') === 'string'
  );
}

/** The other side. `close` when all answers have come. */
export async function bringThrough(control: string, address: string): Promise<Bringing & { close(): void }> {
  const question: ImportQuestion = { command: 'import', address };
  const socket = await beginConversation(control, question);
  const gone = new Problem('later', 'the running server ended before it answered; go on when it runs again');
  socket.on('error', () => socket.destroy());
  const next = answers(socket, gone);
  const { maxSize } = (await next()) as { maxSize: number };
  const send = async (kind: Kind, octets: Uint8Array = new Uint8Array(0)) => {
    let isFull = false;
    for (const piece of encodeFrames(kind, octets)) isFull = !socket.write(Uint8Array.from(piece)) || isFull;
    if (socket.destroyed) throw gone;
    if (isFull && socket.writableNeedDrain)
      await new Promise<void>((resolve) => {
        const done = () => {
          socket.off('drain', done).off('close', done);
          resolve();
        };
        socket.once('drain', done).once('close', done);
      });
  };
  return {
    maxSize,
    async begin(mail) {
      await send('m', Buffer.from(JSON.stringify(mail)));
      return {
        write: (bytes) => send('d', bytes),
        async commit() {
          // Answers come in the order of the ends.
          const answer = next();
          answer.catch(() => undefined);
          await send('e');
          await answer;
        },
        abort: () => void send('a').catch(() => undefined),
      };
    },
    close: () => socket.destroy(),
  };
}

/** The answers in order: each call waits for the next line. */
function answers(
  socket: Awaited<ReturnType<typeof beginConversation>>,
  gone: Problem,
): () => Promise<unknown> {
  const lines: string[] = [];
  const askers: { resolve(line: string): void; reject(error: Error): void }[] = [];
  let rest = '';
  let isOver = false;
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() as string;
    for (const line of parts) {
      const asker = askers.shift();
      if (asker) asker.resolve(line);
      else lines.push(line);
    }
  });
  socket.on('close', () => {
    isOver = true;
    for (const asker of askers.splice(0)) asker.reject(gone);
  });
  return async () => {
    const line = lines.shift();
    if (line !== undefined) return readAnswer(line);
    if (isOver) throw gone;
    return readAnswer(await new Promise<string>((resolve, reject) => askers.push({ resolve, reject })));
  };
}
