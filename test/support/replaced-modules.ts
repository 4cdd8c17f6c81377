/**
 * Replaced modules: the real program, started with some of its modules exchanged for others. So a test puts its own chance
 * into it, or a fault, and the program itself has no switch for either.
 */
import { register } from 'node:module';

/** Compiled module of the program ("cli/random.js") → address of what stands in its place, which may import it. */
export type Replacements = Readonly<Record<string, URL>>;

/** NODE_OPTIONS that start a program with these replacements. */
export function optionsFor(replacements: Replacements): string {
  const source = new URL('../../src/', import.meta.url);
  const addresses = Object.entries(replacements).map(([name, by]) => [new URL(name, source).href, by.href]);
  const preload = new URL('./replaced-modules.js', import.meta.url);
  preload.searchParams.set('replace', JSON.stringify(addresses));
  return `--import ${preload.href.replaceAll("'", '%27')}`;
}

const asked = new URL(import.meta.url).searchParams.get('replace');
if (asked) register('./module-hooks.js', import.meta.url, { data: JSON.parse(asked) });
