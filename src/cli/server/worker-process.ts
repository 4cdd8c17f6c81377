/** A worker as a process of its own: started by the first process of a server, and gone as soon as that is. */
import type { Incoming } from '../../server/import-writer.js';
import { takeSharedLock } from '../../sqlite/process-lock.js';
import { dataDirectory, openDataRegistry } from '../data/data-directory.js';
import { sayFaults } from '../log/faults.js';
import { type Log, logTo } from '../log/log.js';
import { hasAddressLimits } from './address-limit-file.js';
import { watchAddressRules } from './address-rules-file.js';
import { lanesPlace } from './open-lane.js';
import { type Counted, type OwnWorker, type RereadableWords, startWorker } from './worker.js';
import { type FromWorker, faultOf, type Question, type ToWorker, type WorkerPlan } from './worker-channel.js';

/** Counts go to the other workers so often. */
const countedMilliseconds = 100;

const data = dataDirectory(process.argv[2], process.argv[3]);

sayFaults(logTo());
// Whoever stops a server may send the signal to all its processes; the first one says what is to be done.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
// Nothing is drained: nobody is left to say for how long, and a next server may wait for the lock.
process.on('disconnect', () => process.exit(0));

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Old mails that are under way. */
const brought = new Map<number, Incoming>();
let began: Promise<OwnWorker> | undefined;

async function begin(plan: WorkerPlan): Promise<OwnWorker> {
  const log: Log = (code, fields) => send({ news: 'said', code, fields });
  const aloud: Log = plan.speaks ? log : () => undefined;
  const rules = await watchAddressRules(data.addressRules, () => undefined);
  const registry = await openDataRegistry(data, () => rules.value, { isReadOnly: true });
  const mails: Counted[] = [];
  let hasLimits = hasAddressLimits(plan.words.addressLimits);
  const onCounted = (counted: Counted) => {
    if (!hasLimits) return;
    if (mails.length === 0)
      setTimeout(() => send({ news: 'counted', mails: mails.splice(0) }), countedMilliseconds);
    mails.push(counted);
  };
  const worker = await startWorker({
    data,
    at: lanesPlace(data, plan.journal),
    lane: plan.lane,
    registry,
    listen: plan.listen,
    words: plan.words,
    certificates: plan.certificates,
    workers: plan.workers,
    had: plan.had,
    log: aloud,
    onChanged: () => log('journal-changed'),
    onEvent: (event, times) => send({ news: 'event', event, times }),
    onStep: log,
    onTrouble: (trouble) => send({ news: 'trouble', trouble }),
    onSegment: (segment) => send({ news: 'segment', segment }),
    onCounted,
  });
  rules.onChange(() => void worker.keys.changed());
  const reload = async (words: RereadableWords) => {
    hasLimits = hasAddressLimits(words.addressLimits);
    await Promise.all([rules.again(), worker.reload(words)]);
  };
  return { ...worker, reload };
}

async function answer(question: Question): Promise<unknown> {
  if (question.ask === 'begin') {
    began = begin(question.plan);
    return (await began).addresses;
  }
  // Whatever was changed is true before it begins, and it writes nothing yet.
  if (!began && (question.ask === 'tell' || question.ask.startsWith('bring'))) throw new Error('not begun');
  if (!began) return undefined;
  const worker = await began;
  switch (question.ask) {
    case 'changed':
      return worker.keys.changed();
    case 'opened':
    case 'dropped':
      return worker.keys[question.ask](question.keys);
    case 'tell':
      return worker.tell(question.changes);
    case 'open':
      return worker.open();
    case 'erase':
      return worker.erase(question.segment, question.cells);
    case 'bring':
      return (await worker.bring(question.address)).maxSize;
    case 'bringMail':
      brought.set(question.mail, await (await worker.bring(question.address)).begin(question.known));
      return;
    case 'bringContent':
      return brought.get(question.mail)?.write(question.octets);
    case 'bringEnd': {
      const mail = brought.get(question.mail);
      brought.delete(question.mail);
      return question.isWhole ? mail?.commit() : mail?.abort();
    }
    case 'soFar':
      return worker.soFar();
    case 'reload':
      return worker.reload(question.words);
    case 'look':
      return worker.look();
    case 'stop':
      return worker.stop(question.within);
    case 'close':
      return worker.close();
  }
}

process.on('message', (message: ToWorker) => {
  if ('ask' in message)
    void answer(message).then(
      (value) => send({ answers: message.number, value }),
      (error: unknown) => send({ answers: message.number, fault: faultOf(error) }),
    );
  else
    void began?.then((worker) => {
      if (message.word === 'certificates') worker.certify(message.pairs);
      else for (const counted of message.mails) worker.counted(counted);
    }, ignore);
});

function ignore(): void {}

// Held until the process ends: whoever starts the next server waits for it.
if (takeSharedLock(data.workersLock)) send({ news: 'locked' });
else process.exit(75);
