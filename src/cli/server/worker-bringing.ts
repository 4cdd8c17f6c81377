/** Bringing old mail to a worker: the first process hands on what comes through the control socket. */
import type { Bringing } from '../../server/import-writer.js';
import { type Question, toProblem, type WorkerChannel } from './worker-channel.js';

let number = 0;

/** Throws a Problem if the address is none, or nobody could open its mail. */
export async function bringThrough(channel: WorkerChannel, address: string): Promise<Bringing> {
  const ask = (question: Question) => channel.ask(question).catch(toProblem);
  const maxSize = (await ask({ ask: 'bring', address })) as number;
  return {
    maxSize,
    async begin(known) {
      const mail = number++;
      await ask({ ask: 'bringMail', mail, address, known });
      return {
        async write(octets) {
          await ask({ ask: 'bringContent', mail, octets });
        },
        async commit() {
          await ask({ ask: 'bringEnd', mail, isWhole: true });
        },
        abort: () => void ask({ ask: 'bringEnd', mail, isWhole: false }).catch(() => undefined),
      };
    },
  };
}
