/** obalka doctor: what stands in the way of a server, or could be better, and the lines that mend it. */
import type { Command } from 'commander';
import { systemNames } from '../../net/names.js';
import { fetchPolicy } from '../../net/sts-policy.js';
import { visibleJson } from '../../reader/visible.js';
import { configurationInUse } from '../config/in-use.js';
import type { Given } from '../config/setting.js';
import type { Key } from '../config/settings.js';
import { settle } from '../config/settled.js';
import { dataDirectory } from '../data/data-directory.js';
import { domainNamed } from '../doctor/domain-name.js';
import { examine } from '../doctor/examine.js';
import { findingLines, type Level } from '../doctor/finding.js';
import { thisMachine } from '../doctor/this-machine.js';
import { settingOptions } from '../server/serve-options.js';
import { counted } from '../terminal/counted.js';
import { inform, print } from '../terminal/output.js';

interface DoctorOptions extends Given {
  readonly data?: string;
  readonly pepper?: string;
  readonly json?: true;
}

/** Settings of the server that it looks at, which may be said as `serve` is told them. */
const asked = new Set<Key>([
  'data',
  'pepper',
  'serve.listen',
  'serve.hostname',
  'serve.certificates',
  'serve.user',
]);

export function doctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .argument('[DOMAIN]', 'a domain whose mail comes here: what DNS says of it is looked at too')
    .description('look at machine, data and DNS, and print what is wrong with the lines that mend it')
    .option('--json', 'one JSON object a line');
  settingOptions(command, (key) => asked.has(key));
  command.action(doctor);
}

async function doctor(domain: string | undefined, options: DoctorOptions): Promise<void> {
  const name = domain === undefined ? undefined : domainNamed(domain);
  const file = configurationInUse();
  const levels: Record<Level, number> = { ok: 0, warning: 0, bad: 0, unseen: 0 };
  const findings = examine({
    machine: thisMachine(),
    data: dataDirectory(options.data, options.pepper),
    all: settle(options, file),
    configuration: file?.path,
    domain: name === undefined ? undefined : { name, names: systemNames(), fetch: fetchPolicy },
  });
  for await (const finding of findings) {
    levels[finding.level]++;
    await print(...(options.json ? [visibleJson(finding)] : findingLines(finding)));
  }
  inform(`${levels.bad} bad, ${counted(levels.warning, 'warning')}, ${levels.unseen} not seen`);
  if (levels.bad > 0) process.exitCode = 1;
}
