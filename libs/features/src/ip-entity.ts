/**
 * What stands behind an IP address: the address itself for IPv4, its /64 network for IPv6, since a household or a
 * server is given a whole /64 and can use a fresh address of it for every payment.
 * `2001:DB8::1` → `2001:db8:0:0::/64`; `::ffff:203.0.113.7` → `203.0.113.7`
 * @param address a valid IPv4 or IPv6 address
 */
export function ipEntityOf(address: string): string {
  if (!address.includes(':')) return address;
  const groups = ipv6GroupsOf(address);
  const isMappedIpv4 = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMappedIpv4)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight groups of 16 bits of an IPv6 address. */
function ipv6GroupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  return [...before, ...(tail === undefined ? [] : zeros), ...after];
}

function groupsOf(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
