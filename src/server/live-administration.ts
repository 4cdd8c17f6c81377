/** Live administration: what is changed while a server runs, one change after the other, and all lanes hear of each. */
import { hex } from '../core/bytes.js';
import type { ListChange } from '../registry/lists.js';
import type { Registry } from '../registry/registry.js';
import { fingerprintOf } from '../seal/keys.js';
import { type Administration, administration, type Registered } from './administration.js';
import type { KeysInUse } from './lane-keys.js';
import type { NoticeWriter } from './notice-writer.js';

export class LiveAdministration implements Administration {
  readonly #registry: Registry;
  readonly #keys: KeysInUse;
  readonly #administration: Administration;
  /** Changes are made one after the other: each is told as it is, and made as it was told. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(registry: Registry, keys: KeysInUse, notices: NoticeWriter) {
    this.#registry = registry;
    this.#keys = keys;
    this.#administration = administration(registry, notices);
  }

  register(...given: Parameters<Administration['register']>): ReturnType<Administration['register']> {
    return this.#inTurn(async () => {
      const done = await this.#administration.register(...given);
      await this.#keys.opened([given[1]]);
      return done;
    });
  }

  /** When a key's last address is gone, its chain is wiped. */
  revoke(...given: Parameters<Administration['revoke']>): ReturnType<Administration['revoke']> {
    return this.#inTurn(async () => {
      const before = this.#registry.registered(given[0]);
      const done = await this.#administration.revoke(...given);
      await this.#dropped(before.map(({ publicKey }) => publicKey));
      return done;
    });
  }

  exchange(...given: Parameters<Administration['exchange']>): ReturnType<Administration['exchange']> {
    return this.#inTurn(async () => {
      const before = this.#registry.registered(given[0]);
      const done = await this.#administration.exchange(...given);
      await this.#dropped(before.map(({ publicKey }) => publicKey));
      await this.#keys.opened([given[1]]);
      return done;
    });
  }

  registered(address: string): Promise<Registered> {
    return this.#administration.registered(address);
  }

  alias(...given: Parameters<Administration['alias']>): ReturnType<Administration['alias']> {
    return this.#thenChanged(() => this.#administration.alias(...given));
  }

  removeTargets(
    ...given: Parameters<Administration['removeTargets']>
  ): ReturnType<Administration['removeTargets']> {
    return this.#thenChanged(() => this.#administration.removeTargets(...given));
  }

  applyList(...given: Parameters<Administration['applyList']>): ReturnType<Administration['applyList']> {
    return this.#inTurn(async () => {
      const done = await this.#administration.applyList(...given);
      const [, isDry] = given;
      if (isDry || done.changes.length === 0) return done;
      const keys = (what: ListChange['change']) =>
        done.changes.flatMap(({ change, publicKey }) => (change === what && publicKey ? [publicKey] : []));
      await this.#dropped(keys('revoke'));
      await this.#keys.opened(keys('register'));
      return done;
    });
  }

  /** Of keys that one address lost, those that no other has are gone. */
  #dropped(publicKeys: readonly Uint8Array[]): Promise<void> {
    const active = new Set(this.#registry.activeKeys().map((key) => hex(fingerprintOf(key))));
    return this.#keys.dropped(publicKeys.filter((key) => !active.has(hex(fingerprintOf(key)))));
  }

  #thenChanged<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const done = await work();
      await this.#keys.changed();
      return done;
    });
  }

  /** What failed may have changed something before: all lanes hear of that too, or mail would be sealed as it was. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work).catch(async (error: unknown) => {
      await this.#keys.changed();
      throw error;
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
