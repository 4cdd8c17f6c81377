/** Hooks of node's loader, for loaded.ts. */
import { appendFileSync } from 'node:fs';
import type { LoadHook } from 'node:module';

export const load: LoadHook = (url, context, next) => {
  appendFileSync(process.env.LOADED as string, `${url}\n`);
  return next(url, context);
};
