/** Limits of connections: how many, and how long the server waits for them. */

/** spec/smtp.md argues the defaults. Times are seconds, held to the second. */
export interface ConnectionLimits {
  /** Connections at a time, in all. */
  readonly connections: number;
  /** Connections at a time from one network: an IPv4 address, or an IPv6 /64. */
  readonly connectionsPerNetwork: number;
  /** Waiting for the next whole command, or for a client that does not take its replies. */
  readonly commandSeconds: number;
  /** Waiting for the next octets of content. */
  readonly contentSeconds: number;
  /** The whole connection. */
  readonly sessionSeconds: number;
  /** After the last reply, waiting for the client to close. */
  readonly lingerSeconds: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  connections: 2000,
  connectionsPerNetwork: 1000,
  commandSeconds: 300,
  contentSeconds: 180,
  sessionSeconds: 7200,
  lingerSeconds: 5,
};

/** Everything a log may learn of a connection: that something of this kind happened, never with whom. */
export type NetworkEvent =
  | 'connection capped'
  | 'connection timed out'
  | 'connection broken'
  | 'application failed'
  | 'accept failed';
