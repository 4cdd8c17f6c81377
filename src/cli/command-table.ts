/** Table of commands: which module makes which, so that a command's modules are loaded only when it is meant. */
import type { Command } from 'commander';

/** Adds a command, or some, to the program. */
type Addition = (program: Command) => void;

interface Entry {
  /** The first words of the commands that it adds. */
  readonly names: readonly string[];
  readonly load: () => Promise<Addition>;
}

/** In the order in which help shows them. */
const commandTable: readonly Entry[] = [
  { names: ['key'], load: async () => (await import('./commands/key.js')).keyCommands },
  { names: ['init'], load: async () => (await import('./commands/init.js')).initCommand },
  {
    names: ['register', 'revoke', 'registered'],
    load: async () => (await import('./commands/registry.js')).registryCommands,
  },
  { names: ['alias'], load: async () => (await import('./commands/alias.js')).aliasCommand },
  { names: ['serve'], load: async () => (await import('./commands/serve.js')).serveCommand },
  { names: ['list'], load: async () => (await import('./commands/list.js')).listCommand },
  { names: ['count'], load: async () => (await import('./commands/count.js')).countCommand },
  { names: ['mark'], load: async () => (await import('./commands/mark.js')).markCommand },
  { names: ['read'], load: async () => (await import('./commands/read.js')).readCommand },
  { names: ['search'], load: async () => (await import('./commands/search.js')).searchCommand },
  { names: ['save'], load: async () => (await import('./commands/save.js')).saveCommand },
  { names: ['watch'], load: async () => (await import('./commands/watch.js')).watchCommand },
  { names: ['export'], load: async () => (await import('./commands/export.js')).exportCommand },
  { names: ['import'], load: async () => (await import('./commands/import.js')).importCommand },
  { names: ['erase'], load: async () => (await import('./commands/erase.js')).eraseCommand },
  { names: ['retain'], load: async () => (await import('./commands/retain.js')).retainCommand },
  { names: ['restore'], load: async () => (await import('./commands/restore.js')).restoreCommand },
  { names: ['verify'], load: async () => (await import('./commands/verify.js')).verifyCommand },
  { names: ['config'], load: async () => (await import('./commands/config.js')).configCommands },
  { names: ['service'], load: async () => (await import('./commands/service.js')).serviceCommand },
  { names: ['doctor'], load: async () => (await import('./commands/doctor.js')).doctorCommand },
  { names: ['dns'], load: async () => (await import('./commands/dns.js')).dnsCommand },
  { names: ['demo'], load: async () => (await import('./commands/demo.js')).demoCommand },
  { names: ['completion'], load: async () => (await import('./commands/completion.js')).completionCommand },
  { names: ['man'], load: async () => (await import('./commands/man.js')).manCommand },
];

/** Whether a command is made from what all the others are. */
const needsAll = new Set(['completion', 'man']);

/** Adds to the program what the words of the command line ask for: one command where its name is told, else all. */
export async function addCommands(program: Command, words: readonly string[]): Promise<void> {
  const [first = '', second = ''] = words;
  if (first === '--version' || first === '-V') return;
  const name = first === 'help' ? second : first;
  const meant = needsAll.has(name) ? [] : commandTable.filter(({ names }) => names.includes(name));
  const additions = (meant.length > 0 ? meant : commandTable).map(({ load }) => load());
  for (const add of await Promise.all(additions)) add(program);
}
