/** Census: how many there are of something now, in all and from each network. Kept in memory only, while they are there. */

export class Census {
  readonly #most: number;
  readonly #mostPerNetwork: number;
  readonly #perNetwork = new Map<string, number>();
  #all = 0;

  constructor(most: number, mostPerNetwork: number) {
    this.#most = most;
    this.#mostPerNetwork = mostPerNetwork;
  }

  /** Counts one more; false, and nothing counted, at a cap. An empty network (a unix socket) has the cap in all only. */
  enter(network: string): boolean {
    if (this.#all >= this.#most) return false;
    if (network !== '') {
      const there = this.#perNetwork.get(network) ?? 0;
      if (there >= this.#mostPerNetwork) return false;
      this.#perNetwork.set(network, there + 1);
    }
    this.#all += 1;
    return true;
  }

  /** Takes back one `enter` that was true. */
  leave(network: string): void {
    this.#all -= 1;
    if (network === '') return;
    const left = (this.#perNetwork.get(network) ?? 0) - 1;
    if (left > 0) this.#perNetwork.set(network, left);
    else this.#perNetwork.delete(network);
  }

  /** Moves one `enter` that was true to another network; false, and nothing changed, at its cap. */
  move(from: string, to: string): boolean {
    if (from === to) return true;
    this.leave(from);
    if (this.enter(to)) return true;
    this.enter(from);
    return false;
  }
}
