/** Mapper: mailboxes by convention, by regular expressions that take linear time (spec/registry.md, Address rules). */
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { Problem } from '../core/errors.js';
import { type MailboxName, mailboxOf, mailboxText, normalised } from './address.js';

/** Longer ones are no addresses: they are not matched. UTF-16 units. */
const maxText = 320;
/** Octets of a result: no address is longer. */
const maxResult = 320;
/** Instructions of all compiled expressions together: with `maxText`, what bounds the time of a look-up. */
const maxInstructions = 2000;

/** One rule: what matches the expression as a whole is looked for as the template says. */
interface MappingRule {
  readonly expression: RE2JS;
  readonly template: readonly TemplatePart[];
}

/** Words as they stand, or what a group of the expression matched. */
type TemplatePart = { readonly words: string } | { readonly group: number };

export class Mapper {
  readonly #rules: MappingRule[] = [];
  #instructions = 0;

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Adds a rule behind those there are. Throws a usage Problem that says what is wrong with it. */
  add(expression: string, template: string): void {
    const compiled = compile(expression);
    this.#instructions += compiled.programSize();
    if (this.#instructions > maxInstructions)
      throw new Problem(
        'usage',
        'the expressions up to here are too large: use fewer, or smaller repetitions',
      );
    this.#rules.push({ expression: compiled, template: parseTemplate(template, compiled) });
  }

  /** Where the first rule that matches says that a mailbox (in its one form) goes; undefined if none does. */
  map(mailbox: MailboxName): MailboxName | undefined {
    if (this.isEmpty) return undefined;
    const text = mailboxText(mailbox);
    if (text.length > maxText) return undefined;
    for (const { expression, template } of this.#rules) {
      const matcher = expression.matcher(text);
      if (!matcher.matches()) continue;
      const result = template
        .map((part) => ('words' in part ? part.words : (matcher.group(part.group) ?? '')))
        .join('');
      if (Buffer.byteLength(result) > maxResult || !result.includes('@')) return undefined;
      return normalised(mailboxOf(result));
    }
    return undefined;
  }
}

function compile(expression: string): RE2JS {
  try {
    return RE2JS.compile(expression);
  } catch (error) {
    const why = error instanceof RE2JSSyntaxException ? error.getDescription() : 'it is none';
    throw new Problem('usage', `the expression cannot be used: ${why}`);
  }
}

/** `${name}` and `$1` stand for groups, `$$` for a `$`. */
function parseTemplate(template: string, expression: RE2JS): TemplatePart[] {
  const named = expression.namedGroups();
  const parts: TemplatePart[] = [];
  for (const [piece, name, number] of template.matchAll(/\$\{(\w+)\}|\$(\d)|\$\$|\$|[^$]+/g)) {
    const which = name ?? number;
    if (which === undefined) {
      if (piece === '$')
        throw new Problem(
          'usage',
          'a $ stands before the number of a group, its name in braces, or another $',
        );
      parts.push({ words: piece === '$$' ? '$' : piece });
      continue;
    }
    const group = /^\d+$/.test(which) ? Number(which) : named[which];
    if (group === undefined || group > expression.groupCount())
      throw new Problem('usage', 'the address names a group that the expression does not have');
    parts.push({ group });
  }
  if (
    !parts.some((part) => 'words' in part && part.words.includes('@')) &&
    !parts.some((part) => 'group' in part)
  )
    throw new Problem('usage', 'no address can come of this: there is no @ behind the ->');
  return parts;
}
