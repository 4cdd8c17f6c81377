/** Settings: the table of all that can be configured. A key of the file is called as the option is that says the same. */
import { defaultAddressLimits } from '../../server/address-limits.js';
import { boundsOf, defaultLimits, type LimitName, limitNames, parseLimits } from '../server/limit-words.js';
import { whole } from './kinds.js';
import { serveSettings } from './serve-settings.js';
import type { Given, Setting, Sourced } from './setting.js';
import { whereSettings } from './where.js';

/** One for each limit of spec/smtp.md; --set says them all. */
type LimitSettings = { readonly [N in LimitName as `serve.limits.${N}`]: Setting<number> };

function limitSetting(limit: LimitName): Setting<number> {
  const { least, most } = boundsOf(limit);
  return {
    kind: whole(least, most),
    usual: () => defaultLimits[limit],
    options: [],
    fromOptions: ({ set = [] }: Given) => parseLimits(set as readonly string[])[limit],
    ...(limit in defaultAddressLimits ? { isReread: true } : {}),
  };
}

const limits = Object.fromEntries(
  limitNames.map((limit) => [`serve.limits.${limit}`, limitSetting(limit)]),
) as LimitSettings;

export const settings = { ...whereSettings, ...serveSettings, ...limits };

export type Key = keyof typeof settings;
export type ValueOf<K extends Key> = ReturnType<(typeof settings)[K]['usual']>;
export const keys = Object.keys(settings) as Key[];

/** What holds of all of them. */
export type Settled = { readonly [K in Key]: Sourced<ValueOf<K>> };
