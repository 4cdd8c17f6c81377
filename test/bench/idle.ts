/**
 * What idle connections cost: 20 working sessions alone, and beside 5 000 that said hello and nothing more.
 *
 *   node dist/test/bench/idle.js [--connections 5000] [--seconds 5]
 *
 * The idle ones are held by a process of their own. Needs twice as many descriptors as connections.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { startChild } from './child.js';
import { ownLoad } from './load.js';
import { benchRecipient } from './peer.js';
import { obalkaWith } from './peers/obalka.js';
import { residentMiB } from './proc.js';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '5' },
    hold: { type: 'string' },
  },
});
const connections = Number(values.connections);

if (values.hold === undefined) await measure();
else await hold(Number(values.hold));

/** Opens the connections, fifty at a time, and keeps them. */
async function hold(port: number): Promise<void> {
  let open = 0;
  const next = async () => {
    while (open < connections) {
      open++;
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'data');
      socket.write('EHLO idle.example\r\n');
      await once(socket, 'data');
    }
  };
  await Promise.all(Array.from({ length: 50 }, next));
  console.log('holding');
}

async function measure(): Promise<void> {
  const room = `${connections + 100}`;
  const caps = ['--set', `connections=${room}`, '--set', `connectionsPerNetwork=${room}`];
  const server = await obalkaWith(...caps).start({ maxSize: 1_000_000 });
  const work = async () => {
    const plan = { port: server.port, sessions: 20, size: 5120, messages: 1e9, keep: true, pipelining: true };
    const seconds = Number(values.seconds);
    const { perSecond } = await ownLoad({ ...plan, seconds, from: 'a@example.net', to: benchRecipient });
    return Math.round(perSecond);
  };
  await work();
  const alone = await work();
  const before = residentMiB(server.pid).now;
  const holder = startChild(process.execPath, [
    import.meta.filename,
    ...['--hold', `${server.port}`, '--connections', `${connections}`],
  ]);
  while (!holder.stdout().includes('holding')) {
    holder.check();
    await new Promise((done) => setTimeout(done, 50));
  }
  const each = ((residentMiB(server.pid).now - before) * 1024) / connections;
  const beside = await work();
  await holder.stop();
  await server.stop();
  console.log(`20 working sessions alone: ${alone} messages a second`);
  console.log(`beside ${connections} idle ones: ${beside}, ${(beside / alone).toFixed(2)} of it`);
  console.log(`resident memory for each idle connection: ${each.toFixed(1)} KiB`);
}
