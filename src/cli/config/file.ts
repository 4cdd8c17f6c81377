/** Configuration file: what a text says of each setting, and all that is wrong with it. */
import { type Fault, faultAt } from './fault.js';
import { isTable, Wrong } from './kinds.js';
import { pathWord } from './places.js';
import type { Setting, Sourced } from './setting.js';
import { type Key, settings, type ValueOf } from './settings.js';
import { parseToml } from './toml.js';
import { tables, unknownKey } from './unknown-key.js';

export interface ConfigurationFile {
  readonly path: string;
  /** What it says; a key with a fault is not in it. */
  readonly values: { readonly [K in Key]?: Sourced<ValueOf<K>> };
  readonly faults: readonly Fault[];
  /** The fault at a key, or at a part of its value. */
  readonly faultOf: (key: Key, what: string, part?: readonly string[]) => Fault;
}

/** Reads a text; `base` is the folder that its paths are named from. */
export function readConfiguration(path: string, text: string, base: string): ConfigurationFile {
  const { tree, places, faults: tomlFaults } = parseToml(text);
  const values: Record<string, Sourced<unknown>> = {};
  const faults = tomlFaults.map(({ at, what }) => faultAt(path, text, at, undefined, what));
  const lineOf = (at: number) => faultAt(path, text, at, undefined, '').line;

  /** The place of a value, or of the nearest thing around it that has one. */
  const placeOf = (names: readonly string[]): number => {
    for (let length = names.length; length > 0; length--) {
      const found = places.get(pathWord(names.slice(0, length)));
      if (found) return found.value;
    }
    return 0;
  };
  const keyPlace = (names: readonly string[]) => places.get(pathWord(names))?.key ?? placeOf(names);
  const faultOf = (key: string, what: string, part: readonly string[] = []) =>
    faultAt(path, text, placeOf([...key.split('.'), ...part]), key, what);

  const read = (names: readonly string[], value: unknown) => {
    const key = names.join('.');
    // "serve.workers" in quotes is one name, and none that there is.
    const isPlain = !names.some((name) => name.includes('.'));
    const setting: Setting<unknown> | undefined =
      isPlain && Object.hasOwn(settings, key) ? settings[key as Key] : undefined;
    if (setting)
      try {
        const source = { kind: 'file', name: path, line: lineOf(keyPlace(names)) } as const;
        values[key] = { value: setting.kind.fromFile(value, base), source };
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        for (const { what, path: part, more } of [error, ...(error.more.others ?? [])])
          faults.push(
            more.isName
              ? faultAt(path, text, keyPlace([...names, ...part]), key, what)
              : faultOf(key, what, part),
          );
      }
    else if (!isPlain || !tables.has(key))
      faults.push(faultAt(path, text, keyPlace(names), key, unknownKey(names)));
    else if (!isTable(value)) faults.push(faultOf(key, `this is a table: write its keys below [${key}]`));
    else for (const [name, inside] of Object.entries(value)) read([...names, name], inside);
  };
  for (const [name, value] of Object.entries(tree)) read([name], value);
  faults.sort((one, other) => one.line - other.line || one.column - other.column);
  return { path, values: values as ConfigurationFile['values'], faults, faultOf };
}
