/** Hooks of node's loader: chance of this folder in the place of the program's own. */
import type { ResolveHook } from 'node:module';

export const resolve: ResolveHook = async (specifier, context, next) => {
  const found = await next(specifier, context);
  if (!found.url.endsWith('/src/cli/random.js')) return found;
  return { ...found, url: new URL('random.js', import.meta.url).href };
};
