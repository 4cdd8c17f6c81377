/** Module hooks: run in node's loader thread, and answer with another module for those that are replaced. */
import type { ResolveHook } from 'node:module';

let replaced: ReadonlyMap<string, string> = new Map();

export function initialize(addresses: readonly (readonly [string, string])[]): void {
  replaced = new Map(addresses);
}

/** What stands in a module's place gets the module itself when it asks for it. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const found = await next(specifier, context);
  const other = replaced.get(found.url);
  return other === undefined || context.parentURL === other ? found : { ...found, url: other };
};
