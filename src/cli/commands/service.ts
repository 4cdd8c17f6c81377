/** obalka service: the files by which systemd runs a server. */
import { readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { makeFolders } from '../files/make-folders.js';
import { type UnitFile, unitFiles } from '../service/unit-files.js';
import { inform, print, say } from '../terminal/output.js';

const program = fileURLToPath(new URL('../obalka.js', import.meta.url));

/** Folders that the service does not see (ProtectHome=, PrivateTmp=). */
const hidden = /^\/(home|root|run\/user|tmp|var\/tmp)\//;

export function serviceCommand(commands: Command): void {
  commands
    .command('service')
    .description('print the files by which systemd runs the server, or write them')
    .option('--to <DIR>', 'the folder to write them below, such as /etc; files that differ are kept')
    .option('--force', 'replace files that differ')
    .action(service);
}

async function service({ to, force }: { readonly to?: string; readonly force?: true }): Promise<void> {
  const installed = { node: await realpath(process.execPath), program: await realpath(program) };
  const files = unitFiles(installed);
  for (const path of Object.values(installed))
    if (hidden.test(path))
      say(`obalka: ${path}: a service does not see this folder; install it where all users may read it`);
  if (to === undefined) return print(files.map(shown).join('\n').trimEnd());
  const written: UnitFile[] = [];
  for (const file of files)
    if (await write(join(to, file.path), file.text, force === true)) written.push(file);
  for (const { path } of written) inform(`${join(to, path)}: written`);
  inform(
    'Next: systemd-sysusers && systemctl daemon-reload',
    'then, for port 25: systemctl enable --now obalka.socket obalka.service',
    'or, behind Postfix or Exim: systemctl enable --now obalka-lmtp.socket obalka.service',
  );
}

function shown({ path, text }: UnitFile): string {
  return `# /etc/${path}\n${text}`;
}

/** False if it stands there already as it should. Throws a Problem if something else does. */
async function write(path: string, text: string, force: boolean): Promise<boolean> {
  try {
    const there = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (there === text) return false;
    if (there !== undefined && !force)
      throw new Problem('failure', `${path}: another file stands there; replace it with --force`);
    await makeFolders(dirname(path), 0o777);
    await writeFile(path, text, { mode: 0o644 });
    return true;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem(
      'failure',
      `${path}: cannot be written (${code}); run it as root, or choose another --to`,
    );
  }
}
