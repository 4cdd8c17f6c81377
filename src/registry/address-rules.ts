/** Address rules: which mailboxes of an administrator's domains are one (spec/registry.md, Address rules). */
import { normaliseDomain } from '../core/domain.js';
import { Problem } from '../core/errors.js';
import type { MailboxName } from './address.js';
import { Mapper } from './mapper.js';

/** What divides a local part from its detail (RFC 5233) where no rule says otherwise. */
const usualSeparator = '+';
/** A larger file is none. Octets. */
export const maxRulesSize = 256_000;

/** What holds for one domain, or for all that are not named. */
interface DomainRules {
  readonly separators: Map<string, string | undefined>;
  readonly ignoreDots: Map<string, boolean>;
}

/** Stands for all domains that are not named; no domain has this name. */
const others = '*';

export class AddressRules {
  readonly #rules: DomainRules;
  readonly #mapper: Mapper;

  constructor(
    rules: DomainRules = { separators: new Map(), ignoreDots: new Map() },
    mapper: Mapper = new Mapper(),
  ) {
    this.#rules = rules;
    this.#mapper = mapper;
  }

  /** The mailbox without the dots of its local part, where they mean nothing; the same object where they do. */
  withoutDots(mailbox: MailboxName): MailboxName {
    if (!valueFor(this.#rules.ignoreDots, mailbox.domain, false)) return mailbox;
    const localPart = mailbox.localPart.replaceAll('.', '');
    return localPart === '' || localPart === mailbox.localPart ? mailbox : { ...mailbox, localPart };
  }

  /** The mailbox that this one is a sub-address of: what stands before the first separator; undefined for none. */
  above(mailbox: MailboxName): MailboxName | undefined {
    const separator = valueFor<string | undefined>(this.#rules.separators, mailbox.domain, usualSeparator);
    const at = separator === undefined ? -1 : mailbox.localPart.indexOf(separator);
    return at > 0 ? { ...mailbox, localPart: mailbox.localPart.slice(0, at) } : undefined;
  }

  /** Where the mapping rules say that mail for a mailbox goes; undefined if none matches. */
  map(mailbox: MailboxName): MailboxName | undefined {
    return this.#mapper.map(mailbox);
  }
}

/** What holds without a file of rules: the separator `+`, and nothing else. */
export const usualRules = new AddressRules();

/**
 * Reads rules as people write them, one a line: `separator - example.org`, `separator none`, `dots ignored example.org`,
 * `map EXPRESSION -> ADDRESS`. A line that begins with # is skipped. Throws a usage Problem that names the line.
 */
export function parseAddressRules(text: string, file: string): AddressRules {
  const rules: DomainRules = { separators: new Map(), ignoreDots: new Map() };
  const mapper = new Mapper();
  if (Buffer.byteLength(text) > maxRulesSize)
    throw new Problem('usage', `${file}: more than ${maxRulesSize} octets are too many for address rules`);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line.trim();
    if (words === '' || words.startsWith('#')) continue;
    try {
      parseRule(words, rules, mapper);
    } catch (error) {
      throw new Problem('usage', `${file}, line ${index + 1}: ${(error as Error).message}`);
    }
  }
  return new AddressRules(rules, mapper);
}

function parseRule(line: string, rules: DomainRules, mapper: Mapper): void {
  const [what, value = '', ...domains] = line.split(/\s+/);
  if (what === 'map') {
    const [, expression, template] = /^map\s+(\S.*?)\s+->\s+(\S+)$/.exec(line) ?? [];
    if (expression === undefined || template === undefined)
      throw new Problem('usage', 'write a mapping rule as: map EXPRESSION -> ADDRESS');
    mapper.add(expression, template);
  } else if (what === 'separator') {
    if (value !== 'none' && !/^[!#$%&'*+/=?^_`{|}~-]$/.test(value))
      throw new Problem('usage', "a separator is none, or one of ! # $ % & ' * + / = ? ^ _ ` { | } ~ -");
    for (const domain of named(domains)) put(rules.separators, domain, value === 'none' ? undefined : value);
  } else if (what === 'dots') {
    if (value !== 'ignored' && value !== 'kept') throw new Problem('usage', 'dots are ignored or kept');
    for (const domain of named(domains)) put(rules.ignoreDots, domain, value === 'ignored');
  } else throw new Problem('usage', 'a rule begins with separator, dots or map');
}

function named(domains: readonly string[]): string[] {
  if (domains.length === 0) return [others];
  return domains.map((domain) => {
    const known = normaliseDomain(domain);
    if (known === undefined)
      throw new Problem('usage', 'behind separator and dots stand their value and domains');
    return known;
  });
}

function put<T>(map: Map<string, T>, domain: string, value: T): void {
  if (map.has(domain))
    throw new Problem(
      'usage',
      `this was said before ${domain === others ? 'of all domains' : 'of this domain'}`,
    );
  map.set(domain, value);
}

function valueFor<T>(map: ReadonlyMap<string, T>, domain: string, usual: T): T {
  for (const name of [domain, others]) if (map.has(name)) return map.get(name) as T;
  return usual;
}
