/** Address literals: what may stand in the brackets of user@[...] (RFC 5321 section 4.1.3). */

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|\d?\d|0\d\d)(?:\.(?!$)|$)){4}$/;
const hextet = /^[0-9A-Fa-f]{1,4}$/;
const general = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?:[\x21-\x5a\x5e-\x7e]+$/;

/** Whether `inside` is an IPv4, IPv6 or general address literal. */
export function isAddressLiteral(inside: string): boolean {
  if (/^IPv6:/i.test(inside)) return isIpv6(inside.slice(5));
  return ipv4.test(inside) || general.test(inside);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [i, half] of halves.entries()) {
    if (half === '') {
      // Only "::" may leave a side empty.
      if (halves.length === 1) return false;
      continue;
    }
    const parts = half.split(':');
    for (const [j, part] of parts.entries()) {
      const last = i === halves.length - 1 && j === parts.length - 1;
      if (hextet.test(part)) groups += 1;
      else if (last && ipv4.test(part)) groups += 2;
      else return false;
    }
  }
  return halves.length === 2 ? groups <= 6 : groups === 8;
}
