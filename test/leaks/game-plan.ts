/** The plan of a leak game: two worlds with the same number of mails of the same numbers of blocks, and nothing else in common. */
import { blockTextSize, firstBlockTextSize } from '../../src/format/blocks.js';
import { encodePrelude } from '../../src/format/prelude.js';
import { chance } from '../support/chance.js';
import type { WireMail } from '../support/wire.js';

/** One mail of a world, and how its client behaves. */
export interface Letter extends WireMail {
  readonly hello: string;
  readonly client: string;
  /** Whether the connection of the mail before is used again. */
  readonly sameConnection: boolean;
  /** Addresses that are tried first, and refused. */
  readonly refused: readonly string[];
  /** A transaction that is begun for this address first, and given up. */
  readonly givenUp: string | undefined;
}

export interface World {
  readonly letters: readonly Letter[];
  /** Who is registered in the middle of the game, or gets a second key, and what is said of the key. */
  readonly newcomer: { readonly address: string; readonly label: string };
  /** Every word that a thief must not find. */
  readonly words: readonly string[];
}

export interface GamePlan {
  readonly seed: string;
  readonly people: readonly string[];
  /** After this mail somebody is registered, or the server is started anew; never, if there is no such mail. */
  readonly registersAfter: number;
  readonly restartsAfter: number;
  readonly worlds: readonly [World, World];
}

/** Numbers and words that depend on a seed alone. */
class Dice {
  readonly #random: (length: number) => Uint8Array;

  constructor(seed: string) {
    this.#random = chance(`dice ${seed}`);
  }

  /** From `least` to `most`. */
  between(least: number, most: number): number {
    return least + (Buffer.from(this.#random(6)).readUIntBE(0, 6) % (most - least + 1));
  }

  /** Letters that no other word has. */
  word(length: number): string {
    return [...this.#random(length)].map((octet) => 'abcdefghijklmnopqrstuvwxyz'[octet % 26]).join('');
  }

  oneIn(times: number): boolean {
    return this.between(1, times) === 1;
  }

  some<T>(of: readonly T[], count: number): T[] {
    const left = [...of];
    return Array.from({ length: count }, () => left.splice(this.between(0, left.length - 1), 1)[0] as T);
  }
}

/** Many: what a letter tells is seen like what a start tells, and costs a fiftieth. */
export const lettersPerGame = 13;

/** Addresses for the people of some games, at most nine. */
export function planPeople(seed: string): string[] {
  const dice = new Dice(`people ${seed}`);
  return Array.from({ length: dice.between(4, 9) }, (_, number) => address(dice, `person${number}`));
}

/** With several workers all letters of a world come from one client, whose sessions stay. */
export function planGame(
  seed: string,
  people: readonly string[],
  letters = lettersPerGame,
  workers = 1,
): GamePlan {
  const dice = new Dice(seed);
  const blocks = Array.from({ length: letters }, () => dice.between(1, dice.oneIn(4) ? 5 : 2));
  return {
    seed,
    people,
    registersAfter: dice.oneIn(2) ? dice.between(2, letters - 2) : -1,
    restartsAfter: dice.oneIn(5) ? dice.between(2, letters - 2) : -1,
    worlds: [planWorld(dice, people, blocks, workers), planWorld(dice, people, blocks, workers)],
  };
}

function planWorld(dice: Dice, people: readonly string[], blocks: readonly number[], workers: number): World {
  const words: string[] = [];
  // Some worlds have few correspondents, who write often.
  const circle = dice.some(people, dice.between(2, people.length));
  const letters: Letter[] = [];
  for (const count of blocks) {
    const before = letters.at(-1);
    const sameConnection = before !== undefined && dice.oneIn(3);
    const from = dice.oneIn(5) ? '' : address(dice, dice.word(dice.between(8, dice.oneIn(3) ? 60 : 12)));
    const hello = dice.oneIn(4) ? '[127.0.0.1]' : `${dice.word(dice.between(8, 40))}.example`;
    const [second, third, fourth] = [1, 2, 3].map(() => dice.between(1, 250));
    const staysOne = before !== undefined && (sameConnection || workers > 1);
    const client = staysOne ? before.client : `127.${second}.${third}.${fourth}`;
    const subject = dice.word(dice.between(8, 40));
    const to = dice.some(circle, dice.between(1, Math.min(4, circle.length)));
    const prelude = encodePrelude({ from, helo: hello, client, protocol: 'smtp', tls: '' }).length;
    words.push(...[from, hello, subject].filter((word) => word.length >= 8 && !word.startsWith('[')));
    letters.push({
      from,
      to: dice.oneIn(4) ? [...to, to[0] as string] : to,
      hello,
      client,
      sameConnection,
      refused: dice.oneIn(4) ? [address(dice, dice.word(9))] : [],
      givenUp: dice.oneIn(6) ? dice.some(people, 1)[0] : undefined,
      content: content(dice, subject, to, lengthFor(dice, count, prelude)),
    });
  }
  const stranger = {
    address: address(dice, dice.word(dice.between(8, 30))),
    label: dice.word(dice.between(8, 30)),
  };
  // Who has a key is told of another one by a notice. Nobody writes to them: a fifth envelope would be for their second.
  const [known] = people.filter((person) => !circle.includes(person));
  const newcomer = { ...stranger, address: known ?? stranger.address };
  return { letters, newcomer, words: [...words, ...people, newcomer.address, newcomer.label] };
}

function address(dice: Dice, localPart: string): string {
  return `${localPart}@${dice.word(dice.between(4, 60))}.example`;
}

/** Any length that makes so many blocks with a prelude of so many octets, often one at the very edge. */
function lengthFor(dice: Dice, blocks: number, prelude: number): number {
  const room = (count: number) => firstBlockTextSize + (count - 1) * blockTextSize - prelude;
  const shortest = blocks === 1 ? 2 : room(blocks - 1) + 1;
  if (dice.oneIn(6)) return room(blocks);
  if (dice.oneIn(6)) return blocks === 1 ? 0 : shortest;
  return dice.between(shortest, room(blocks));
}

/** Content of exactly so many octets, whose lines end in CRLF: a header, then random words, one letter, or digits. */
function content(dice: Dice, subject: string, to: readonly string[], length: number): Buffer {
  const fields = [
    `Subject: ${subject}`,
    `From: ${dice.word(dice.between(3, 20))} <${dice.word(8)}@${dice.word(8)}.example>`,
    `X-${dice.word(dice.between(4, 30))}: ${dice.word(dice.between(0, 60))}`,
    `${dice.oneIn(2) ? 'Bcc' : 'Cc'}: ${to.join(', ')}`,
    `Date: Sat, 21 Nov 2026 ${dice.between(10, 23)}:${dice.between(10, 59)}:00 +0000`,
  ];
  const header = `${dice.some(fields, dice.between(1, fields.length)).join('\r\n')}\r\n\r\n`;
  const kind = dice.between(0, 2);
  const line = () =>
    kind === 0 ? dice.word(70) : kind === 1 ? 'A'.repeat(70) : String(dice.between(1, 9)).repeat(70);
  const lines = Array.from({ length: 20 }, () => `${line()}\r\n`).join('');
  const text = header + lines.repeat(Math.ceil(length / lines.length));
  if (length < 2) return Buffer.alloc(0);
  // A cut between CR and LF would leave a bare CR.
  return Buffer.from(`${text.slice(0, length - 2).replace(/\r$/, '.')}\r\n`, 'latin1');
}
