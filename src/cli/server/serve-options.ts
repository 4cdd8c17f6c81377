/** Options of serve: those of its settings, and --set for the limits. */
import { type Command, Option } from 'commander';
import type { Setting } from '../config/setting.js';
import { type Key, keys, settings } from '../config/settings.js';
import { collect } from '../options.js';

/** Adds an option for each setting that has one, of these keys. */
export function settingOptions(command: Command, meant: (key: Key) => boolean): void {
  for (const key of keys.filter(meant)) {
    const setting: Setting<unknown> = settings[key];
    for (const { flags, help } of setting.options) {
      const option = new Option(flags, help);
      const usually = usualWords(setting);
      if (flags.includes('<') && usually !== undefined) option.default(undefined, usually);
      if (setting.kind.isList)
        option.argParser((word, before: unknown) => collect(word, (before ?? []) as string[]));
      if (setting.kind.words && flags.includes('<')) option.choices(setting.kind.words);
      command.addOption(option);
    }
  }
}

export function serveOptions(command: Command): void {
  settingOptions(command, (key) => key.startsWith('serve.'));
  command.option('--set <NAME=NUMBER>', 'another limit, see spec/smtp.md', collect, []);
}

/** What holds of a setting that nobody sets, in words; undefined for nothing. */
export function usualWords(setting: Setting<unknown>): string | undefined {
  if (setting.usually !== undefined) return setting.usually;
  const usual = setting.usual();
  if (typeof usual === 'string' || typeof usual === 'number') return String(usual);
  return undefined;
}
