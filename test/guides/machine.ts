/** Machine: a folder that stands for a whole machine, in which the commands of a guide are typed as they stand. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findProgram } from '../peers/program.js';
import { type Ended, Installation, obalka } from '../support/installation.js';
import type { Server } from '../support/server.js';
import { assert } from '../support/suite.js';

/** Folders of the machine; in the commands they stand for folders of the same name in the folder. */
const folders = /(?<![\w.~/-])\/(?=(etc|var|run|srv|mnt)\b)/g;

/** Programs that would change the machine itself. They do nothing, but write down what they were asked for. */
const standIns = [
  'adduser',
  'apt-get',
  'certbot',
  'chown',
  'podman',
  'systemctl',
  'systemd-creds',
  'systemd-sysusers',
];

export class Machine {
  readonly #bin: string;
  readonly #calls: string;
  /** Whether `obalka` is that of this repository, which this process can run too. */
  #isInstalled = true;
  /** What stands in a guide for something that is otherwise in each place: ports above all. */
  readonly #places: [stands: string | RegExp, is: string][] = [];

  private constructor(readonly made: Installation) {
    this.#bin = join(made.folder, 'bin');
    this.#calls = join(made.folder, 'calls');
    mkdirSync(this.#bin);
    // Servers hand mail over under users of their own.
    chmodSync(made.folder, 0o755);
    for (const folder of ['etc', 'var/lib', 'run', 'srv'])
      mkdirSync(this.path(`/${folder}`), { recursive: true });
    this.program('obalka', `exec "${process.execPath}" "${obalka}" "$@"`);
    for (const name of standIns) this.standIn(name);
    // Whoever is asked for becomes nobody else here.
    this.program('sudo', 'if [ "$1" = -u ]; then shift 2; fi; exec "$@"');
    // What ssh does with a host and the words of a command, but here.
    this.program('ssh', 'shift; eval "$*"');
    // A file that went away meanwhile is no fault, as the guides say.
    const rsync = findProgram('rsync');
    if (rsync) this.program('rsync', `${rsync} "$@" || [ $? -eq 24 ]`);
    made.environment.PATH = `${this.#bin}:${made.environment.PATH}`;
    made.environment.RSYNC_RSH = join(this.#bin, 'ssh');
    made.environment.OBALKA_CONFIG = 'none';
    made.environment.OBALKA_DATA = this.path('/var/lib/obalka');
  }

  /** A machine on which nothing was done yet, given to `use`, and gone afterwards. */
  static async using<T>(use: (machine: Machine) => Promise<T>): Promise<T> {
    const made = await Installation.empty();
    try {
      return await use(new Machine(made));
    } finally {
      await made.end();
    }
  }

  /** Where a path of the machine really is. */
  path(path: string): string {
    return join(this.made.folder, path);
  }

  /** The same for a path that may be in the folder already. */
  within(path: string): string {
    return path.startsWith(this.made.folder) ? path : this.path(path);
  }

  /** The file of /etc, or that there is none. */
  configuration(): string {
    const file = this.path('/etc/obalka/obalka.toml');
    return existsSync(file) ? file : 'none';
  }

  /** From now on, `stands` in a command is `is`. */
  let(stands: string | RegExp, is: string): void {
    this.#places.push([stands, is]);
  }

  /** Puts a program before all others of its name. */
  program(name: string, ...lines: string[]): void {
    writeFileSync(join(this.#bin, name), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  }

  /** Takes the program of this repository away: another one is installed, and typed in a shell. */
  uninstall(name: string): void {
    rmSync(join(this.#bin, name));
    this.#isInstalled = false;
  }

  /** Puts a program there that does nothing, but writes down what it was asked for. */
  standIn(name: string): void {
    this.program(name, `echo ${name} "$@" >> "${this.#calls}"`);
  }

  /** What the stand-ins were asked for since the last time. */
  calls(): string[] {
    const all = existsSync(this.#calls) ? readFileSync(this.#calls, 'utf8').trim().split('\n') : [];
    writeFileSync(this.#calls, '');
    return all;
  }

  /** The words of a block, for this machine. */
  here(text: string): string {
    return this.#places
      .reduce((words, [stands, is]) => words.replaceAll(new RegExp(stands, 'g'), is), text)
      .replace(folders, `${this.made.folder}/`)
      .replace(/(?<=^| )~\//gm, `${this.made.folder}/home/`);
  }

  /**
   * Types a block, up to the first command that fails: in a shell, but for plain commands of obalka, which this process
   * runs: each start of the program takes longer than what it does.
   */
  async ended(text: string): Promise<Ended> {
    this.made.environment.OBALKA_CONFIG = this.configuration();
    const words = this.here(text);
    const pieces = apart.test(words) ? [words] : words.trim().split('\n');
    let all: Ended = { code: 0, stdout: Buffer.alloc(0), stderr: '' };
    for (const piece of pieces) {
      const { code, stdout, stderr } =
        this.#isInstalled && plain.test(piece)
          ? await this.made.bare(...piece.split(' ').slice(1))
          : await this.made.exec('bash', ['-e', '-c', piece]);
      all = { code, stdout: Buffer.concat([all.stdout, stdout]), stderr: all.stderr + stderr };
      if (code !== 0) break;
    }
    return all;
  }

  /** The same, which must succeed; gives what went to standard output. */
  async type(text: string): Promise<string> {
    const { code, stdout, stderr } = await this.ended(text);
    assert.is(code, 0, `${text}: ${stdout}${stderr}`);
    return stdout.toString();
  }

  /** Starts the server of a block, the last command of which is `obalka serve`; waits until it listens. */
  async serve(text: string, ...more: string[]): Promise<Server> {
    const words = this.here(text).replace(/^obalka serve/m, 'exec obalka serve');
    const server = this.made.startShell(`set -e; unset -f obalka; ${words.trimEnd()} ${more.join(' ')}`);
    await server.listening();
    return server;
  }
}

/** A block that is one piece to the shell: its lines belong together. */
const apart = /<<|\\\n|^(export|for|cd) |^\w+=/m;

/** No word of it means anything to a shell. */
const plain = /^obalka( [\w./@:=,+-]+)+$/;

/** Waits until something holds, however slow the machine is; 100 s at most. */
export async function until(holds: () => boolean | Promise<boolean>, more = () => ''): Promise<void> {
  for (const began = performance.now(); !(await holds()); await pause(20))
    assert.ok(performance.now() - began < 100_000, `does not come to hold: ${holds}${more()}`);
}
