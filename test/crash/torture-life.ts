/** One life of a server in the torture: it starts, is loaded, meets its fault, and ends; then its journal is looked at. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { administer } from '../../src/cli/data/administer.js';
import { dataDirectory } from '../../src/cli/data/data-directory.js';
import { identityOf } from '../../src/seal/keys.js';
import { bytesFrom } from '../support/chance.js';
import type { Installation } from '../support/installation.js';
import type { Server } from '../support/server.js';
import type { Load } from './load.js';
import type { Phase } from './load-mail.js';
import type { Numbers } from './numbers.js';
import type { Fault, LanePaths } from './torture-fault.js';

/** So many mails are acknowledged before a kill that is made by hand, and after a fault that the server outlives. */
const acknowledgedBefore = 20;
const sessions = 20;
/** A fault that has not come by then does not come. */
const mostMilliseconds = 1500;
/** A server that nothing is done to takes mail before this, however busy the machine. */
const mostWithoutFault = 20_000;
/** Erasing gathers orders for some seconds before it writes. */
const mostErasingMilliseconds = 9000;
/** Milliseconds between the mails of a session while erasing is waited for. */
const erasingPace = 200;
/** Some segments begin and end in this time if weeks are short. */
const rotatingMilliseconds = 600;
const clockModule = resolve(import.meta.dirname, 'shifting-clock.js');

export interface LifePlan {
  readonly made: Installation;
  readonly load: Load;
  readonly fault: Fault;
  readonly numbers: Numbers;
  /** Erases some mail, if the fault wants it; resolves when the command has ended. */
  readonly erase: () => Promise<void>;
}

export interface Life {
  /** What was counted as a fault: that of the plan if it came, and the kill at the end if there was one. */
  readonly fired: readonly ('injected' | 'killed' | 'limited')[];
  /** What sessions were about when the server went away. */
  readonly phases: readonly Phase[];
  /** What the server did that none should; empty if all is well. */
  readonly failures: readonly string[];
  /** Whether it refused to start: something that it needs could not be read or synced. */
  readonly isRefused: boolean;
}

/** The lane of a journal, and the number of its next segment; undefined before the first server. */
export function findLane(made: Installation): LanePaths | undefined {
  const journal = join(made.data, 'journal');
  const name = readdirSync(journal).find((one) => /^lane-[0-9a-f]{32}$/.test(one));
  if (name === undefined) return undefined;
  const folder = join(journal, name);
  const numbers = readdirSync(folder).flatMap((one) => /^segment-(\d+)$/.exec(one)?.[1] ?? []);
  return { folder, next: 1 + Math.max(-1, ...numbers.map(Number)) };
}

export async function live(plan: LifePlan): Promise<Life> {
  const { made, load, fault, numbers } = plan;
  const trace = join(made.folder, 'trace');
  rmSync(trace, { force: true });
  const server = start(made, fault, trace);
  const failures: string[] = [];
  const fired: ('injected' | 'killed' | 'limited')[] = [];
  const wasInjected = () => fault.injection !== undefined && hasFired(trace);
  const isListening = await server.listening().then(
    () => true,
    () => false,
  );
  let phases: Phase[] = [];
  let end = { code: null as number | null, signal: null as NodeJS.Signals | null };
  if (isListening) {
    const before = load.acknowledged;
    const enough = () => load.acknowledged - before >= acknowledgedBefore;
    const isErasing = fault.also === 'erase';
    load.pace = isErasing ? erasingPace : 0;
    load.start(server.port, sessions);
    let isDone = false;
    const others = alsoDo(plan, server, failures).finally(() => {
      isDone = true;
    });
    const until = Date.now() + (isErasing ? mostErasingMilliseconds : mostMilliseconds);
    const isErased = () => isDone || (!fault.injection && hasBegunErasing(made));
    const isMet = () => fault.sign === undefined || server.stderr.includes(fault.sign);
    const rotated = Date.now() + (fault.clock !== undefined && !fault.injection ? rotatingMilliseconds : 0);
    const isWaitedFor = () =>
      !enough() ||
      !isMet() ||
      Date.now() < rotated ||
      (isErasing ? !isErased() && !wasInjected() : fault.injection !== undefined && !wasInjected());
    while (!load.isDisturbed && Date.now() < until && isWaitedFor()) await wait(2);
    if (!fault.injection)
      while (!load.isDisturbed && Date.now() < until + mostWithoutFault && !enough()) await wait(2);
    // It is to come while the first one lives.
    if (fault.also === 'second server') await others;
    const isOutlived = !load.isDisturbed && wasInjected();
    if (isOutlived) await outlive(load);
    else if (fault.killIn === undefined) await wait(numbers.below(isErasing ? 6 : 60));
    else await untilPhase(load, fault.killIn);
    // A last disturbance, unless the fault was the end.
    const isKilledByHand = !load.isDisturbed;
    const isStopped = isKilledByHand && isOutlived && numbers.below(3) === 0;
    if (isKill(fault) ? !isKilledByHand : wasInjected()) fired.push('injected');
    if (isKilledByHand) end = await (isStopped ? server.stop() : server.kill());
    // Sessions end with the server, or because it said what it should not.
    else end = await Promise.race([server.ended, wait(2000).then(() => server.kill())]);
    phases = await load.ended().catch((error: Error) => {
      failures.push(error.message);
      return [];
    });
    await others;
    if (fault.limits !== undefined && isMet()) fired.push('limited');
    if (isKilledByHand && !isStopped) fired.push('killed');
    if (isStopped && end.code !== 0) failures.push(`asked to end, it ended with ${JSON.stringify(end)}`);
    // Whatever it runs in tells of the signal in its own way.
    const isKilled = end.signal === 'SIGKILL' || (isKilledByHand && fault.within !== undefined);
    if (!isStopped && !isKilled) failures.push(`it ended by itself: ${JSON.stringify(end)}`);
  } else {
    end = await server.ended;
    if (wasInjected()) fired.push('injected');
    else failures.push(`it did not start: ${JSON.stringify(end)}`);
  }
  if (!/^((obalka|unshare): [^\n]*\n)*$/.test(server.stderr))
    failures.push('it said what no operator understands');
  if (failures.length > 0) failures.push(server.stderr);
  return { fired, phases, failures, isRefused: !isListening };
}

