/** Every command, as a line of shell that works in an installation with one mail: what holds for all is tried on each. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import { assert } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const attachment = 'Content-Disposition: attachment; filename="a.txt"\r\n\r\nattached\r\n';
const content = Buffer.from(
  `Subject: One for all\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\n${attachment}--x--\r\n`,
);

/** Commands that print data, and those that only change something; words after "obalka", ID for the id of the mail. */
export const printing: readonly string[] = [
  '--help',
  '--version',
  'key new key-$RANDOM$RANDOM',
  'key public ann',
  'key list',
  'key backup ann --force',
  'registered ann@example.org',
  'registered --list list.csv',
  'register --list list.csv --dry-run',
  'list',
  'list --json',
  'read ID',
  'read ID --raw',
  'read ID --json',
  'search hello',
  'count',
  'watch --all --once',
  'export --format mbox --to -',
  'save ID',
  'verify',
  'restore "$OBALKA_DATA" --dry-run',
  'config show',
  'config example',
  'dns example.org --ipv4 192.0.2.1',
  'service',
  'completion bash',
  'man list',
];

export const changing: readonly string[] = [
  'key new key-$RANDOM$RANDOM',
  'init',
  'register bob@example.org --key ann.pub',
  'alias team@example.org ann@example.org',
  'revoke team@example.org',
  'save ID',
  'search hello',
  'list',
  'mark ID --unread',
  'export --format maildir --to box',
  'watch --all --once --state seen',
  'import mail.eml --format eml --address ann@example.org',
  'restore "$OBALKA_DATA"',
  'retain --older-than 90d',
  'service --to made',
  'erase ID',
];

/** Commands of which no line above can be tried so, and why. */
export const elsewhere: Readonly<Record<string, string>> = {
  'key passphrase': 'asks at a terminal',
  'key restore': 'asks at a terminal',
  'key verify-backup': 'asks at a terminal',
  'config check': 'prints nothing where nothing is wrong',
  'key rotate': 'has a test of its own',
  serve: 'runs until a signal',
  doctor: 'its exit code says how the machine is',
  demo: 'starts all the others',
};

/** Runs with one mail, and gives a function that makes a line of shell from one above. */
export async function withOneMail(
  use: (made: Installation, line: (words: string) => string) => Promise<void>,
): Promise<void> {
  await within(Installation.with('ann@example.org'), async (made) => {
    const server = await made.serve();
    const wire = await Wire.to(server.port);
    await wire.hello();
    wire.must(await wire.deliver({ from: '', to: ['ann@example.org'], content }), '250');
    await wire.quit();
    assert.is((await server.stop()).code, 0);
    Object.assign(made.environment, { OBALKA_DATA: made.data, OBALKA_IDENTITY: made.identity('ann') });
    writeFileSync(join(made.folder, 'mail.eml'), content);
    writeFileSync(
      join(made.folder, 'list.csv'),
      'address,key\nann@example.org,ann.pub\nbob@example.org,ann.pub\n',
    );
    const { id } = JSON.parse((await made.bare('list', '--json')).stdout.toString()) as { id: string };
    await use(made, (words) => `"$NODE" "$OBALKA" ${words.replace(/\bID\b/, id)}`);
  });
}
