/** MTA-STS policy: fetches the file in which a domain says to its senders where they may deliver (RFC 8461 section 3.3). */
import { get } from 'node:https';

export type PolicyAnswer =
  | { readonly kind: 'found'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

export interface PolicyOptions {
  readonly milliseconds?: number;
  /** Where to connect, if not where the name says; whom to believe besides the roots that Node knows. */
  readonly host?: string;
  readonly port?: number;
  readonly ca?: string;
}

const usualMilliseconds = 5000;
const mostOctets = 65_536;

/** No redirect is followed, and the certificate must be good for the name, as senders want it. */
export function fetchPolicy(
  domain: string,
  { milliseconds = usualMilliseconds, host, port, ca }: PolicyOptions = {},
): Promise<PolicyAnswer> {
  const name = `mta-sts.${domain}`;
  return new Promise((resolve) => {
    const fail = (why: string) => resolve({ kind: 'failed', why });
    const options = {
      host: host ?? name,
      servername: name,
      headers: { host: name },
      path: '/.well-known/mta-sts.txt',
      signal: AbortSignal.timeout(milliseconds),
      agent: false,
      ...(port === undefined ? {} : { port }),
      ...(ca === undefined ? {} : { ca }),
    } as const;
    const request = get(options, (response) => {
      if (response.statusCode !== 200) {
        request.destroy();
        return fail(`the status is ${response.statusCode}`);
      }
      const type = response.headers['content-type'] ?? 'none';
      if (!/^text\/plain\b/i.test(type)) {
        request.destroy();
        return fail(`its type is ${type}, not text/plain`);
      }
      const pieces: Buffer[] = [];
      let octets = 0;
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        octets += piece.length;
        if (octets > mostOctets) request.destroy(new Error('it is too long'));
      });
      response.on('end', () => resolve({ kind: 'found', text: Buffer.concat(pieces).toString('utf8') }));
      response.on('error', (error) => fail(reasonOf(error)));
    });
    request.on('error', (error) => fail(reasonOf(error)));
  });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'ETIMEOUT';
  return error.code ?? error.message;
}