function start(made: Installation, fault: Fault, trace: string): Server {
  const { environment } = made;
  for (const name of ['NODE_OPTIONS', 'SHIFTING_CLOCK', 'UV_THREADPOOL_SIZE', 'UV_USE_IO_URING'])
    delete environment[name];
  if (fault.clock !== undefined) {
    environment.NODE_OPTIONS = `--import=file://${clockModule}`;
    environment.SHIFTING_CLOCK = fault.clock;
  }
  if (fault.limits !== undefined)
    return made.startShell(
      `${fault.limits}; exec "$NODE" "$OBALKA" serve --listen 127.0.0.1:0 --data "${made.data}"`,
    );
  if (!fault.injection) return made.start(fault.within ?? []);
  // One thread does all file work, so that strace, which counts by thread, counts all of it.
  environment.UV_THREADPOOL_SIZE = '1';
  environment.UV_USE_IO_URING = '0';
  const { calls, how, paths } = fault.injection;
  // Quick, and deaf to the end of a call, at which a signal would be sent.
  const quick = isKill(fault) ? [] : ['--seccomp-bpf'];
  const on = paths.flatMap((path) => ['-P', path]);
  const options = ['-f', ...quick, '-qq', '-s', '8', '-o', trace, ...on];
  return made.start(['strace', ...options, '-e', `trace=${calls}`, '-e', `inject=${calls}:${how}`]);
}

function isKill({ injection }: Fault): boolean {
  return injection?.how.startsWith('signal=KILL') === true;
}

/** Whether the trace shows what was injected. */
function hasFired(trace: string): boolean {
  return existsSync(trace) && /\((INJECTED|DELAYED)\)|killed by SIGKILL/.test(readFileSync(trace, 'latin1'));
}

/** A fault that left the server alive: it must go on as soon as it can. */
async function outlive(load: Load): Promise<void> {
  const enough = load.acknowledged + acknowledgedBefore;
  const until = Date.now() + 400;
  while (!load.isDisturbed && Date.now() < until && load.acknowledged < enough) await wait(2);
}

/** Whether what is to be erased is written down, or being written down. */
function hasBegunErasing(made: Installation): boolean {
  return ['erasing', 'erasing.unfinished'].some((name) => existsSync(join(made.data, 'journal', name)));
}

async function untilPhase(load: Load, phase: Phase): Promise<void> {
  const until = Date.now() + 1000;
  while (!load.isDisturbed && Date.now() < until) {
    if (load.phases.filter((one) => one === phase).length >= 4) return;
    await new Promise((done) => setImmediate(done));
  }
}

async function alsoDo({ made, fault, erase }: LifePlan, server: Server, failures: string[]): Promise<void> {
  if (fault.also === 'erase') await erase();
  if (fault.also === 'second server') {
    const second = made.start(fault.within ?? []);
    const end = await second.ended;
    if (end.code !== 1 || !second.stderr.includes('another obalka uses this data directory'))
      failures.push(`a second server ended with ${JSON.stringify(end)}: ${second.stderr}`);
  }
  if (fault.also === 'registrations')
    for (let count = 0; count < 6; count++) {
      const key = Buffer.from(identityOf(bytesFrom(`key ${count} of ${server.port}`, 32)).publicKey);
      const question = { address: `new-${count}@example.org`, key: key.toString('hex'), details: {} };
      // The server may be gone, or its segment.
      await administer(dataDirectory(made.data), { command: 'register', ...question }).catch(() => undefined);
    }
  if (fault.also === 'idle connections') {
    const idle: Socket[] = [];
    for (let count = 0; count < 120; count++)
      idle.push(connect({ port: server.port, host: '127.0.0.1' }).on('error', () => undefined));
    await server.ended;
    for (const socket of idle) socket.destroy();
  }
}
