/** obalka config: what is configured, and from where; whether a configuration is good; an example of one. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { visibleJson } from '../../reader/visible.js';
import { readExample } from '../config/example.js';
import { type Fault, faultLine, faultPicture } from '../config/fault.js';
import type { ConfigurationFile } from '../config/file.js';
import { configOption, configurationFile, usualFiles } from '../config/in-use.js';
import { goodConfiguration, loadConfiguration } from '../config/load.js';
import { namedFileFaults } from '../config/named-files.js';
import type { Given } from '../config/setting.js';
import { keys } from '../config/settings.js';
import { clashes, settle } from '../config/settled.js';
import { shownValue } from '../config/shown.js';
import { serveOptions, settingOptions } from '../server/serve-options.js';
import { inform, print } from '../terminal/output.js';

interface ConfigOptions extends Given {
  readonly config?: string;
  readonly json?: true;
}

export function configCommands(program: Command): void {
  const config = program.command('config').description('show, check and begin a configuration');
  const show = config
    .command('show')
    .description('print what holds of each setting, and which option, variable or line says so')
    .option('--json', 'one JSON object a line')
    .option(...configOption);
  settingOptions(show, (key) => !key.includes('.'));
  serveOptions(show);
  show.action(showSettings);
  config
    .command('check')
    .argument('[FILE]', 'a configuration; without it, the one that a command would find')
    .description('look for everything that is wrong in a configuration, and in what it names')
    .option('--json', 'one JSON object a line')
    .option(...configOption)
    .action(check);
  config
    .command('example')
    .description('print a configuration with every key, each with its default')
    .action(async () => print((await readExample()).trimEnd()));
}

async function showSettings(options: ConfigOptions): Promise<void> {
  const path = configurationFile(options.config);
  sayFile(path);
  const file = path === undefined ? undefined : await goodConfiguration(path);
  const all = settle(options, file);
  const [clash] = clashes(all);
  if (clash) throw new Problem('usage', clash.what);
  for (const key of keys) {
    const { value, source } = all[key];
    if (options.json) {
      const { kind, ...where } = source;
      await print(visibleJson({ key, value: value ?? null, source: kind, ...where }));
    } else await print(shownValue(key, value, source));
  }
}

function sayFile(path: string | undefined): void {
  inform(path === undefined ? `no configuration file (${usualFiles().join(', ')})` : `configuration ${path}`);
}

async function check(argument: string | undefined, options: ConfigOptions): Promise<void> {
  if (argument !== undefined && options.config !== undefined)
    throw new Problem('usage', 'give the file once, as an argument or by --config');
  const path = configurationFile(argument ?? options.config);
  if (path === undefined) {
    sayFile(path);
    return;
  }
  const file = await loadConfiguration(path);
  const faults = await allFaults(file);
  for (const fault of faults)
    await print(...(options.json ? [json(fault)] : [faultLine(fault), ...faultPicture(fault)]));
  if (faults.length > 0) process.exitCode = 1;
  else inform(`${path}: nothing is wrong`);
}

/** All of them, in the order of the file; what goes wrong with files and between settings only of what can be read. */
async function allFaults(file: ConfigurationFile): Promise<Fault[]> {
  const alone = settle({}, { ...file, faults: [] });
  const together = clashes(alone).map(({ key, what }) => file.faultOf(key, what));
  const all = [...file.faults, ...together, ...(await namedFileFaults(file, alone))];
  return all.sort((one, other) => one.line - other.line || one.column - other.column);
}

function json({ file, line, column, key, what }: Fault): string {
  return visibleJson({ file, line, column, key: key ?? null, what });
}
