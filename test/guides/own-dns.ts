/** For node's --import: whoever asks DNS asks the server in DNS_SERVER, and nobody else. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';

const { Resolver } = dns.promises;

class OwnResolver extends Resolver {
  constructor(...options: ConstructorParameters<typeof Resolver>) {
    super(...options);
    this.setServers([process.env.DNS_SERVER ?? '']);
  }
}

Object.assign(dns.promises, { Resolver: OwnResolver });
const { lookup } = dns;
type Lookup = (name: string, options: object, done: (error: Error | null) => void) => void;
const own: Lookup = (name, options, done) =>
  isIP(name) === 0
    ? done(Object.assign(new Error(`${name}: not here`), { code: 'ENOTFOUND' }))
    : (lookup as Lookup)(name, options, done);
Object.assign(dns, { lookup: own });
syncBuiltinESMExports();
