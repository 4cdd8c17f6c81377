/** IPv6: the groups of an address, and its text (RFC 5952); the URL parser reads and writes both. */

/** The eight groups of 16 bits of an address without a zone. An IPv4 address within it is two of them. */
export function ipv6Groups(address: string): number[] {
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = groups(tail);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** The shortest form of an address of 16 octets, given in 32 hexadecimal digits. */
export function ipv6Text(digits: string): string {
  const groups = digits.match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
