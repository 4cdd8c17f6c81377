/** Census: how many connections there are, in all and from each network. Kept in memory only. */

export class Census {
  readonly #most: number;
  readonly #mostPerNetwork: number;
  readonly #perNetwork = new Map<string, number>();
  #all = 0;

  constructor(most: number, mostPerNetwork: number) {
    this.#most = most;
    this.#mostPerNetwork = mostPerNetwork;
  }

  /** Counts one more; false, and nothing counted, at a cap. An empty address (a unix socket) has the cap in all only. */
  enter(address: string): boolean {
    if (this.#all >= this.#most) return false;
    if (address !== '') {
      const network = networkOf(address);
      const there = this.#perNetwork.get(network) ?? 0;
      if (there >= this.#mostPerNetwork) return false;
      this.#perNetwork.set(network, there + 1);
    }
    this.#all += 1;
    return true;
  }

  /** Takes back one `enter` that was true. */
  leave(address: string): void {
    this.#all -= 1;
    if (address === '') return;
    const network = networkOf(address);
    const left = (this.#perNetwork.get(network) ?? 0) - 1;
    if (left > 0) this.#perNetwork.set(network, left);
    else this.#perNetwork.delete(network);
  }
}

/** An IPv4 address as it is, also when it is mapped into IPv6; of an IPv6 address the first 64 bits. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  while (groups.length + after.length < 8 && groups.length < 4) groups.push('0');
  return [...groups, ...after].slice(0, 4).join(':');
}
