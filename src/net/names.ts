/** Names: what DNS says, with an end to every question. */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { askKeys, type KeyAnswer } from './dane.js';

/** Of an address: 4, 6, or 0 if it is none. */
export function familyOf(address: string): number {
  return isIP(address);
}

/** `none`: DNS says that there is nothing. `failed`: nobody answered, or with an error; `why` is its code. */
export type Answer<T> =
  | { readonly kind: 'found'; readonly records: readonly T[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly why: string };

export interface Exchange {
  readonly priority: number;
  /** Empty for a null MX (RFC 7505). */
  readonly exchange: string;
}

export interface Names {
  mx(domain: string): Promise<Answer<Exchange>>;
  /** IPv4 and IPv6; fails only if one of them failed and the other found nothing. */
  addresses(name: string): Promise<Answer<string>>;
  /** Of each TXT record the whole text. */
  texts(name: string): Promise<Answer<string>>;
  /** The target of a CNAME. */
  alias(name: string): Promise<Answer<string>>;
  /** Names of an address (PTR). */
  pointers(address: string): Promise<Answer<string>>;
  /** TLSA records, and whether the resolver has verified their signatures. */
  keys(name: string): Promise<KeyAnswer>;
}

/** Milliseconds of a question with all its tries, of which one takes less than a third. */
const usualMilliseconds = 5000;

/** Asks the resolvers of the system, or these: "192.0.2.1", "192.0.2.1:5353". */
export function systemNames({
  servers,
  milliseconds = usualMilliseconds,
}: {
  readonly servers?: readonly string[];
  readonly milliseconds?: number;
} = {}): Names {
  const ask = async <T>(question: (resolver: Resolver) => Promise<readonly T[]>): Promise<Answer<T>> => {
    const resolver = new Resolver({ timeout: Math.ceil(milliseconds * 0.3), tries: 2 });
    if (servers) resolver.setServers(servers);
    const timer = setTimeout(() => resolver.cancel(), milliseconds);
    try {
      return { kind: 'found', records: await question(resolver) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      if (code === 'ENODATA' || code === 'ENOTFOUND') return { kind: 'none' };
      return { kind: 'failed', why: code === 'ECANCELLED' ? 'ETIMEOUT' : code };
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    mx: (domain) => ask((resolver) => resolver.resolveMx(domain)),
    async addresses(name) {
      const both = await Promise.all([
        ask((resolver) => resolver.resolve4(name)),
        ask((resolver) => resolver.resolve6(name)),
      ]);
      const records = both.flatMap((answer) => (answer.kind === 'found' ? answer.records : []));
      if (records.length > 0) return { kind: 'found', records };
      return both.find(({ kind }) => kind === 'failed') ?? { kind: 'none' };
    },
    texts: (name) =>
      ask(async (resolver) => (await resolver.resolveTxt(name)).map((parts) => parts.join(''))),
    alias: (name) => ask((resolver) => resolver.resolveCname(name)),
    pointers: (address) =>
      isIP(address) === 0 ? Promise.resolve({ kind: 'none' }) : ask((resolver) => resolver.reverse(address)),
    keys: (name) => askKeys(name, servers?.[0] ?? new Resolver().getServers()[0], milliseconds),
  };
}
