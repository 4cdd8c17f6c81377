/** Limits of connections: how many, how fast, and how long the server waits for them. */

/** spec/smtp.md, Patience, argues the defaults. Times are in seconds, held to the second. A rate or a delay of 0 is none. */
export interface ConnectionLimits {
  /** Connections at a time, in all. */
  readonly connections: number;
  /** Connections at a time from one network. */
  readonly connectionsPerNetwork: number;
  /** New connections in a minute from one network, in the long run and at once. */
  readonly connectionsPerMinute: number;
  /** Leading bits of an IPv4 address that name a network. */
  readonly networkBits4: number;
  /** Leading bits of an IPv6 address that name a network. */
  readonly networkBits6: number;
  /** TLS handshakes under way at a time. */
  readonly handshakes: number;
  /** TLS handshakes under way at a time from one network. */
  readonly handshakesPerNetwork: number;
  /** A TLS handshake, or what a proxy says first. */
  readonly handshakeSeconds: number;
  /** Between connection and greeting. */
  readonly bannerSeconds: number;
  /** Waiting for the next whole command, or for a client that does not take its replies. */
  readonly commandSeconds: number;
  /** Waiting for the next octets of content. */
  readonly contentSeconds: number;
  /** Octets of content in a second, at least, over each minute. */
  readonly contentRate: number;
  /** Waiting for one answer of the application; then the connection is given up. */
  readonly applicationSeconds: number;
  /** The whole connection. */
  readonly sessionSeconds: number;
  /** After the session's end, waiting for the client to take the last replies, and to close. */
  readonly lingerSeconds: number;
  /** Faults of a session that are answered at once. */
  readonly quickErrors: number;
  /** What each further fault waits for its reply. */
  readonly errorSeconds: number;
  /** Unknown recipients that a network may name at once. */
  readonly quickGuesses: number;
  /** How often a network may name an unknown recipient in the long run. */
  readonly guessSeconds: number;
  /** A reply that would have to wait longer than this ends the session. */
  readonly tarpitSeconds: number;
  /** Between two lines of the log about one kind of event; those between are counted. 0: a line for each. */
  readonly logSeconds: number;
}

/**
 * The part that one of several processes has of limits that hold for all of them together, rounded up. How often a network
 * may do something takes as many times as long in each.
 */
export function shareOfLimits(limits: Partial<ConnectionLimits>, count: number): Partial<ConnectionLimits> {
  const all = { ...defaultConnectionLimits, ...limits };
  const part = (number: number) => Math.ceil(number / count);
  return {
    ...limits,
    connections: part(all.connections),
    connectionsPerNetwork: part(all.connectionsPerNetwork),
    connectionsPerMinute: part(all.connectionsPerMinute),
    handshakes: part(all.handshakes),
    handshakesPerNetwork: part(all.handshakesPerNetwork),
    quickGuesses: part(all.quickGuesses),
    guessSeconds: all.guessSeconds * count,
  };
}

export const defaultConnectionLimits: ConnectionLimits = {
  connections: 2000,
  connectionsPerNetwork: 1000,
  connectionsPerMinute: 600,
  networkBits4: 32,
  networkBits6: 64,
  handshakes: 200,
  handshakesPerNetwork: 50,
  handshakeSeconds: 30,
  bannerSeconds: 1,
  commandSeconds: 300,
  contentSeconds: 180,
  contentRate: 100,
  applicationSeconds: 600,
  sessionSeconds: 7200,
  lingerSeconds: 5,
  quickErrors: 10,
  errorSeconds: 1,
  quickGuesses: 50,
  guessSeconds: 2,
  tarpitSeconds: 30,
  logSeconds: 10,
};

/** Everything a log may learn of a connection: that something of this kind happened, never with whom. */
export type NetworkEvent =
  | 'connection capped'
  | 'connection timed out'
  | 'connection broken'
  | 'connection too slow'
  | 'early talker refused'
  | 'guessing slowed down'
  | 'handshake failed'
  | 'handshakes capped'
  | 'proxy header refused'
  | 'application failed'
  | 'accept failed';
